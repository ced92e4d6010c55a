import { fileURLToPath } from 'node:url';
import { type ProgramResult, startProgram } from './run-program.ts';
import { userEnvironment } from './user-environment.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));

export interface TickloomCall {
  /** Working folder: `tickloom.yaml`, `.env` and `data` are looked for there. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command line as a user does, to its end. */
export function runTickloom(args: readonly string[], { cwd, env = {} }: TickloomCall): Promise<ProgramResult> {
  return startProgram(process.execPath, [LAUNCHER, ...args], { cwd, env: userEnvironment(env) }).ended;
}
