import { describe, expect, it } from 'vitest';
import { DEFAULT_ENGINE_SETTINGS, Engine } from '../../src/engine/index.ts';
import { systemClock } from '../../src/host/index.ts';
import { type Bar, Universe } from '../../src/model/index.ts';
import { DemoSource } from '../../src/sources/index.ts';
import { TestSocket } from '../api/test-socket.ts';
import { answerOf, exported, LiveTickloom, scratch, type VerifyReport } from './tickloom.ts';

const SYMBOLS = ['AAPL', 'BTCUSD', 'EURUSD'];
const RATE = 1_000;
const TIMEFRAMES = ['1s', '10s', '1m'];
const SECOND_US = 1_000_000;

interface GapList {
  readonly gaps: readonly {
    readonly symbol: string;
    readonly state: string;
    readonly reason: string;
    readonly repaired: number;
  }[];
}

/** What the bars of [fromUs, toUs) are when nothing breaks: the same market through the engine, in its order. */
function cleanBars(fromUs: number, toUs: number): Map<string, string> {
  const universe = new Universe();
  const last = new Map<string, Bar>();
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: TIMEFRAMES, features: ['sma_5'] };
  const engine = new Engine(settings, universe, {
    onBar: (bar) => void last.set(`${universe.symbol(bar.symbol)} ${TIMEFRAMES[bar.timeframe]} ${bar.startUs}`, bar),
  });
  const source = new DemoSource({ universe, clock: systemClock }, { rate: RATE, symbols: SYMBOLS });
  for (const batch of source.past(fromUs, toUs)) engine.handle(batch);
  engine.finish();
  const lines = new Map<string, string>();
  for (const [key, bar] of last) {
    if (bar.startUs < fromUs || bar.endUs > toUs) continue;
    const { open, high, low, close, volume, vwap, trades, quality } = bar;
    lines.set(key, [open, high, low, close, volume, vwap, trades, quality].join(' '));
  }
  return lines;
}

/** The stored bars of the same interval, and how many of them had been revised. */
async function storedBars(
  dataDir: string,
  fromUs: number,
  toUs: number,
): Promise<{ lines: Map<string, string>; revised: number }> {
  const lines = new Map<string, string>();
  let revised = 0;
  for (const symbol of SYMBOLS) {
    for (const timeframe of TIMEFRAMES) {
      const rows = await exported(dataDir, symbol, 'bars', '--timeframe', timeframe);
      const lengthUs = Number.parseInt(timeframe, 10) * (timeframe.endsWith('m') ? 60 : 1) * SECOND_US;
      for (const row of rows) {
        const startUs = Number(row['ts']) * 1_000;
        if (startUs < fromUs || startUs + lengthUs > toUs) continue;
        if (Number(row['revision']) > 0) revised++;
        const names = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'quality'];
        lines.set(`${symbol} ${timeframe} ${startUs}`, names.map((name) => Number(row[name])).join(' '));
      }
    }
  }
  return { lines, revised };
}

describe('break it yourself', () => {
  it('a cut, late trades and a storm of duplicates are seen, repaired, and leave the bars of a run that never broke', async () => {
    using folder = scratch();
    const flags = [
      '--symbols',
      SYMBOLS.join(','),
      '--set',
      `sources.demo.rate=${RATE}`,
      '--set',
      'sources.demo.past_hours=1',
    ];
    await using live = await LiveTickloom.start(
      folder.path,
      ...flags,
      '--set',
      `bars.timeframes=[${TIMEFRAMES.join(',')}]`,
    );
    await live.untilHealth(({ status }) => status === 'ok');
    const socket = await TestSocket.open(Number(new URL(live.url).port));
    socket.send({ action: 'subscribe', channels: ['bars', 'gaps'], symbols: SYMBOLS });
    await socket.settle();

    const result = await live.post('/api/v1/demo/break', { action: 'cut', seconds: 10 });
    expect(result).toMatchObject({ action: 'cut', detail: expect.any(String) });
    await live.untilHealth(({ status }) => status !== 'ok');
    const isOpen = ({ gaps }: GapList): boolean =>
      SYMBOLS.every((symbol) => gaps.some((gap) => gap.symbol === symbol && gap.state === 'open'));
    // A row takes up to a second on its way to the store.
    for (let round = 0; !isOpen(await live.get<GapList>('/api/v1/gaps')); round++) {
      expect(round, 'polls until every gap is listed').toBeLessThan(50);
      await new Promise((done) => setTimeout(done, 100));
    }
    await live.untilHealth(({ status }) => status === 'ok');
    await socket.until((event) => event['revision'] === 1 || Number(event['revision']) > 1, 10_000);
    for (let i = 0; i < 3; i++) await live.post('/api/v1/demo/break', { action: 'late_trade' });
    await live.post('/api/v1/demo/break', { action: 'duplicate_storm' });
    // A late trade comes after five seconds; the second it belongs to is closed by then.
    await new Promise((done) => setTimeout(done, 8_000));
    const after = await live.get<GapList>('/api/v1/gaps');
    for (const symbol of SYMBOLS) {
      const gap = after.gaps.find((each) => each.symbol === symbol && each.reason === 'disconnect');
      expect(gap).toMatchObject({ state: 'backfilled' });
      expect(gap?.repaired).toBeGreaterThan(1_000);
    }
    const quarantine = await live.get<{ total: number }>('/api/v1/quarantine');
    expect(quarantine.total).toBe(1_000);
    expect(socket.of('gap').length).toBeGreaterThanOrEqual(2 * SYMBOLS.length);
    await socket.close();
    const nowUs = systemClock.nowUs();
    expect(await live.stop()).toMatchObject({ code: 0 });

    // Minutes before the cut are compared too; the first one of the ticks began in a past bar.
    const fromUs = Math.ceil((nowUs - 150 * SECOND_US) / (60 * SECOND_US)) * 60 * SECOND_US;
    const toUs = Math.floor(nowUs / SECOND_US - 2) * SECOND_US;
    const clean = cleanBars(fromUs, toUs);
    const { lines, revised } = await storedBars(folder.path, fromUs, toUs);
    console.info(
      `${lines.size} bars compared, ${revised} of them revised, ${quarantine.total} duplicates in quarantine`,
    );
    expect(revised).toBeGreaterThan(3);
    expect(clean.size).toBeGreaterThan(200);
    expect(Object.fromEntries(lines)).toEqual(Object.fromEntries(clean));
    const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', folder.path]);
    expect(report).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0 });
  }, 120_000);
});
