import { describe, expect, it } from 'vitest';
import { EngineRun, MINUTE, SECOND, T0, type TapeEvent, trade } from './engine-run.ts';

function tick(ts: number): TapeEvent {
  return { kind: 'tick', symbol: -1, ts };
}

/** One trade a second at 100, 101, 102, … */
function rising(seconds: number, more: Partial<TapeEvent> = {}): TapeEvent[] {
  return Array.from({ length: seconds }, (_, i) => trade(i * SECOND, 100 + i, 1, { id: i + 1, ...more }));
}

describe('logical time', () => {
  it('fires what is due before the event that lets time pass', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(100_000, 100, 1), trade(1_500_000, 101, 1), trade(2_000_000, 102, 1));
    // The bar of second 0 closes at 2 s (end + close delay), before the event that is received then.
    expect(run.words).toEqual(['trade 100000', 'trade 1500000', 'final 1s 0', 'trade 2000000']);
  });

  it('closes a bar in silence, by the passing of time alone, once', () => {
    const run = new EngineRun({ timeframes: ['1s', '1m'] });
    run.handle(trade(0, 100, 1));
    run.handle(tick(1_999_999));
    expect(run.bars).toEqual([]);
    run.handle(tick(2_000_000));
    expect(run.words).toEqual(['trade 0', 'final 1s 0']);
    run.handle(tick(60_999_999));
    expect(run.barsOf('1m')).toEqual([]);
    run.handle(tick(61_000_000), tick(200_000_000));
    expect(run.words).toEqual(['trade 0', 'final 1s 0', 'final 1m 0']);
  });

  it('shows a bar that has ended and is not closed yet, beside the one under construction', () => {
    const run = new EngineRun({ timeframes: ['1s', '1m'] });
    run.handle(trade(100_000, 100, 1), trade(1_100_000, 101, 1));
    const view = (timeframe: number) => run.engine.pendingBars(0, timeframe).map((bar) => bar.startUs - T0);
    expect(view(0)).toEqual([0]);
    expect(run.engine.formingBar(0, 0)?.startUs).toBe(T0 + SECOND);
    expect(view(1)).toEqual([]);
    run.handle(tick(2_000_000));
    expect(view(0)).toEqual([]);
  });

  it('makes no bar where nothing was traded', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1), trade(10 * SECOND, 101, 1), tick(20 * SECOND));
    expect(run.bars.map(({ bar }) => bar.startUs - T0)).toEqual([0, 10 * SECOND]);
  });

  it('closes the bars of one moment by symbol, whatever came first', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(600_000, 1, 1, { symbol: 1 }), trade(700_000, 2, 1, { symbol: 0 }), tick(9 * SECOND));
    expect(run.bars.map(({ bar }) => bar.symbol)).toEqual([0, 1]);
  });

  it('does not go back: an event with an older receive time is handled at the time reached', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1), tick(5 * SECOND), { ...trade(4 * SECOND, 101, 1), recv: 4 * SECOND });
    expect(run.engine.nowUs).toBe(T0 + 5 * SECOND);
  });

  it('finish closes what is open, each bar at its own time, and nothing twice', () => {
    const run = new EngineRun({ timeframes: ['1s', '1m', '1h'] });
    run.handle(...rising(90));
    run.engine.finish();
    expect(run.barsOf('1s')).toHaveLength(90);
    expect(run.barsOf('1m')).toHaveLength(2);
    expect(run.barsOf('1h')).toHaveLength(1);
    expect(run.engine.nowUs).toBe(T0 + 3600 * SECOND + SECOND);
    const said = run.words.length;
    run.engine.finish();
    expect(run.words).toHaveLength(said);
  });
});

