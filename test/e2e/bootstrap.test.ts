import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatMicros } from '../../src/base/index.ts';
import { type PlantedHole, writeHistoryTape } from '../support/history-tape.ts';
import { startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';
import { answerOf, exported, scratch, startTickloom, type VerifyReport } from './tickloom.ts';

/** `TICKLOOM_TEST_BOOTSTRAP=50x90` runs the full size: symbols times days. */
const [SYMBOLS = 5, DAYS = 45] = (process.env['TICKLOOM_TEST_BOOTSTRAP'] ?? '5x45').split('x').map(Number);
const LAUNCHER = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));
/** Requests that the provider's plan allows at once. */
const CONCURRENT = 4;
const MINUTE_US = 60_000_000;

interface Report {
  readonly state: string;
  readonly expected: number;
  readonly present: number;
  readonly from: string;
  readonly fetched_ranges: number;
  readonly fetched_bars: number;
  readonly recorded_bars: number;
  readonly backfilled_bars: number;
  readonly missing_by_reason: Readonly<Record<string, number>>;
  readonly symbols: readonly {
    readonly symbol: string;
    readonly missing: readonly { from: string; to: string; bars: number; reason: string }[];
  }[];
}

interface LedgerLine {
  readonly type: string;
  readonly symbol: string;
  readonly fromUs: number;
}

