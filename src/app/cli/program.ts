import { Command, Option } from 'commander';
import { UsageError } from '../../base/index.ts';
import { nearest } from '../config/suggest.ts';
import type { ActionContext } from '../options.ts';
import { addGlobalOptions, flagsToKeys, type GlobalOptions, wantsColour } from './global-options.ts';
import {
  readCount,
  readPort,
  readSeed,
  readSpeed,
  readSymbol,
  readSymbols,
  readTime,
  readTimeframe,
} from './option-readers.ts';
import { listenForStop } from './stop-signal.ts';

/**
 * An action ends with its exit status. Its module, and the configuration with its schema and validator, are loaded only
 * when an action is called, so that help and complaints come at once.
 */
type Action = (context: ActionContext) => Promise<number>;

/** Runs an action with the effective configuration and a stop signal, and keeps its exit status. */
type Run = (command: Command, keys: Readonly<Record<string, string | undefined>>, action: Action) => Promise<void>;

/** The whole command line. @param onStatus told the exit status of the action that ran. */
export function buildProgram(version: string, onStatus: (status: number) => void): Command {
  const program = new Command('tickloom')
    .description('Weaves market data into one clean, stored, replayable tape, and into bars and features.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text, write) => write(printable(text)) })
    .exitOverride();
  addGlobalOptions(program);
  const run: Run = async (command, keys, action) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const { readConfiguration } = await import('../configuration.ts');
    const { config, entries, secrets } = await readConfiguration(options.config, flagsToKeys(options, keys));
    const stop = listenForStop(process.stderr);
    try {
      onStatus(
        await action({
          config,
          entries,
          secrets,
          stdout: process.stdout,
          stderr: process.stderr,
          useColour: wantsColour(options.color, process.stderr),
          stop: stop.signal,
        }),
      );
    } finally {
      stop.release();
    }
  };
  addStart(program, run);
  addBootstrap(program, run);
  addReplay(program, run);
  addImport(program, run);
  addExport(program, run);
  addMine(program, run);
  addVerify(program, run);
  addExplain(program, run);
  addAlerts(program, run);
  addSimulate(program, run);
  addDoctor(program, run);
  addConfig(program, run);
  addBench(program, run);
  refuseUnknown(program);
  return program;
}

/** Errors can quote what the user typed (or pasted): kept short and free of control characters. */
function printable(text: string): string {
  const clean = text
    .replace(/^error: /, 'tickloom: ')
    .replace(/[^\P{Cc}\n]/gu, '?')
    .trimEnd();
  return `${clean.length > MAX_ERROR_LENGTH ? `${clean.slice(0, MAX_ERROR_LENGTH)}…` : clean}\n`;
}

const MAX_ERROR_LENGTH = 600;

function refuseUnknown(program: Command): void {
  program.on('command:*', ([name]: string[]) => {
    const known = program.commands.map((command) => command.name());
    const close = nearest(name ?? '', known);
    throw new UsageError(
      `unknown command "${name}";${close === undefined ? '' : ` did you mean "${close}"?`} allowed: ${known.join(', ')}`,
    );
  });
}

function addStart(program: Command, run: Run): void {
  program
    .command('start')
    .description('run the main job: collect, record, compute, serve')
    .option('--source <names>', 'sources to run, in order of priority')
    .option('--symbols <list>', 'symbols to collect, comma-separated', readSymbols)
    .option('--port <n>', 'port of API and dashboard; 0 = any free one')
    .action(async (options: { source?: string; symbols?: string; port?: string }, command: Command) => {
      const keys = { source: options.source, symbols: options.symbols, 'api.port': options.port };
      await run(command, keys, async (context) => (await import('../live.ts')).runLive(context));
    });
}

function addBootstrap(program: Command, run: Run): void {
  program
    .command('bootstrap')
    .description('fetch the history that is missing, and say what is still missing and why')
    .option('--source <names>', 'sources to ask, in order (default: those of the configuration)')
    .option('--symbols <list>', 'symbols, comma-separated', readSymbols)
    .option('--days <n>', 'how far back (default: bootstrap.days)', readCount)
    .option('--timeframe <timeframe>', 'length of the bars (default: bootstrap.timeframe)', readTimeframe)
    .option('--to <time>', 'end of the history (RFC 3339 or date; default: now)', readTime)
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options, command: Command) => {
      await run(command, { symbols: options.symbols }, async (context) =>
        (await import('../bootstrap.ts')).runBootstrap(context, options),
      );
    });
}