describe('revisions', () => {
  it('a late trade revises its bar of every timeframe and re-runs the features of all later bars', () => {
    const late = trade(3_500_000, 500, 2, { recv: 30 * SECOND, id: 1000 });
    const run = new EngineRun({ timeframes: ['1s', '5s'] });
    run.handle(...rising(30), late, tick(40 * SECOND));
    const revised = run.bars.filter(({ change }) => change === 'revised');
    expect(
      revised.map(({ bar }) => [run.engine.timeframes[bar.timeframe]?.text, bar.startUs - T0, bar.high, bar.revision]),
    ).toEqual([
      ['1s', 3 * SECOND, 500, 1],
      ['5s', 0, 500, 1],
    ]);

    // The same tape with the trade in its place says the same in the end.
    const calm = new EngineRun({ timeframes: ['1s', '5s'] });
    const tape = rising(30);
    tape.splice(4, 0, { ...late, recv: 3_500_000 });
    calm.handle(...tape, tick(40 * SECOND));
    expect(run.finals.hex()).toBe(calm.finals.hex());
    for (const timeframe of ['1s', '5s']) {
      expect(run.lastFeatures(timeframe)).toEqual(calm.lastFeatures(timeframe));
    }
    const amended = run.features.filter(({ bar }) => bar.revision === 1 && bar.timeframe === 0);
    expect(amended).toHaveLength(1);
    // Bars 3 to 27 were closed when the trade came; each got its vector anew.
    expect(run.features.length - calm.features.length).toBeGreaterThanOrEqual(25);
  });

  it('a late trade in a second without trades makes the bar that was not there', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1), trade(5 * SECOND, 101, 1), tick(10 * SECOND));
    run.handle(trade(2 * SECOND, 99, 3, { recv: 11 * SECOND }), tick(12 * SECOND));
    expect(run.bars.map(({ bar, change }) => [bar.startUs - T0, change])).toEqual([
      [0, 'final'],
      [5 * SECOND, 'final'],
      [2 * SECOND, expect.stringMatching(/final|revised/)],
    ]);
    const calm = new EngineRun({ timeframes: ['1s'] });
    calm.handle(trade(0, 100, 1), trade(2 * SECOND, 99, 3), trade(5 * SECOND, 101, 1), tick(12 * SECOND));
    expect(run.finals.hex()).toBe(calm.finals.hex());
    expect(run.lastFeatures('1s')).toEqual(calm.lastFeatures('1s'));
  });

  it('a cancel takes the trade out of its closed bar; the last one retracts the bar', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1, { id: 1 }), trade(100_000, 110, 2, { id: 2 }), trade(3 * SECOND, 105, 1, { id: 3 }));
    run.handle(tick(5 * SECOND));
    run.handle({ kind: 'cancel', ts: 100_000, recv: 6 * SECOND, id: 2 });
    expect(run.bars.at(-1)).toMatchObject({ change: 'revised', bar: { high: 100, volume: 1, trades: 1, revision: 1 } });
    run.handle({ kind: 'cancel', ts: 0, recv: 7 * SECOND, id: 1 });
    expect(run.bars.at(-1)).toMatchObject({ change: 'retracted-revised', bar: { trades: 0, volume: 0 } });

    const calm = new EngineRun({ timeframes: ['1s'] });
    calm.handle(trade(3 * SECOND, 105, 1, { id: 3 }), tick(8 * SECOND));
    expect(run.finals.hex()).toBe(calm.finals.hex());
    expect(run.finals.bars).toBe(1);
    expect(run.lastFeatures('1s').get(3 * SECOND)).toEqual(calm.lastFeatures('1s').get(3 * SECOND));
  });

  it('a correction replaces price and size under the same id', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1, { id: 1 }), trade(100_000, 1000, 2, { id: 2 }), tick(5 * SECOND));
    run.handle({ kind: 'correct', ts: 100_000, recv: 6 * SECOND, id: 2, numbers: [101, 4] });
    expect(run.bars.at(-1)).toMatchObject({
      change: 'revised',
      bar: { open: 100, high: 101, close: 101, volume: 5, trades: 2, revision: 1 },
    });
  });

  it('a cancel that arrives before its trade still takes it out', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(trade(0, 100, 1, { id: 1 }));
    run.handle({ kind: 'cancel', ts: 500_000, recv: 600_000, id: 2 });
    run.handle(trade(500_000, 900, 1, { id: 2, recv: 700_000 }), tick(5 * SECOND));
    expect(run.bars.at(-1)?.bar).toMatchObject({ high: 100, trades: 1 });
  });

  it('beyond the window of a short bar its longer bars are still revised, and no feature of the short ones re-run', () => {
    const run = new EngineRun({ timeframes: ['1s', '1m'], revisionWindowMs: 10_000 });
    run.handle(...rising(65));
    const before = run.features.length;
    run.handle(trade(40_500_000, 999, 7, { id: 500, recv: 65 * SECOND }));
    const amended = run.bars.slice(-2).map(({ bar, change }) => [change, bar.startUs - T0, bar.high, bar.revision]);
    expect(amended).toEqual([
      ['repaired', 40 * SECOND, 999, 1],
      ['revised', 0, 999, 1],
    ]);
    // Only the second that closed on the way to the late trade, and the minute.
    expect(run.features.slice(before).map(({ bar }) => bar.startUs - T0)).toEqual([63 * SECOND, 0]);
    expect(run.engine.counters().lateBeyondWindow).toBe(1);
  });

  it('a bar that is no longer held is repaired by the stores, the longer ones that are held by the engine', () => {
    const run = new EngineRun({ timeframes: ['1s', '1m'], revisionWindowMs: 10_000 });
    run.handle(...rising(300));
    run.handle(trade(2 * SECOND, 999, 7, { id: 5000, recv: 299 * SECOND }));
    expect(run.repairs).toEqual([`0 1s ${2 * SECOND}`]);
    expect(run.bars.at(-1)).toMatchObject({ change: 'repaired', bar: { startUs: T0, high: 999, trades: 61 } });
    expect(run.engine.counters()).toMatchObject({ lateBeyondWindow: 1, repairsNeeded: 1 });
    expect(run.counts.repairsNeeded).toBe(1);
  });
});