function linesOf<Line>(path: string): Line[] {
  if (!existsSync(path)) return [];
  const whole = readFileSync(path, 'utf8');
  const lines = whole.slice(0, whole.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

/** Requests of the simulator's log as `symbol start`. */
function requestsOf(path: string): string[] {
  return linesOf<{ type: string; url: string; status: number }>(path).flatMap(({ type, url, status }) => {
    if (type !== 'request' || status !== 200) return [];
    const query = new URL(url, 'http://simulator').searchParams;
    return [`${query.get('symbols')} ${query.get('start')}`];
  });
}

describe('tickloom bootstrap', () => {
  test(`${DAYS} days of ${SYMBOLS} symbols, killed twice in the middle: complete, nothing fetched again, holes named`, async () => {
    using folder = scratch();
    const tapeFolder = join(folder.path, 'tape');
    mkdirSync(tapeFolder);
    const dataDir = join(folder.path, 'data');
    const symbols = Array.from({ length: SYMBOLS }, (_, i) => `S${String.fromCharCode(65 + (i % 26))}${i}`);
    const planted: PlantedHole[] = [
      { symbol: symbols[1] as string, day: 3, first: 10, count: 5 },
      { symbol: symbols[1] as string, day: 3, first: 40, count: 1 },
      { symbol: symbols[2] as string, day: 5, first: 0, count: 390 },
      { symbol: symbols[4] as string, day: 9, first: 380, count: 10 },
    ];
    const tape = writeHistoryTape(tapeFolder, symbols, DAYS + 1, Date.now() * 1_000, MINUTE_US, planted);
    const log = join(folder.path, 'simulator.jsonl');
    const flags = ['--history', 'all', '--fault', 'slow=60ms', '--log', log];
    const simulator = startTickloom(['simulate', 'alpaca', '--from', tapeFolder, ...flags]);
    try {
      const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const args = [
        ...['bootstrap', '--source', 'alpaca', '--symbols', symbols.join(','), '--days', String(DAYS)],
        ...['--timeframe', '1m', '--data-dir', dataDir, '--json'],
        ...['--set', `sources.alpaca.rest_url=http://127.0.0.1:${port}`],
      ];
      const env = userEnvironment({ ALPACA_API_KEY_ID: 'test-key', ALPACA_API_SECRET_KEY: 'test-secret' });
      const run = () => startProgram(process.execPath, [LAUNCHER, ...args], { cwd: folder.path, env });
      const ledger = join(dataDir, 'bootstrap', 'ledger.jsonl');
      const finished = (): string[] =>
        linesOf<LedgerLine>(ledger).flatMap(({ type, symbol, fromUs }) =>
          type === 'finished' ? [`${symbol} ${formatMicros(fromUs)}`] : [],
        );
      for (const least of [SYMBOLS, 2 * SYMBOLS]) {
        const before = finished();
        const asked = requestsOf(log).length;
        const program = run();
        await expect.poll(() => finished().length, { timeout: 120_000, interval: 20 }).toBeGreaterThanOrEqual(least);
        program.process.kill('SIGKILL');
        await program.ended;
        const again = requestsOf(log).slice(asked);
        expect(again.filter((request) => before.includes(request))).toEqual([]);
      }
      // A third time while the bars go onto the tape.
      {
        const program = run();
        const segments = join(dataDir, 'tape');
        const tapeBytes = (): number =>
          existsSync(segments) ? readdirSync(segments).reduce((sum, name) => sum + sizeOf(join(segments, name)), 0) : 0;
        await expect.poll(tapeBytes, { timeout: 120_000, interval: 5 }).toBeGreaterThan(20_000);
        program.process.kill('SIGKILL');
        await program.ended;
      }
      const before = finished();
      const asked = requestsOf(log).length;
      const started = performance.now();
      const { code, stdout, stderr } = await run().ended;
      const wallS = (performance.now() - started) / 1_000;
      expect(stderr).not.toContain('unexpected');
      expect(code).toBe(0);
      const report = JSON.parse(stdout) as Report;
      const last = requestsOf(log).slice(asked);
      expect(last.filter((request) => before.includes(request))).toEqual([]);
      // Those that were under way when the run before was killed were answered after it.
      expect(last.length - report.fetched_ranges).toBeLessThanOrEqual(CONCURRENT);

      expect(report.state).toBe('complete');
      const found = report.symbols.flatMap(({ symbol, missing }) =>
        missing.map(({ from, to, bars }) => ({ symbol, from: shorter(from), to: shorter(to), bars })),
      );
      expect(found).toEqual(tape.holes.filter(({ from }) => from >= report.from));
      const lost = found.reduce((sum, { bars }) => sum + bars, 0);
      expect(report.present).toBe(report.expected - lost);
      expect(report.missing_by_reason).toEqual({ 'no-trades': 16, 'provider-has-none': 390 });
      console.info(
        `bootstrap ${SYMBOLS}x${DAYS}: ${report.present} bars, ${finished().length} ranges, last run ${wallS.toFixed(1)} s`,
      );

      // The tape has every bar once, and the stores too.
      const verified = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
      expect(verified).toMatchObject({ duplicates: 0, holes: 0, digest_ok: true });
      expect(lastSeq(dataDir)).toBe(report.present + 1);
      const [symbol] = symbols as [string];
      const stored = await exported(dataDir, symbol, 'bars', '--timeframe', '1m');
      expect(new Set(stored.map(({ ts }) => ts)).size).toBe(stored.length);
      const wanted = readFileSync(tape.paths[0] as string, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1);
      const fromMs = Date.parse(report.from);
      expect(
        stored.map(({ ts, open, high, low, close, volume }) => [ts, open, high, low, close, volume].map(Number)),
      ).toEqual(wanted.map((line) => line.split(',').map(Number)).filter(([ts]) => (ts as number) >= fromMs));

      // Once more: all is there, nothing of it is asked for again.
      const askedBefore = new Set(requestsOf(log));
      const answered = requestsOf(log).length;
      const second = JSON.parse((await run().ended).stdout) as Report;
      expect(second.present).toBeGreaterThanOrEqual(report.present);
      expect(
        requestsOf(log)
          .slice(answered)
          .filter((request) => askedBefore.has(request)),
      ).toEqual([]);
    } finally {
      simulator.process.kill('SIGTERM');
      await simulator.ended;
    }
  }, 400_000);

  test('history before what the engine has goes to the stores; what one provider refuses the next gives', async () => {
    using folder = scratch();
    const tapeFolder = join(folder.path, 'tape');
    mkdirSync(tapeFolder);
    const dataDir = join(folder.path, 'data');
    const tape = writeHistoryTape(tapeFolder, ['AAA', 'BBB'], 9, Date.now() * 1_000, MINUTE_US, []);
    const simulate = (name: string, ...flags: string[]) =>
      startTickloom(['simulate', name, '--from', tapeFolder, '--history', 'all', ...flags]);
    const first = simulate('polygon', '--fault', 'wrong-key');
    const second = simulate('alpaca');
    try {
      const [, polygon] = await first.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const [, alpaca] = await second.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const environment = { POLYGON_API_KEY: 'k', ALPACA_API_KEY_ID: 'test-key', ALPACA_API_SECRET_KEY: 'test-secret' };
      const bootstrap = async (...flags: string[]): Promise<Report> => {
        const args = [
          ...['bootstrap', '--source', 'polygon,alpaca', '--symbols', 'AAA,BBB', '--data-dir', dataDir, '--json'],
          ...['--set', `sources.polygon.rest_url=http://127.0.0.1:${polygon}`],
          ...['--set', `sources.alpaca.rest_url=http://127.0.0.1:${alpaca}`, ...flags],
        ];
        const env = userEnvironment(environment);
        const { code, stdout, stderr } = await startProgram(process.execPath, [LAUNCHER, ...args], { env }).ended;
        if (code !== 0) throw new Error(`${code}: ${stderr}${stdout}`);
        return JSON.parse(stdout) as Report;
      };
      const young = await bootstrap('--days', '2');
      expect(young.recorded_bars).toBe(young.fetched_bars);
      const whole = await bootstrap('--days', '8');
      expect(whole.recorded_bars).toBe(0);
      expect(whole.backfilled_bars).toBe(whole.fetched_bars);
      expect(whole.present).toBe(whole.expected);
      for (const [timeframe, minutes] of [
        ['1m', 1],
        ['5m', 5],
      ] as const) {
        const stored = await exported(dataDir, 'AAA', 'bars', '--timeframe', timeframe);
        const starts = stored.map(({ ts }) => Number(ts));
        const inTape = readFileSync(tape.paths[0] as string, 'utf8')
          .trimEnd()
          .split('\n')
          .slice(1);
        const wanted = inTape.map((line) => Number(line.split(',')[0])).filter((ts) => ts >= Date.parse(whole.from));
        const length = minutes * 60_000;
        expect(starts).toEqual([...new Set(wanted.map((ts) => Math.floor(ts / length) * length))]);
      }
      const verified = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
      expect(verified).toMatchObject({ duplicates: 0, holes: 0, digest_ok: true });
    } finally {
      for (const { process: child, ended } of [first, second]) {
        child.kill('SIGTERM');
        await ended;
      }
    }
  }, 60_000);
});

/** Size of a file; 0 for one that is gone or no file. */
function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : 0;
}

/** The last event of the tape: every event is a bar, but for the one that lets time pass at the end. */
function lastSeq(dataDir: string): number {
  const folder = join(dataDir, 'tape', 'runs');
  const runs = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { lastSeq?: number },
  );
  return Math.max(...runs.map((run) => run.lastSeq ?? 0));
}

function shorter(time: string): string {
  return time.replace(/\.0+Z$/, 'Z');
}
