import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerOf, exported, LiveTickloom, replay, scratch, startTickloom, type VerifyReport } from './tickloom.ts';

const ROWS = 3_200;
const FIRST_MS = 1_763_650_800_000;
const KILLS = 5;

interface SourceList {
  readonly sources: readonly {
    readonly id: string;
    readonly role: string;
    readonly serves: number;
    readonly take_overs: number;
  }[];
}

/** Thirty-two seconds of trades at 100 a second, some of them equal. */
function tape(): readonly { readonly ms: number; readonly line: string }[] {
  return Array.from({ length: ROWS }, (_, i) => {
    const ms = FIRST_MS + 10 * i;
    return { ms, line: `${ms},${i + 1},${100 + ((i >> 1) % 9) / 100},${1 + (i % 3)}` };
  });
}

function write(path: string, rows: ReturnType<typeof tape>): string {
  writeFileSync(path, `ts,id,price,size\n${rows.map(({ line }) => line).join('\n')}\n`);
  return path;
}

const COMPARED = ['ts', 'open', 'high', 'low', 'close', 'volume', 'trades'] as const;

test('the primary simulator is killed and brought back five times while a secondary plays the same tape: the bars of an undisturbed run', async () => {
  using folder = scratch();
  const rows = tape();
  const whole = write(join(folder.path, 'AAPL.trades.csv'), rows);
  const simulate = async (name: string, path: string, port: string, ...more: string[]) => {
    const program = startTickloom(['simulate', name, '--from', path, '--symbol', 'AAPL', '--port', port, ...more]);
    const [, found] = await program.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
    return { program, port: found as string };
  };
  const secondary = await simulate('polygon', whole, '0');
  let primary = await simulate('alpaca', whole, '0');
  const dataDir = join(folder.path, 'data');
  const address = (name: string, port: string) => [
    ...['--set', `sources.${name}.stream_url=ws://127.0.0.1:${port}`],
    ...['--set', `sources.${name}.rest_url=http://127.0.0.1:${port}`],
  ];
  try {
    await using live = await LiveTickloom.startWith(
      { ALPACA_API_KEY_ID: 'key', ALPACA_API_SECRET_KEY: 'secret', POLYGON_API_KEY: 'key' },
      dataDir,
      ...['--source', 'alpaca,polygon', '--symbols', 'AAPL', '--set', 'clock=source', '--set', 'mode=realtime'],
      // A busy machine takes seconds to start a simulator: so far behind is the primary when it is back.
      ...['--set', 'failover.fail_back_after_s=0.3', '--set', 'failover.max_lag_s=15'],
      ...['--set', 'bootstrap.on_start=false'],
      ...['--set', 'bars.timeframes=1s,1m'],
      ...address('alpaca', primary.port),
      ...address('polygon', secondary.port),
    );
    const primaryServes = async (): Promise<boolean> => {
      const { sources } = await live.get<SourceList>('/api/v1/sources');
      return sources.some(({ id, serves }) => id === 'alpaca' && serves === 1);
    };
    const newestMs = async (): Promise<number> => {
      const { sources } = await live.get<{ sources: readonly { last_event_at: string | null }[] }>('/api/v1/sources');
      return Math.max(...sources.map(({ last_event_at }) => Date.parse(last_event_at ?? '1970-01-01')));
    };
    for (let kill = 1; kill <= KILLS; kill++) {
      await expect.poll(primaryServes, { timeout: 30_000 }).toBe(true);
      // A connection that lived shorter than the wait before it makes the next wait longer.
      await new Promise((done) => setTimeout(done, 1_300));
      primary.program.process.kill('SIGKILL');
      await primary.program.ended;
      await expect.poll(primaryServes, { timeout: 5_000 }).toBe(false);
      const fromMs = await newestMs();
      const rest = write(join(folder.path, `rest-${kill}.csv`), rows.slice(rows.findIndex(({ ms }) => ms >= fromMs)));
      primary = await simulate('alpaca', rest, primary.port, '--kind', 'trades', '--start', 'launch');
    }
    const accepted = async (): Promise<number> => {
      const text = await (await fetch(`${live.url}/metrics`)).text();
      const counts = text.matchAll(/^tickloom_events_accepted_total\{(?=[^}]*kind="trade")[^}]*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    await expect.poll(accepted, { timeout: 30_000 }).toBe(ROWS);
    const { sources } = await live.get<SourceList>('/api/v1/sources');
    expect(sources.find(({ id }) => id === 'polygon')?.take_overs).toBe(KILLS);
    const gaps = await live.get<{ gaps: readonly { state: string }[] }>('/api/v1/gaps');
    expect(gaps.gaps.map(({ state }) => state)).toContain('other_source');
    const status = await live.get<SourceList>('/ml/realtime/status');
    expect(status.sources.map(({ id }) => id)).toEqual(['alpaca', 'polygon']);
    const answer = await fetch(`${live.url}/api/v1/data/stocks/AAPL?timeframe=1s`);
    expect(answer.headers.get('x-data-stale')).toMatch(/^(true|false)$/);
    expect(Number(answer.headers.get('x-data-age-s'))).toBeGreaterThanOrEqual(0);
    expect((await live.stop()).code).toBe(0);
  } finally {
    for (const { process } of [primary.program, secondary.program]) process.kill('SIGKILL');
    await Promise.all([primary.program.ended, secondary.program.ended]);
  }
  const stored = await exported(dataDir, 'AAPL', 'trades', '--columns', 'all');
  const printOf = ({ ts, price, size }: Readonly<Record<string, string>>) => `${ts},${price},${size}`;
  const told = rows.map(({ line }) => line.split(',')).map(([ts, , price, size]) => `${ts},${price},${size}`);
  expect(stored.map(printOf).sort()).toEqual([...told].sort());
  const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
  expect(report).toMatchObject({ duplicates: 0, holes: 0, digest_ok: true });
  const clean = join(folder.path, 'clean');
  await replay(clean, [whole], '--set', 'bars.timeframes=1s,1m');
  const bars = async (dir: string) =>
    (await exported(dir, 'AAPL', 'bars', '--timeframe', '1s')).map((bar) => COMPARED.map((name) => bar[name]));
  const wanted = await bars(clean);
  // The clock follows the events, so the last two bars of the live run are still open for stragglers.
  expect(wanted.length).toBe(ROWS / 100);
  const closed = ROWS / 100 - 2;
  expect((await bars(dataDir)).slice(0, closed)).toEqual(wanted.slice(0, closed));
}, 240_000);