describe('what is refused', () => {
  it('duplicates, impossible values and unreadable payloads go to quarantine and into no bar', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle(
      trade(0, 100, 1, { id: 7 }),
      trade(0, 100, 1, { id: 7 }),
      trade(1, Number.NaN, 1),
      trade(2, -5, 1),
      trade(3, 100, -1),
      trade(60 * SECOND, 100, 1, { recv: 4 }),
      {
        kind: 'malformed',
        symbol: -1,
        ts: 5,
        payload: { type: 'malformed', reason: 'bad-row', detail: 'seven columns', raw: 'x,y' },
      },
      tick(5 * SECOND),
    );
    expect(run.rejects).toEqual([
      'duplicate',
      'price-not-finite',
      'price-not-positive',
      'bad-size',
      'time-in-future',
      'bad-row',
    ]);
    expect(run.counts).toMatchObject({ trades: 1, rejected: 6, bars: 1 });
    expect(run.bars[0]?.bar).toMatchObject({ trades: 1, volume: 1 });
  });

  it('a bar of a length that is not built is refused by name', () => {
    const run = new EngineRun({ timeframes: ['1s'] });
    run.handle({ kind: 'bar', ts: 0, recv: 61 * SECOND, numbers: [1, 2, 1, 2, 10, 1.5, 3, 7 * MINUTE] });
    expect(run.rejects).toEqual(['no-such-timeframe']);
  });
});

