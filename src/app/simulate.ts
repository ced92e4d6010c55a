import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { UsageError } from '../base/index.ts';
import { systemClock, systemCode } from '../host/index.ts';
import { FAULTS, findSimulator, parseFault, SimulatedTape, Simulator, SimulatorLog } from '../simulators/index.ts';
import type { ActionContext, SimulateOptions } from './options.ts';
import { replayInput } from './replay-input.ts';

/** Plays a tape as a provider would, until stopped. */
export async function runSimulate(context: ActionContext, options: SimulateOptions): Promise<number> {
  const { stop, stderr } = context;
  const definition = findSimulator(options.name);
  const faults = options.fault.map(parseFault);
  if (options.from.length === 0) {
    throw new UsageError('--from PATH is needed: the tape to play (files, folders, or run:ID).', { subject: 'from' });
  }
  if (options.secret !== undefined && options.key === undefined) {
    throw new UsageError('--secret is of no use without --key.', { subject: 'secret' });
  }
  const tls = await readTls(options);
  const input = await replayInput(options.from, context.config, options);
  await input.check();
  const universe = input.newUniverse();
  const tape = await SimulatedTape.load(input.open(universe), universe);
  const log = await SimulatorLog.open(options.log, systemClock);
  const simulator = new Simulator(definition, {
    tape,
    speed: options.speed,
    seed: options.seed,
    faults,
    rebase: options.rebase === 'now',
    ...(options.start === undefined ? {} : { start: options.start }),
    ...(options.history === undefined ? {} : { history: options.history }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.secret === undefined ? {} : { secret: options.secret }),
    ...(tls === undefined ? {} : { tls }),
    clock: systemClock,
    log,
    onEnded: () =>
      stderr.write(`the tape has ended (${counted(simulator.counters())}); history stays; stop with Ctrl-C\n`),
  });
  const port = await simulator.listen(options.port);
  const s = tls === undefined ? '' : 's';
  const address = `://127.0.0.1:${port}`;
  const stream = definition.hasStream ? ` and ws${s}${address}` : '';
  stderr.write(`${definition.name}: ${tape.length} events on http${s}${address}${stream}\n`);
  for (const fault of faults) stderr.write(`fault ${fault.kind}: ${FAULTS[fault.kind].summary}\n`);
  await stopped(stop);
  await simulator.close();
  return 0;
}

async function readTls({ tlsCert, tlsKey }: SimulateOptions): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('--tls-cert and --tls-key belong together.', { subject: 'tls' });
  }
  const [cert, key] = await Promise.all([readPem('--tls-cert', tlsCert), readPem('--tls-key', tlsKey)]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${tlsCert} and ${tlsKey} are no certificate with its key (${problem}).`, {
      subject: 'tls',
      cause,
    });
  }
  return { cert, key };
}

async function readPem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`${flag} ${path} cannot be read (${systemCode(cause) ?? String(cause)}).`, {
      subject: flag,
      cause,
    });
  }
}

function counted(counters: Readonly<Record<string, number>>): string {
  return Object.entries(counters)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${value} ${name}`)
    .join(', ');
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
