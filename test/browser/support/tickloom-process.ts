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
  readonly dataDir: string;
  /** SIGKILL; resolves when the process is gone. Its data stays for a run that is started after it. */
  kill(): Promise<void>;
  /** SIGTERM, as a person's Ctrl-C or a service manager does; resolves to the exit status. */
  stop(): Promise<number | null>;
}

/**
 * Starts the program as a user does, and waits until it says where it listens.
 * @param before a killed run whose port and data are taken over; without it any free port and a new directory
 */
export async function startTickloom(before?: TickloomProcess): Promise<TickloomProcess> {
  const dataDir = before?.dataDir ?? (await mkdtemp(join(tmpdir(), 'tickloom-data-')));
  const port = before === undefined ? '0' : new URL(before.url).port;
  const child = spawn(process.execPath, [LAUNCHER, 'start', '--port', port, '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await listeningAt(child);
  return {
    url,
    dataDir,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
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
