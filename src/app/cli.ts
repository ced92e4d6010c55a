import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { TickloomError, UsageError } from '../base/index.ts';
import { buildProgram } from './cli/program.ts';

const DONE = 0;
const FAILED = 1;
const BAD_USAGE = 2;

/**
 * The command line. Returns the exit status: 0 done, 1 failed, 2 bad usage or configuration.
 * @param args what follows the program's name.
 */
export async function main(args: readonly string[]): Promise<number> {
  let status = DONE;
  endQuietlyOnBrokenPipe();
  const program = buildProgram(readVersion(), (value) => {
    status = value;
  });
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return BAD_USAGE;
    }
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    return report(error, args);
  }
}

/** `tickloom … | head` is no failure: when the reader has gone, there is nobody left to write for. */
function endQuietlyOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(DONE);
    throw error;
  });
}

/** The version of the package, from sources and from the compiled tree alike. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function report(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) {
    // Commander has printed its sentence; help and version are no failures.
    return error.exitCode === 0 ? DONE : BAD_USAGE;
  }
  const wantsStack = args.some((arg) => /^(--log-level=)?(debug|trace)$/.test(arg));
  process.stderr.write(`tickloom: ${sentence(error, wantsStack)}\n`);
  return error instanceof UsageError ? BAD_USAGE : FAILED;
}

function sentence(error: unknown, wantsStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (wantsStack && error.stack !== undefined) return error.stack;
  return error instanceof TickloomError
    ? error.message
    : `unexpected failure: ${error.message} (--log-level debug shows where)`;
}
