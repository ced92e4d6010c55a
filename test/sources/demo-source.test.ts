import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import { DEMO_SYMBOLS, DemoSource } from '../../src/sources/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_US = 1_763_690_400_000_000;
const HOUR_US = 3_600_000_000;

function demo(options: ConstructorParameters<typeof DemoSource>[1] = {}, clock = new ManualClock(START_US)) {
  const universe = new Universe();
  return { universe, clock, source: new DemoSource({ universe, clock }, options) };
}

interface Seen {
  readonly text: string;
  readonly symbol: string;
  readonly kind: number;
  readonly id: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
}

function rows(batch: EventBatch, universe: Universe): Seen[] {
  return Array.from({ length: batch.length }, (_, row) => {
    const symbol = (batch.symbol[row] as number) < 0 ? '' : universe.symbol(batch.symbol[row] as number);
    const numbers = [batch.p0, batch.p1, batch.p2, batch.p3].slice(0, batch.kind[row] === EventKind.Quote ? 4 : 2);
    const id = batch.idNum[row] as number;
    const tsEventUs = batch.tsEventUs[row] as number;
    const text = `${batch.kind[row]} ${symbol} ${tsEventUs} ${numbers.map((column) => column[row])} ${id}`;
    return { text, symbol, kind: batch.kind[row] as number, id, tsEventUs, tsRecvUs: batch.tsRecvUs[row] as number };
  });
}

function past(fromUs: number, toUs: number, options: ConstructorParameters<typeof DemoSource>[1] = {}): Seen[] {
  const { source, universe } = demo(options);
  const seen: Seen[] = [];
  for (const batch of source.past(fromUs, toUs)) seen.push(...rows(batch, universe));
  return seen;
}

/** Runs the live stream on virtual time for some seconds. */
async function live(
  seconds: number,
  act: (source: DemoSource, elapsedUs: number) => void,
): Promise<Seen[] & { statuses?: string[] }> {
  const { source, universe, clock } = demo();
  const abort = new AbortController();
  clock.perSleep = (nowUs) => {
    act(source, nowUs - START_US);
    if (nowUs - START_US >= seconds * 1_000_000) abort.abort();
  };
  const seen: Seen[] & { statuses?: string[] } = [];
  seen.statuses = [];
  for await (const batch of source.stream(abort.signal, { afterUs: START_US - 1 })) {
    seen.push(...rows(batch, universe));
    const payload = batch.payload[0];
    if (payload?.type === 'status') seen.statuses.push(`${payload.state} ${(batch.tsRecvUs[0] as number) - START_US}`);
  }
  return seen;
}

const isMarket = (row: Seen): boolean => row.kind === EventKind.Trade || row.kind === EventKind.Quote;
const inLife = (row: Seen): boolean => isMarket(row) && row.tsEventUs < START_US + 8_000_000;

