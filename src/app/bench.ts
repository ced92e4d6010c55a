import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import type { ActionContext, BenchOptions } from './options.ts';

/** Folder of the clone: this file lies two folders below it, compiled or not. */
const HARNESS = join(import.meta.dirname, '..', '..', 'bench', 'run.ts');

/**
 * Runs the benchmarks of a clone in a process of their own and passes on its exit code.
 * @throws TickloomError where there is no clone: peers and harness are no part of the published package.
 */
export function runBench(context: ActionContext, options: BenchOptions): Promise<number> {
  if (!existsSync(HARNESS)) {
    throw new TickloomError(
      'needs-clone',
      'The benchmarks and the peers they compare with are not part of the installed package; run this in a clone of the repository.',
      { subject: 'bench' },
    );
  }
  const args = [HARNESS, ...options.names, ...(options.json ? ['--json'] : [])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    context.stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
