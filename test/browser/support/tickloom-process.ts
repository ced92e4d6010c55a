import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../bin/tickloom.mjs', import.meta.url));
const START_MS = 50_000;

/** A running `tickloom start` on the demo source, with a data directory of its own. */
export interface TickloomProcess {
  readonly url: string;
  /** SIGTERM, as a person's Ctrl-C or a service manager does; resolves to the exit status. */
  stop(): Promise<number | null>;
}

/** Starts the program as a user does, on a free port, and waits until it says where it listens. */
export async function startTickloom(...flags: readonly string[]): Promise<TickloomProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tickloom-data-'));
  const child = spawn(process.execPath, [LAUNCHER, 'start', '--port', '0', '--data-dir', dataDir, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await listeningAt(child);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      const status = await exited;
      await rm(dataDir, { recursive: true, force: true });
      return status;
    },
  };
}

function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(
      () => reject(new Error(`tickloom did not start in ${START_MS} ms; it said:\n${said}`)),
      START_MS,
    );
    child.once('exit', (status) => reject(new Error(`tickloom ended with ${status}; it said:\n${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