describe('the demo market', () => {
  it('is a pure function of its seed: same seed same market, another seed another one', () => {
    const a = past(START_US, START_US + 10_000_000);
    expect(a.length).toBeGreaterThan(3_000);
    expect(past(START_US, START_US + 10_000_000)).toEqual(a);
    expect(past(START_US, START_US + 10_000_000, { seed: 5 })).not.toEqual(a);
  });

  it('makes any part the same as the whole cut there: history(a,c) = history(a,b) + history(b,c)', async () => {
    const { source, universe } = demo({ rate: 50 });
    const all = async (symbol: string, fromUs: number, toUs: number): Promise<Seen[]> => {
      const out: Seen[] = [];
      for await (const batch of source.history(symbol, fromUs, toUs)) out.push(...rows(batch, universe));
      return out;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...DEMO_SYMBOLS),
        fc.nat(HOUR_US * 24 * 300),
        fc.nat(60_000_000),
        fc.nat(60_000_000),
        async (symbol, offset, first, second) => {
          const a = START_US - offset;
          const [b, c] = [a + first, a + first + second];
          expect(await all(symbol, a, c)).toEqual([...(await all(symbol, a, b)), ...(await all(symbol, b, c))]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('numbers the trades of each symbol without a hole, in order of time', () => {
    const seen = past(START_US, START_US + 30_000_000);
    for (const symbol of DEMO_SYMBOLS) {
      const trades = seen.filter((row) => row.symbol === symbol && row.kind === EventKind.Trade);
      const first = trades[0]?.id as number;
      expect(trades.length).toBeGreaterThan(100);
      expect(trades.map((row) => row.id)).toEqual(trades.map((_, i) => first + i));
    }
    expect(seen.every((row, i) => i === 0 || row.tsEventUs >= (seen[i - 1] as Seen).tsEventUs)).toBe(true);
    expect(seen.every((row) => row.tsEventUs >= START_US && row.tsEventUs < START_US + 30_000_000)).toBe(true);
  });

  it('keeps its rate, counts trades, and has sane prices', () => {
    for (const rate of [20, 200, 2_000]) {
      const trades = past(START_US, START_US + 20_000_000, { rate }).filter((row) => row.kind === EventKind.Trade);
      expect(Math.abs(trades.length / 20 / rate - 1)).toBeLessThan(0.04);
    }
    const { source } = demo();
    for (const batch of source.past(START_US - HOUR_US / 4, START_US)) {
      for (let row = 0; row < batch.length; row++) {
        expect(batch.p0[row]).toBeGreaterThan(0);
        expect(batch.p1[row]).toBeGreaterThan(0);
        if (batch.kind[row] === EventKind.Quote) expect(batch.p2[row]).toBeGreaterThan(batch.p0[row] as number);
      }
    }
  });

  it('goes on behind the ids already held', async () => {
    const { source, universe, clock } = demo();
    const before = past(START_US - 2_000_000, START_US);
    const cut = before.length >> 1;
    const held = new Map<string, number>();
    for (const row of before.slice(0, cut)) if (row.kind === EventKind.Trade) held.set(row.symbol, row.id);
    const abort = new AbortController();
    clock.perSleep = () => abort.abort();
    const seen: Seen[] = [];
    const start = { afterUs: (before[cut - 1] as Seen).tsEventUs, afterTradeIds: held };
    for await (const batch of source.stream(abort.signal, start)) seen.push(...rows(batch, universe));
    expect(seen.filter(isMarket).map((row) => row.text)).toEqual(before.slice(cut).map((row) => row.text));
  });
});

describe('faults of the demo', () => {
  const clean = past(START_US, START_US + 8_000_000);
  const sorted = (seen: readonly Seen[]): string[] =>
    seen
      .filter(inLife)
      .map((row) => row.text)
      .sort();

  it('without faults the stream is the market, at most one interval late', async () => {
    const seen = await live(10, () => undefined);
    expect(seen.filter(inLife).map((row) => row.text)).toEqual(clean.map((row) => row.text));
    expect(seen.every((row) => row.tsRecvUs - row.tsEventUs <= 51_000)).toBe(true);
  });

  it('a cut is told, silent, and filled afterwards with the true times', async () => {
    let isCut = false;
    const seen = await live(10, (source, elapsedUs) => {
      if (!isCut && elapsedUs >= 2_000_000) {
        isCut = true;
        source.faults.cut(3);
      }
    });
    expect(seen.statuses?.map((text) => text.split(' ')[0])).toEqual(['connected', 'disconnected', 'connected']);
    const [down, up] = (seen.statuses ?? []).slice(1).map((text) => Number(text.split(' ')[1]));
    expect((up as number) - (down as number)).toBeGreaterThanOrEqual(2_900_000);
    const silent = seen.filter((row) => {
      const at = row.tsRecvUs - START_US;
      return isMarket(row) && at > (down as number) && at < (up as number);
    });
    expect(silent).toEqual([]);
    expect(sorted(seen)).toEqual(sorted(clean));
    expect(seen.some((row) => row.tsRecvUs - row.tsEventUs > 2_500_000)).toBe(true);
  });

  it('a late trade comes about five seconds late, once, and is the trade it was', async () => {
    let isDone = false;
    const seen = await live(10, (source, elapsedUs) => {
      if (isDone || elapsedUs < 1_000_000) return;
      isDone = true;
      source.faults.lateTrade();
    });
    expect(sorted(seen)).toEqual(sorted(clean));
    const late = seen.filter((row) => row.tsRecvUs - row.tsEventUs > 1_000_000);
    expect(late.length).toBe(1);
    expect(late[0]?.kind).toBe(EventKind.Trade);
    expect((late[0]?.tsRecvUs as number) - (late[0]?.tsEventUs as number)).toBeGreaterThan(4_900_000);
  });

  it('a duplicate storm repeats the last 1000 trades under their ids', async () => {
    let isDone = false;
    const seen = await live(10, (source, elapsedUs) => {
      if (isDone || elapsedUs < 7_000_000) return;
      isDone = true;
      source.faults.duplicateStorm();
    });
    const counts = new Map<string, number>();
    for (const row of seen.filter(isMarket)) counts.set(row.text, (counts.get(row.text) ?? 0) + 1);
    const doubled = [...counts.values()].filter((count) => count === 2).length;
    expect([doubled, Math.max(...counts.values())]).toEqual([1_000, 2]);
    expect([...new Set(sorted(seen))]).toEqual(sorted(clean));
  });

  it('refuses what it cannot play', () => {
    const { source } = demo();
    for (const seconds of [0, -1, 601, Number.NaN])
      expect(() => source.faults.cut(seconds)).toThrow('at most 600 seconds');
    for (let i = 0; i < 16; i++) source.faults.lateTrade();
    expect(() => source.faults.lateTrade()).toThrow('At most 16');
    expect(() => demo({ rate: 0 })).toThrow('sources.demo.rate');
  });
});