function addReplay(program: Command, run: Run): void {
  withInput(program.command('replay'))
    .description('push recorded runs or files through the engine')
    .argument('<path...>', 'files or folders (CSV, CSV.gz, Parquet), or run:ID for a recorded run')
    .addOption(
      new Option('--speed <n>', 'multiple of real time, or max')
        .argParser(readSpeed)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .option('--from <time>', 'first event time (RFC 3339 or date)', readTime)
    .option('--to <time>', 'event time to stop before', readTime)
    .option('--symbols <list>', 'only these symbols', readSymbols)
    .option('--no-store', 'keep nothing')
    .option('--batch-size <n>', 'events per batch; the result does not depend on it', readCount, 4_096)
    .option('--json', 'one JSON document on standard output', false)
    .action(async (paths: string[], options, command: Command) => {
      await run(command, { symbols: options.symbols }, async (context) =>
        (await import('../replay.ts')).runReplay(context, { ...options, paths }),
      );
    });
}

function addImport(program: Command, run: Run): void {
  withInput(program.command('import'), [...ROW_KINDS, 'actions'])
    .description('bring files into the stores without running the engine')
    .argument('<path...>', 'files or folders (CSV, CSV.gz, Parquet)')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (paths: string[], options, command: Command) => {
      await run(command, {}, async (context) =>
        (await import('../import.ts')).runImport(context, { ...options, paths }),
      );
    });
}

function addExport(program: Command, run: Run): void {
  program
    .command('export')
    .description('write stored data to a file')
    .addOption(new Option('--symbol <symbol>', 'symbol to write').argParser(readSymbol).makeOptionMandatory())
    .addOption(choice('--kind <kind>', 'what to write', ['trades', 'quotes', 'bars', 'features']).makeOptionMandatory())
    .requiredOption('--out <path>', 'file to write (.csv.gz compresses); - for standard output')
    .option('--timeframe <timeframe>', 'timeframe of bars; with quotes: the last quote of each', readTimeframe)
    .addOption(choice('--format <format>', 'form of the file', ['csv', 'parquet']).default('csv'))
    .option('--from <time>', 'first time (RFC 3339 or date)', readTime)
    .option('--to <time>', 'time to stop before', readTime)
    .addOption(choice('--ts <form>', 'times as epoch milliseconds or RFC 3339', ['ms', 'iso']).default('ms'))
    .addOption(choice('--columns <which>', 'columns to write', ['default', 'all']).default('default'))
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options, command: Command) => {
      await run(command, {}, async (context) => (await import('../export.ts')).runExport(context, options));
    });
}

function addMine(program: Command, run: Run): void {
  program
    .command('mine')
    .description('mine a portfolio of tolerance patterns from history, walk-forward')
    .argument('<path...>', 'files or folders (CSV, CSV.gz, Parquet), a data directory, or run:ID for a recorded run')
    .requiredOption('--out <path>', 'portfolio file to write; - for standard output')
    .option('--timeframe <timeframe>', 'timeframe of the patterns', readTimeframe, '15m')
    .option('--patterns <n>', 'patterns that the portfolio gets', readCount, 20)
    .option('--horizon <bars>', 'bars until a pattern expires', readCount, 20)
    .option('--seed <n>', 'seed of everything that is left to chance', readSeed, 1)
    .option('--json', 'one JSON document on standard output', false)
    .action(async (paths: string[], options, command: Command) => {
      await run(command, {}, async (context) => (await import('../mine.ts')).runMine(context, { ...options, paths }));
    });
}

function addVerify(program: Command, run: Run): void {
  withInput(program.command('verify'))
    .description('prove replay parity of a recorded run, or prefix invariance on a tape')
    .argument('[path...]', 'files or folders to verify on; none = a recorded run')
    .option('--run <id>', 'recorded run to replay; latest for the newest')
    .option('--prefix', 'run the pipeline on prefixes and compare every output', false)
    .option('--signals', 'prove that the signal log was not edited, and name the first broken link', false)
    .option('--head <hash>', 'with --signals: a hash noted earlier that the log must hold')
    .option('--plant-leak', 'let features see one bar ahead: the prefix check must then fail', false)
    .option('--json', 'one JSON document on standard output', false)
    .action(async (paths: string[], options, command: Command) => {
      await run(command, {}, async (context) =>
        (await import('../verify.ts')).runVerify(context, { ...options, paths }),
      );
    });
}

