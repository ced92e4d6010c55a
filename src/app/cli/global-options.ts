import type { Command } from 'commander';
import { UsageError } from '../../base/index.ts';
import type { ConfigInputs } from '../config/index.ts';

/** Flags that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly set: readonly string[];
  readonly logLevel?: string;
  readonly color: boolean;
  readonly input: boolean;
}

export function addGlobalOptions(program: Command): Command {
  return program
    .option('--config <file>', 'configuration file (default: tickloom.yaml where there is one)')
    .option('--data-dir <dir>', 'folder of everything that is stored (default: ./data)')
    .option('--set <key=value>', 'set any configuration key, dotted; repeatable', collect, [])
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent')
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .option('--no-input', 'never ask anything');
}

/** Whether a stream gets colours: a capable terminal, and nobody said no. */
export function wantsColour(flag: boolean, stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, TERM } = process.env;
  return flag && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb' && stream.isTTY === true;
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** The configuration keys that the flags of a call stand for, weakest first. */
export function flagsToKeys(
  options: GlobalOptions,
  further: Readonly<Record<string, string | undefined>> = {},
): ConfigInputs['flags'] {
  const flags = options.set.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--set ${pair}: a pair KEY=VALUE is expected, for example --set bars.window=500.`);
    const key = pair.slice(0, at);
    return { key, value: pair.slice(at + 1), flag: '--set' };
  });
  const named: [string, string | undefined, string][] = [
    ['data_dir', options.dataDir, '--data-dir'],
    ['log.level', options.logLevel, '--log-level'],
    ...Object.entries(further).map(([key, value]): [string, string | undefined, string] => [key, value, flagName(key)]),
  ];
  for (const [key, value, flag] of named) if (value !== undefined) flags.push({ key, value, flag });
  return flags;
}

function flagName(key: string): string {
  const last = key.split('.').at(-1) as string;
  return `--${last.replaceAll('_', '-')}`;
}
