import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** How a program ended and what it said. */
export interface ProgramResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started program: its process, the text so far, and its end. */
export interface RunningProgram {
  readonly process: ChildProcess;
  /** Resolves when the program has ended and its output is read to the end. */
  readonly ended: Promise<ProgramResult>;
  /** Resolves with the match once stdout or stderr matches; rejects when the program ends first. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts a program and collects what it says. The caller ends it. */
export function startProgram(command: string, args: readonly string[], options: SpawnOptions = {}): RunningProgram {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    notify();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    notify();
  });
  const ended = new Promise<ProgramResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const waitFor = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match === null) return;
        watchers.delete(look);
        resolve(match);
      };
      watchers.add(look);
      look();
      const tell = (result: ProgramResult): void =>
        reject(
          new Error(`ended (${result.code ?? result.signal}) before ${pattern}:\n${result.stdout}\n${result.stderr}`),
        );
      ended.then(tell, reject);
    });
  return { process: child, ended, waitFor };
}