function addExplain(program: Command, run: Run): void {
  program
    .command('explain')
    .description('walk a signal or pattern back: probability, pattern, bar, trades, with source and clock of each')
    .argument('<id>', 'id of an event, or number of a statement')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (id: string, options: { json: boolean }, command: Command) => {
      await run(command, {}, async (context) =>
        (await import('../explain.ts')).runExplain(context, { ...options, id }),
      );
    });
}

function addAlerts(program: Command, run: Run): void {
  program
    .command('alerts')
    .description('alert rules')
    .command('dry-run')
    .description('say how often the rules would have fired in the stored past; nothing is sent')
    .option('--rule <name>', 'only this rule')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options: { rule?: string; json: boolean }, command: Command) => {
      await run(command, {}, async (context) => (await import('../alerts.ts')).runAlertsDryRun(context, options));
    });
}

function addSimulate(program: Command, run: Run): void {
  withInput(program.command('simulate'))
    .description('speak the protocol of a provider and play a tape, with faults on request')
    .argument('<name>', 'provider: alpaca, polygon, binance, finnhub, twelvedata, alphavantage, yahoo, coingecko, fred')
    .requiredOption('--from <path...>', 'tape to play: files or folders (CSV, CSV.gz, Parquet), or run:ID')
    .option('--port <n>', 'port of WebSocket and REST; 0 = any free one', readPort, 0)
    .option('--speed <n>', 'multiple of real time, or max', readSpeed, 1)
    .option('--seed <n>', 'seed of everything that is left to chance', readSeed, 1)
    .option('--fault <kind[=arg]>', 'fault to play; repeatable (docs/simulators.md)', collect, [])
    .addOption(choice('--rebase <when>', 'shift the tape so that it begins when the simulator starts', ['now']))
    .addOption(choice('--start <when>', 'what starts the tape', ['subscribe', 'request', 'launch']))
    .addOption(choice('--history <which>', 'what REST history holds of the tape', ['played', 'all']))
    .option('--log <file>', 'JSON lines: what was sent, and every request with its time')
    .option('--key <key>', 'the one key that is accepted; without it any is')
    .option('--secret <secret>', 'the secret that belongs to the key')
    .option('--tls-cert <file>', 'certificate (PEM): serve https and wss instead')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .action(async (name: string, options, command: Command) => {
      await run(command, {}, async (context) =>
        (await import('../simulate.ts')).runSimulate(context, { ...options, name }),
      );
    });
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('say what is configured, reachable, slow or broken')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options, command: Command) => {
      await run(command, {}, async (context) => (await import('../doctor.ts')).runDoctor(context, options));
    });
}

function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('check or print the effective configuration, or an example');
  config
    .command('check')
    .description('say whether the configuration is valid')
    .action(async (_options, command: Command) => {
      await run(command, {}, async (context) => (await import('../print-config.ts')).runConfigCheck(context));
    });
  config
    .command('print')
    .description('print every key with its value and where it comes from')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (options: { json: boolean }, command: Command) => {
      await run(command, {}, async (context) => (await import('../print-config.ts')).runConfigPrint(context, options));
    });
  config
    .command('example')
    .description('print a configuration file with every key, its default and its meaning')
    .action(async () => {
      const { exampleFile } = await import('../config/documents.ts');
      process.stdout.write(exampleFile());
    });
}

function addBench(program: Command, run: Run): void {
  program
    .command('bench')
    .description('measure speed as ratios against peers and ceilings')
    .argument('[name...]', 'figures to take; none = all')
    .option('--json', 'one JSON document on standard output', false)
    .action(async (names: string[], options: { json: boolean }, command: Command) => {
      await run(command, {}, async (context) => (await import('../bench.ts')).runBench(context, { ...options, names }));
    });
}

const ROW_KINDS = ['trades', 'quotes', 'bars'] as const;

function withInput(command: Command, kinds: readonly string[] = ROW_KINDS): Command {
  return command
    .option('--symbol <symbol>', 'symbol of the rows, where the path does not say it', readSymbol)
    .addOption(choice('--kind <kind>', 'kind of the rows, where the path does not say it', kinds))
    .option('--timeframe <timeframe>', 'timeframe of bars, where the path does not say it', readTimeframe);
}

function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values);
}