describe('the gap ledger', () => {
  const disconnected = (ts: number): TapeEvent => ({
    kind: 'status',
    symbol: -1,
    ts,
    payload: { type: 'status', state: 'disconnected', reason: 'cut' },
  });
  const connected = (ts: number): TapeEvent => ({
    kind: 'status',
    symbol: -1,
    ts,
    payload: { type: 'status', state: 'connected', reason: 'back' },
  });

  it('an outage opens a gap per symbol, closes it at the return and is settled by the source', () => {
    const run = new EngineRun();
    run.handle(trade(SECOND, 100, 1), trade(2 * SECOND, 50, 1, { symbol: 1 }));
    run.handle(disconnected(3 * SECOND));
    expect(run.gaps).toMatchObject([
      { symbol: 0, fromUs: T0 + SECOND, toUs: Number.POSITIVE_INFINITY, state: 'missing', cause: 'disconnect' },
      { symbol: 1, fromUs: T0 + 2 * SECOND, toUs: Number.POSITIVE_INFINITY, state: 'missing', cause: 'disconnect' },
    ]);
    run.handle(connected(10 * SECOND));
    run.handle(trade(5 * SECOND, 101, 1, { recv: 10 * SECOND }), trade(6 * SECOND, 101, 1, { recv: 10 * SECOND }));
    const payload = { type: 'gap', fromUs: T0 + 3 * SECOND, toUs: T0 + 10 * SECOND, state: 'backfilled' } as const;
    run.handle({ kind: 'gap', symbol: 0, ts: 10 * SECOND, payload: { ...payload, cause: 'disconnect' } });
    expect(run.gaps.at(-1)).toMatchObject({
      symbol: 0,
      fromUs: T0 + SECOND,
      toUs: T0 + 10 * SECOND,
      state: 'backfilled',
    });
    expect(run.counts.gaps).toBe(2);
  });

  it('an outage lasts up to the first trade whose id follows its hole, whenever the feed said that it was back', () => {
    const run = new EngineRun();
    const demo = { source: 'demo' };
    run.handle(trade(0, 1, 1, { id: 10, ...demo }), trade(SECOND, 1, 1, { id: 11, ...demo }));
    run.handle({ ...disconnected(SECOND), ...demo }, { ...connected(2 * SECOND), ...demo });
    run.handle(trade(4 * SECOND, 1, 1, { id: 15, ...demo }));
    expect(run.engine.heldOf(0, run.engine.universe.sources.intern('demo'))?.unfilled).toMatchObject([
      { fromUs: T0 + SECOND, toUs: T0 + 4 * SECOND, cause: 'disconnect' },
    ]);
  });

  it('a jump of ids of a source that counts up is a hole with both ends', () => {
    const run = new EngineRun();
    const demo = { source: 'demo' };
    run.handle(trade(0, 1, 1, { id: 10, ...demo }), trade(SECOND, 1, 1, { id: 11, ...demo }));
    run.handle(trade(4 * SECOND, 1, 1, { id: 15, ...demo }));
    expect(run.gaps).toEqual([]);
    expect(run.engine.heldOf(0, run.engine.universe.sources.intern('demo'))?.unfilled).toMatchObject([
      { fromUs: T0 + SECOND + 1, toUs: T0 + 4 * SECOND, cause: 'sequence' },
    ]);
    run.handle(tick(10 * SECOND));
    expect(run.gaps).toMatchObject([
      { fromUs: T0 + SECOND + 1, toUs: T0 + 4 * SECOND, cause: 'sequence', state: 'missing', expected: 3 },
    ]);
    expect(run.engine.heldOf(0, run.engine.universe.sources.intern('demo'))?.lastId).toBe(15);
  });

  it('ids that come out of order within five seconds leave no hole; what is left of one is told with what came', () => {
    const run = new EngineRun();
    const at = (s: number, id: number) => trade(s * SECOND, 1, 1, { id, source: 'demo', recv: 4 * SECOND });
    run.handle(at(1, 10), at(4, 13), at(2, 11), at(3, 12), tick(20 * SECOND));
    expect(run.gaps).toEqual([]);
    const late = (id: number) => trade(21 * SECOND, 1, 1, { id, source: 'demo' });
    run.handle(late(14), late(17), late(15), tick(30 * SECOND));
    expect(run.gaps).toMatchObject([{ cause: 'sequence', state: 'missing', expected: 2, recovered: 1 }]);
    run.handle(late(20));
    run.engine.finish();
    expect(run.gaps.at(-1)).toMatchObject({ cause: 'sequence', expected: 2, recovered: 0 });
  });

  it('ids of other sources may jump', () => {
    const run = new EngineRun();
    run.handle(trade(0, 1, 1, { id: 10 }), trade(SECOND, 1, 1, { id: 99 }));
    expect(run.gaps).toEqual([]);
  });

  it('silence inside a session opens a gap; the next event closes it', () => {
    const run = new EngineRun({ gapAfterS: 10 });
    run.handle(trade(0, 1, 1), trade(5 * SECOND, 1, 1), tick(14 * SECOND));
    expect(run.gaps).toEqual([]);
    run.handle(tick(16 * SECOND));
    expect(run.gaps).toMatchObject([
      { fromUs: T0 + 5 * SECOND, toUs: Number.POSITIVE_INFINITY, cause: 'silence', state: 'missing' },
    ]);
    run.handle(trade(20 * SECOND, 1, 1));
    expect(run.gaps.at(-1)).toMatchObject({ fromUs: T0 + 5 * SECOND, toUs: T0 + 20 * SECOND, cause: 'silence' });
    run.handle(tick(31 * SECOND));
    expect(run.counts.gaps).toBe(2);
  });
});
