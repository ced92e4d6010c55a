import { describe, expect, it } from 'vitest';
import { BarRun, type TapeEvent } from './bar-run.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const T0 = 1_700_000_100 * SECOND; // a full five minutes

function trade(atS: number, price: number, more: Partial<TapeEvent> = {}): TapeEvent {
  const ts = T0 + Math.round(atS * SECOND);
  return { kind: 'trade', ts, recv: ts, price, size: 1, ...more };
}

/** What was said, briefly: change, timeframe, start in seconds, revision, close, trades. */
function words(run: BarRun): string[] {
  return run.said.map(
    ({ change, bar }) =>
      `${change} ${run.timeframes[bar.timeframe]} ${((bar.startUs as number) - T0) / SECOND} r${bar.revision} ${bar.close} n${bar.trades}`,
  );
}

describe('closing', () => {
  it('comes the delay after the end, in silence too, finer timeframes and earlier symbols first', () => {
    const run = new BarRun(['1s', '1m']).run([trade(59.5, 10, { symbol: 1 }), trade(59.6, 20, { symbol: 0 })]);
    run.advance(T0 + 60.999 * SECOND);
    expect(words(run)).toEqual([]);
    run.advance(T0 + 61 * SECOND);
    expect(run.said.map(({ bar }) => [bar.symbol, bar.timeframe])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(run.said.every(({ change, bar }) => change === 'final' && bar.revision === 0)).toBe(true);
  });

  it('leaves out intervals without a trade', () => {
    const run = new BarRun(['1s']).run([trade(0, 1), trade(5, 2)]).finish();
    expect(words(run)).toEqual(['final 1s 0 r0 1 n1', 'final 1s 5 r0 2 n1']);
  });

  it('merges a late trade silently while the bar is within its delay', () => {
    const run = new BarRun(['1s'])
      .run([trade(0.5, 1), trade(1.2, 3), trade(0.7, 2, { recv: T0 + 1.5 * SECOND })])
      .finish();
    expect(words(run)).toEqual(['final 1s 0 r0 2 n2', 'final 1s 1 r0 3 n1']);
  });
});

describe('revisions', () => {
  it('follow a trade that is late but within the window, finest timeframe first', () => {
    const run = new BarRun(['1s', '1m']).run([
      trade(10, 1),
      trade(50, 2),
      trade(70, 3),
      trade(50.5, 2.5, { recv: T0 + 75 * SECOND }),
    ]);
    expect(words(run).slice(-2)).toEqual(['revised 1s 50 r1 2.5 n2', 'revised 1m 0 r1 2.5 n3']);
    expect(run.builder.counters.lateBeyondWindow).toBe(0);
  });

  it('make a bar that closed in silence final when its first trade comes late', () => {
    const run = new BarRun(['1s']).run([trade(0, 1), trade(10, 2), trade(5, 9, { recv: T0 + 12 * SECOND })]);
    expect(words(run)).toEqual(['final 1s 0 r0 1 n1', 'final 1s 10 r0 2 n1', 'final 1s 5 r0 9 n1']);
    expect(run.builder.series(0, 0).length).toBe(3);
    expect(run.builder.series(0, 0).bar(1, 0, 0).close).toBe(9);
  });

  it('are repairs after the window where the bar is held, and asked for where it is not', () => {
    const run = new BarRun(['1s', '1m']).run([trade(0, 1), trade(1, 2), trade(90, 3)]);
    run.handle(trade(1.5, 2.5, { recv: T0 + 91 * SECOND }));
    expect(words(run).slice(-2)).toEqual(['repaired 1s 1 r1 2.5 n2', 'revised 1m 0 r1 2.5 n3']);
    expect(run.builder.counters.lateBeyondWindow).toBe(1);
    run.handle(trade(-4000, 7, { recv: T0 + 92 * SECOND }));
    expect(run.repairs.map(([, timeframe]) => timeframe)).toEqual([0, 1]);
    expect(run.builder.counters.repairsNeeded).toBe(2);
  });

  it('take a bar back when its only trade is cancelled, and carry on its revisions when it returns', () => {
    const run = new BarRun(['1s']).run([trade(0, 1), trade(1, 5, { id: 7 }), trade(3, 2)]);
    run.handle(trade(1, 5, { id: 7, kind: 'cancel', recv: T0 + 4 * SECOND }));
    expect(words(run).at(-1)).toBe('retracted 1s 1 r1 NaN n0');
    expect(run.builder.series(0, 0).length).toBe(1);
    run.handle(trade(1.5, 6, { recv: T0 + 5 * SECOND }));
    expect(words(run).slice(-2)).toEqual(['final 1s 3 r0 2 n1', 'revised 1s 1 r2 6 n1']);
  });

  it('follow a correction once per timeframe, at the time of the original', () => {
    const run = new BarRun(['1s', '1m']).run([trade(1, 5, { id: 'abc' }), trade(1.5, 6), trade(70, 2)]);
    run.handle(trade(69, 4, { kind: 'correct', id: 'abc', recv: T0 + 71 * SECOND, size: 9 }));
    expect(words(run).filter((word) => /^re/.test(word))).toEqual(['repaired 1s 1 r1 6 n2', 'revised 1m 0 r1 6 n2']);
    expect(run.said.at(-1)?.bar).toMatchObject({ open: 4, low: 4, volume: 10 });
  });

  it('ask for a repair when the cancelled trade is no longer held', () => {
    const events = Array.from({ length: 400 }, (_, i) => trade(i / 10, 100 + i, { id: i }));
    const run = new BarRun(['1s', '1m'], { ringCapacity: 128 }).run(events);
    run.handle(trade(0, 100, { kind: 'cancel', id: 0, recv: T0 + 41 * SECOND }));
    expect(run.repairs.map(([, timeframe]) => timeframe)).toEqual([0, 1]);
    expect(run.builder.counters.amendmentsUnmatched).toBe(1);
  });

  it('ask for a repair, and again after the closing, when other trades of the bar are no longer held', () => {
    const events = Array.from({ length: 400 }, (_, i) => trade(i / 10, 100 + i, { id: i }));
    const run = new BarRun(['1m'], { ringCapacity: 128 }).run(events);
    run.handle(trade(39, 490, { kind: 'cancel', id: 390, recv: T0 + 40 * SECOND }));
    expect(run.repairs).toEqual([]);
    run.advance(T0 + 61 * SECOND);
    expect(run.repairs).toEqual([[0, 0, T0, T0 + MINUTE]]);
  });

  it('reach the whole of a minute until its window ends', () => {
    const events = Array.from({ length: 115 }, (_, i) => trade(i + 0.5, 100 + i, { id: i }));
    const run = new BarRun(['1s', '1m']).run(events);
    run.handle(trade(0.5, 100, { kind: 'cancel', id: 0, recv: T0 + 115.5 * SECOND }));
    expect(words(run).slice(-2)).toEqual(['retracted 1s 0 r1 NaN n0', 'revised 1m 0 r1 159 n59']);
    expect(run.said.at(-1)?.bar.open).toBe(101);
    expect(run.repairs).toEqual([]);
  });

  it('carry the need of a repair on to longer bars', () => {
    const events = Array.from({ length: 300 }, (_, i) => trade(5 + i / 1000, 100 + i, { id: i }));
    const run = new BarRun(['1s', '1m'], { ringCapacity: 128 }).run(events);
    run.handle(trade(5.299, 399, { kind: 'cancel', id: 299, recv: T0 + 5.5 * SECOND }));
    run.finish();
    expect(run.repairs.map(([, timeframe]) => timeframe)).toEqual([0, 1]);
  });
});

describe('equal event times', () => {
  it('are ordered by id, else by arrival under algoseek, else by value', () => {
    const at = (price: number, more: Partial<TapeEvent> = {}): TapeEvent => trade(0, price, more);
    const closes = (rulesId: string, events: TapeEvent[]): number[] => {
      const { bar } = new BarRun(['1s'], { rulesId }).run(events).finish().said.at(-1) as BarRun['said'][number];
      return [bar.open, bar.close];
    };
    expect(closes('sip', [at(1, { id: 9 }), at(2, { id: 3 }), at(3, { id: 5 })])).toEqual([2, 1]);
    expect(closes('algoseek', [at(3), at(1), at(2)])).toEqual([3, 2]);
    expect(closes('sip', [at(3), at(1), at(2)])).toEqual(closes('sip', [at(2), at(3), at(1)]));
    // Unbiased: which price comes last differs from one time to another.
    const lasts = Array.from({ length: 60 }, (_, s) => {
      const events = [trade(s, 1), trade(s, 2)];
      return (new BarRun(['1s']).run(events).finish().said[0] as BarRun['said'][number]).bar.close;
    });
    expect(lasts.filter((close) => close === 1).length).toBeGreaterThan(15);
    expect(lasts.filter((close) => close === 2).length).toBeGreaterThan(15);
  });
});

describe('quotes', () => {
  const quote = (atS: number, bid: number, ask: number, symbol: number): TapeEvent => ({
    kind: 'quote',
    symbol,
    ts: T0 + atS * SECOND,
    recv: T0 + atS * SECOND,
    price: bid,
    size: 2,
    ask,
  });

  it('build the bars of instruments on mids, with no volume and no vwap', () => {
    const run = new BarRun(['1m']).run([quote(1, 1, 3, 3), quote(2, 3, 5, 3), quote(3, 2, 3, 3)]).finish();
    const bar = run.said[0]?.bar;
    expect(bar).toMatchObject({ open: 2, high: 4, low: 2, close: 2.5, volume: 0, trades: 3 });
    expect(bar?.vwap).toBeNaN();
  });

  it('give bars the last bid and ask, the mean spread, and trades their side', () => {
    const run = new BarRun(['1s', '1m']).run([
      quote(0, 9.9, 10.1, 0),
      trade(0.5, 10.05, { size: 4 }),
      quote(0.6, 9.8, 10.2, 0),
      trade(0.7, 9.9, { size: 3 }),
      trade(70, 9.9),
    ]);
    const series = run.builder.series(0, 1);
    const slot = series.slot(0);
    expect([series.bid[slot], series.ask[slot]]).toEqual([9.8, 10.2]);
    expect(series.spread[slot]).toBeCloseTo(0.3, 12);
    expect([series.buyVolume[slot], series.sellVolume[slot]]).toEqual([4, 3]);
    expect(run.builder.lastOf(0)).toEqual({ bid: 9.8, ask: 10.2, price: 9.9 });
  });
});

describe("a provider's bars", () => {
  const bar = (atMinute: number, values: number[], more: Partial<TapeEvent> = {}): TapeEvent => ({
    kind: 'bar',
    ts: T0 + atMinute * MINUTE,
    recv: T0 + (atMinute + 1) * MINUTE,
    price: 0,
    size: 0,
    lengthUs: MINUTE,
    values,
    ...more,
  });

  it('are final at once, revised when they come again otherwise, and feed longer bars', () => {
    const run = new BarRun(['1m', '3m']);
    const first = Math.round(T0 / MINUTE) % 3; // how far T0 is into its three minutes
    const start = 3 - first;
    run.run([0, 1, 2].map((i) => bar(start + i, [i + 1, i + 3, i + 0.5, i + 2, 10, 2, 4])));
    expect(run.said.map(({ change, bar: said }) => [change, said.timeframe, said.revision])).toEqual([
      ['final', 0, 0],
      ['final', 0, 0],
      ['final', 0, 0],
    ]);
    run.advance(T0 + (start + 3) * MINUTE + SECOND);
    expect(run.said.at(-1)?.bar).toMatchObject({
      timeframe: 1,
      open: 1,
      high: 5,
      low: 0.5,
      close: 4,
      volume: 30,
      vwap: 2,
      trades: 12,
    });
    run.handle(bar(start + 2, [3, 9, 2.5, 4, 20, 2, 5], { recv: T0 + (start + 3) * MINUTE + 2 * SECOND }));
    expect(run.said.slice(-2).map(({ change, bar: said }) => [change, said.timeframe, said.high, said.volume])).toEqual(
      [
        ['revised', 0, 9, 20],
        ['revised', 1, 9, 40],
      ],
    );
    const count = run.said.length;
    run.handle(bar(start + 2, [3, 9, 2.5, 4, 20, 2, 5], { recv: T0 + (start + 3) * MINUTE + 3 * SECOND }));
    expect(run.said.length).toBe(count);
  });

  it('yield to trades, and keep late trades of their interval out', () => {
    const run = new BarRun(['1m']).run([
      trade(5, 7),
      trade(65, 8),
      bar(0, [1, 1, 1, 1, 1, 1, 1], { recv: T0 + 66 * SECOND }),
    ]);
    expect(run.builder.counters.sourceBarsUnused).toBe(1);
    const fed = new BarRun(['1m']).run([bar(0, [1, 2, 1, 2, 5, 1, 1])]);
    fed.handle(trade(59, 50, { recv: T0 + 62 * SECOND }));
    expect(fed.builder.counters.tradesInSourceBars).toBe(1);
    expect(fed.finish().said.length).toBe(1);
  });
});

describe('views and bounds', () => {
  it('show the forming bar of every timeframe with all trades so far', () => {
    const run = new BarRun(['1s', '1m', '5m']).run([trade(0, 1), trade(0.5, 4), trade(30, 3), trade(62, 2)]);
    expect(run.builder.formingBar(0, 0)).toMatchObject({ close: 2, trades: 1 });
    expect(run.builder.formingBar(0, 1)).toMatchObject({ open: 2, trades: 1 });
    expect(run.builder.formingBar(0, 2)).toMatchObject({ open: 1, high: 4, close: 2, trades: 4, volume: 4 });
    expect(run.builder.formingBar(2, 0)).toBeUndefined();
  });

  it('keep the window of a series and say what is not allowed', () => {
    const events = Array.from({ length: 200 }, (_, i) => trade(i, i));
    const run = new BarRun(['1s'], { seriesWindow: 50 }).run(events).finish();
    const series = run.builder.series(0, 0);
    expect([series.length, series.dropped, series.bar(0, 0, 0).close]).toEqual([50, 150, 150]);
    expect(series.find(T0 + 160 * SECOND)).toBe(10);
    expect(series.find(T0 + 160.5 * SECOND)).toBe(-1 - 11);
    expect(() => new BarRun(['1s'], { seriesWindow: 10 })).toThrow(/50 to 5000/);
    expect(() => new BarRun(['1m', '1s'])).toThrow(/ascend/);
  });

  it('close early, and count it, when far too many bars are open', () => {
    const events = Array.from({ length: 500 }, (_, i) => trade(i, i, { recv: T0 }));
    const run = new BarRun(['1s']).run(events).finish();
    expect(run.builder.counters.closedEarly).toBeGreaterThan(100);
    expect(run.finalBars().size).toBe(500);
  });

  it('hold 1000 symbols in five timeframes in bounded memory', () => {
    const run = new BarRun(['1s', '1m', '5m', '15m', '1h'], { ringCapacity: 128 });
    for (let symbol = 0; symbol < 1000; symbol++) run.universe.intern(`S${symbol}`);
    for (let second = 0; second < 3; second++) {
      for (let symbol = 0; symbol < 1000; symbol++) run.handle(trade(second, 1, { symbol }));
    }
    const bytesPerSymbol = run.builder.stateBytes / 1000;
    // Records and series; 128 ticks of ring are 6 kB. A ring of 10,000 adds 480 kB.
    expect(bytesPerSymbol).toBeLessThan(80_000);
  });
});

describe('a snapshot', () => {
  it('is refused when it is cut or made with other timeframes', () => {
    const bytes = new BarRun(['1s', '1m']).run([trade(0, 1), trade(2, 2)]).builder.snapshot();
    expect(() => new BarRun(['1s', '1m']).builder.restore(bytes.slice(0, bytes.length - 16))).toThrow(/too early/);
    expect(() => new BarRun(['1s']).builder.restore(bytes)).toThrow(/other timeframes/);
  });
});
