import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProgramResult, type RunningProgram, startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));

/** The folder of recorded market data, and whether it is there. */
export const DATA = resolve(process.env['TICKLOOM_TEST_DATA'] ?? '../shared/data');
export const hasData = existsSync(join(DATA, 'ticks'));

/** What `tickloom replay --json` prints. */
export interface ReplayReport {
  readonly events: number;
  readonly trades: number;
  readonly quotes: number;
  readonly bars: number;
  readonly revisions: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly gaps: number;
  readonly events_per_s: number;
  readonly speed: number;
  readonly digest: string;
  readonly final_bars_digest: string;
}

/** What `tickloom verify --run ID --json` prints. */
export interface VerifyReport {
  readonly run: string;
  readonly events: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly duplicates: number;
  readonly holes: number;
  readonly digest: string;
  readonly digest_ok: boolean;
  readonly state: string;
}

/** What the tests read of `/health`. */
export interface Health {
  readonly status: string;
  readonly components: {
    readonly sources: Readonly<Record<string, { readonly status: string }>>;
    readonly recorder: { readonly status: string; readonly last_seq: number; readonly durable_seq: number };
  };
  readonly data_freshness: Readonly<Record<string, { readonly age_s: number | null }>>;
}

/** A folder of one's own that is gone afterwards: `using folder = scratch()`. */
export function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'tickloom-e2e-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts the program as a user would, in a folder without a configuration file. */
export function startTickloom(
  args: readonly string[],
  cwd = tmpdir(),
  environment: Readonly<Record<string, string>> = {},
): RunningProgram {
  return startProgram(process.execPath, [LAUNCHER, ...args], { cwd, env: { ...userEnvironment(), ...environment } });
}

export function tickloom(args: readonly string[], cwd?: string): Promise<ProgramResult> {
  return startTickloom(args, cwd).ended;
}

/** Runs a command with `--json` that must end well. */
export async function answerOf<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await tickloom([...args, '--json']);
  if (code !== 0) throw new Error(`tickloom ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
}

export function replay(dataDir: string, paths: readonly string[], ...flags: readonly string[]): Promise<ReplayReport> {
  return answerOf<ReplayReport>(['replay', ...paths, '--data-dir', dataDir, ...flags]);
}

/** The lines of an exported CSV file, as one object per row. */
export async function exported(
  dataDir: string,
  symbol: string,
  kind: 'bars' | 'trades' | 'quotes',
  ...flags: readonly string[]
): Promise<Readonly<Record<string, string>>[]> {
  const args = ['export', '--data-dir', dataDir, '--symbol', symbol, '--kind', kind, '--out', '-', ...flags];
  const { code, stdout, stderr } = await tickloom(args);
  if (code !== 0) throw new Error(`tickloom ${args.join(' ')} ended with ${code}: ${stderr}`);
  return csvRows(stdout);
}

export function csvRows(text: string): Readonly<Record<string, string>>[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const names = (head ?? '').split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? '']));
  });
}

/** A started `tickloom start` whose API answers. */
export class LiveTickloom {
  readonly program: RunningProgram;
  readonly url: string;

  private constructor(program: RunningProgram, url: string) {
    this.program = program;
    this.url = url;
  }

  /** Starts on a free port and waits until the API answers. */
  static start(dataDir: string, ...flags: readonly string[]): Promise<LiveTickloom> {
    return LiveTickloom.startWith({}, dataDir, ...flags);
  }

  /** The same with variables in its environment, for keys. */
  static async startWith(
    environment: Readonly<Record<string, string>>,
    dataDir: string,
    ...flags: readonly string[]
  ): Promise<LiveTickloom> {
    const program = startTickloom(['start', '--port', '0', '--data-dir', dataDir, ...flags], undefined, environment);
    const [, url] = await program.waitFor(/(http:\/\/[^\s:]+:\d+)/);
    return new LiveTickloom(program, url as string);
  }

  async health(): Promise<Health> {
    const response = await fetch(`${this.url}/health`);
    return (await response.json()) as Health;
  }

  /** Polls `/health` until it is as wanted. */
  async untilHealth(isWanted: (health: Health) => boolean): Promise<Health> {
    for (;;) {
      const health = await this.health();
      if (isWanted(health)) return health;
      if (this.program.process.exitCode !== null) throw new Error('it ended while it was waited for');
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Signals it and waits for its end. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<ProgramResult & { readonly wallMs: number }> {
    const startedMs = performance.now();
    this.program.process.kill(signal);
    const result = await this.program.ended;
    return { ...result, wallMs: performance.now() - startedMs };
  }

  /** For the end of a test, whatever happened in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { process: child } = this.program;
    if (child.exitCode === null && child.signalCode === null) await this.stop('SIGKILL');
  }
}
