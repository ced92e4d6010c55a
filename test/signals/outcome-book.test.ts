import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bar } from '../../src/model/index.ts';
import { OutcomeBook, type ReleasedOutcome, type TrackedEntry, tripleBarrier } from '../../src/signals/index.ts';
import { barOf, walkBars } from './random-market.ts';

const PATTERNS = 3;

function newBook(onOutcome?: (outcome: ReleasedOutcome) => void, capacity = 4096): OutcomeBook {
  return new OutcomeBook({
    patterns: Array.from({ length: PATTERNS }, (_, id) => ({ family: 'test', id })),
    estimation: { base: 0.4, regime: 0.3, confidence: 0.3 },
    seedOf: (series) => `series ${series}`,
    capacity,
    ...(onOutcome === undefined ? {} : { onOutcome }),
  });
}

function entry(ordinal: number, changes: Partial<TrackedEntry> = {}): TrackedEntry {
  return {
    pattern: 0,
    statement: ordinal,
    direction: 1,
    target: 0.01,
    stop: 0.01,
    horizonBars: 5,
    ordinal,
    cell: 7,
    quality: 1,
    closeness: 95,
    ...changes,
  };
}

/** Bars with gaps, long ranges and, now and then, both barriers in one bar. */
const anyBars = fc
  .array(
    fc.record({
      gap: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
      up: fc.double({ min: 0, max: 0.02, noNaN: true }),
      down: fc.double({ min: 0, max: 0.02, noNaN: true }),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 12, maxLength: 60 },
  )
  .map((steps) => {
    let close = 100;
    return steps.map(({ gap, up, down, place }, i) => {
      const open = close * (1 + gap);
      const high = open * (1 + up);
      const low = open * (1 - down);
      close = low + place * (high - low);
      return barOf(i, open, high, low, close);
    });
  });

/** Positions found at some of the bars: at most one per bar and pattern. */
const anyPlan = fc.array(
  fc.record({
    pattern: fc.integer({ min: 0, max: PATTERNS - 1 }),
    isThere: fc.integer({ min: 0, max: 3 }),
    direction: fc.constantFrom<1 | -1>(1, -1),
    target: fc.double({ min: 0.002, max: 0.03, noNaN: true }),
    stop: fc.double({ min: 0.002, max: 0.03, noNaN: true }),
    horizonBars: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 60, maxLength: 60 },
);
type Plan = typeof anyPlan extends fc.Arbitrary<infer T> ? T : never;

function entryAt(plan: Plan, ordinal: number): TrackedEntry | undefined {
  const { isThere, ...barriers } = plan[ordinal] as Plan[number];
  return isThere === 0 ? undefined : entry(ordinal, barriers);
}

function feed(book: OutcomeBook, plan: Plan, ordinal: number, bar: Bar): void {
  book.onBar(0, ordinal, bar, ordinal % 15);
  const found = entryAt(plan, ordinal);
  if (found !== undefined) book.track(0, found);
}

const column = (bars: readonly Bar[], name: 'open' | 'high' | 'low' | 'close'): number[] =>
  bars.map((bar) => bar[name]);

describe('outcome book', () => {
  test('is bar by bar what the triple barrier is on the whole history, with the overlap of its positions', () => {
    fc.assert(
      fc.property(anyBars, anyPlan, (bars, plan) => {
        const outcomes: ReleasedOutcome[] = [];
        const book = newBook((outcome) => outcomes.push(outcome));
        bars.forEach((bar, ordinal) => {
          feed(book, plan, ordinal, bar);
          book.release(0, ordinal);
        });
        const prices = {
          open: column(bars, 'open'),
          high: column(bars, 'high'),
          low: column(bars, 'low'),
          close: column(bars, 'close'),
        };
        const spans: { pattern: number; from: number; to: number }[] = [];
        const expected = new Map<number, ReturnType<typeof tripleBarrier>>();
        for (let ordinal = 0; ordinal < bars.length; ordinal++) {
          const found = entryAt(plan, ordinal);
          if (found === undefined || ordinal + 1 >= bars.length) continue;
          const { direction, target, stop, horizonBars, pattern } = found;
          // The book tells what is resolved by the last bar; the batch form needs bars up to the horizon, so add some.
          const more = { ...prices, ...extended(prices, horizonBars) };
          const label = tripleBarrier(more, ordinal, { direction, up: target, down: stop, horizon: horizonBars });
          spans.push({ pattern, from: ordinal + 1, to: label === undefined ? Number.POSITIVE_INFINITY : label.touch });
          if (label !== undefined && label.touch < bars.length) expected.set(ordinal, label);
        }
        expect(outcomes.map(({ statement }) => statement).sort((a, b) => a - b)).toEqual([...expected.keys()]);
        for (const outcome of outcomes) {
          const label = expected.get(outcome.statement);
          expect(outcome).toMatchObject({
            exit: label?.exit,
            returned: label?.returned,
            barrier: label?.barrier,
            bothInBar: label?.bothInBar,
            entryUs: bars[outcome.statement + 1]?.startUs,
            exitUs: bars[label?.touch as number]?.endUs,
          });
          expect(outcome.uniqueness).toBeCloseTo(uniqueness(spans, outcome.pattern, outcome.statement + 1), 12);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a history with revised bars ends like the history that was right from the start', () => {
    fc.assert(
      fc.property(
        anyBars,
        anyPlan,
        anyPlan,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 60 }),
        (bars, plan, wrongPlan, backs) => {
          const straight: ReleasedOutcome[] = [];
          const revised: ReleasedOutcome[] = [];
          const right = newBook((outcome) => straight.push(outcome));
          const changed = newBook((outcome) => revised.push(outcome));
          bars.forEach((bar, ordinal) => {
            feed(right, plan, ordinal, bar);
            right.release(0, ordinal - 5);
          });
          bars.forEach((bar, ordinal) => {
            // First a bar that is wrong, with other patterns found at it; then back by up to five bars and on again.
            feed(changed, wrongPlan, ordinal, { ...bar, high: bar.high * 1.01, low: bar.low * 0.985, close: bar.low });
            const from = Math.max(0, ordinal - (backs[ordinal] as number));
            changed.rewind(0, from);
            for (let again = from; again <= ordinal; again++) feed(changed, plan, again, bars[again] as Bar);
            changed.release(0, ordinal - 5);
          });
          // What was stated beside a bar that was run again rests on what was known by then; all else is the same.
          const facts = ({ model: _model, random: _random, ...rest }: ReleasedOutcome) => rest;
          expect(revised.map(facts)).toEqual(straight.map(facts));
          for (let pattern = 0; pattern < PATTERNS; pattern++) {
            const { n, successes, nEffective, randomN, randomSuccesses, randomNEffective } = changed.summary(pattern);
            const counts = { n, successes, nEffective, randomN, randomSuccesses, randomNEffective };
            expect(right.summary(pattern)).toMatchObject(counts);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('goes on from a snapshot as if nothing had happened', () => {
    const bars = walkBars(3, 400);
    const told: [ReleasedOutcome[], ReleasedOutcome[]] = [[], []];
    const first = newBook((outcome) => told[0].push(outcome));
    const run = (book: OutcomeBook, from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        book.onBar(0, i, bars[i] as Bar, i % 15);
        book.track(0, entry(i, { pattern: i % PATTERNS, horizonBars: 12, target: 0.004, stop: 0.004 }));
        book.release(0, i - 3);
      }
    };
    run(first, 0, 200);
    const second = newBook((outcome) => told[1].push(outcome));
    second.restore(first.snapshot());
    told[0].length = 0;
    run(first, 200, 400);
    run(second, 200, 400);
    expect(told[1].length).toBeGreaterThan(100);
    expect(told[1]).toEqual(told[0]);
    expect(second.snapshot()).toEqual(first.snapshot());
    expect(second.odds(0, 3, 92)).toEqual(first.odds(0, 3, 92));
  });

  test('refuses snapshots of other patterns, and cut ones', () => {
    const bytes = newBook().snapshot();
    const other = new OutcomeBook({
      patterns: [{ family: 'test', id: 'x' }],
      estimation: { base: 0.4, regime: 0.3, confidence: 0.3 },
      seedOf: String,
    });
    expect(() => other.restore(bytes)).toThrow(/other patterns/);
    expect(() => newBook().restore(bytes.subarray(0, bytes.length - 16))).toThrow(/cut short/);
    expect(() => newBook().restore(bytes.subarray(0, bytes.length - 3))).toThrow(/cut short/);
  });

  test('is bounded: what finds no room is dropped and counted', () => {
    const book = newBook(undefined, 10);
    const bars = walkBars(1, 8);
    bars.forEach((bar, i) => {
      book.onBar(0, i, bar, 0);
      book.track(0, entry(i, { horizonBars: 100, target: 0.5, stop: 0.5 }));
    });
    expect(book.positions(0)).toBe(10);
    expect(book.dropped).toBeGreaterThan(0);
  });

  test('forgets what is over: positions do not pile up', () => {
    const book = newBook();
    let most = 0;
    walkBars(2, 3_000).forEach((bar, i) => {
      book.onBar(0, i, bar, 0);
      book.track(0, entry(i, { target: 0.003, stop: 0.003 }));
      book.release(0, i - 2);
      most = Math.max(most, book.positions(0));
    });
    // 3 per bar, alive for up to 4 + 1 horizons and some bars of overlap.
    expect(most).toBeLessThan(3 * (5 * 5 + 15));
    expect(book.summary(0).n).toBeGreaterThan(2_900);
  });

  test('an entry without a price is no outcome', () => {
    const outcomes: ReleasedOutcome[] = [];
    const book = newBook((outcome) => outcomes.push(outcome));
    walkBars(7, 60).forEach((bar, i) => {
      book.onBar(0, i, i === 11 ? { ...bar, open: Number.NaN } : bar, 0);
      if (i === 10 || i === 12) book.track(0, entry(i));
      book.release(0, i);
    });
    expect(outcomes.map(({ statement }) => statement)).toEqual([12]);
    expect(book.summary(0)).toMatchObject({ n: 1, nEffective: 1, randomN: 4 });
    expect(book.positions(0)).toBe(0);
  });

  test('poor bars are told, but count in no rate', () => {
    const outcomes: ReleasedOutcome[] = [];
    const book = newBook((outcome) => outcomes.push(outcome));
    walkBars(4, 60).forEach((bar, i) => {
      book.onBar(0, i, bar, 0);
      if (i < 10) book.track(0, entry(i, { quality: 0.49 }));
      book.release(0, i);
    });
    expect(outcomes).toHaveLength(10);
    expect(book.poorQuality).toBe(10);
    expect(book.summary(0)).toMatchObject({ n: 0, randomN: 0 });
  });
});

/** Prices with bars behind them in which nothing happens: the label of the last events becomes complete. */
function extended(prices: Record<'open' | 'high' | 'low' | 'close', number[]>, count: number) {
  const last = prices.close[prices.close.length - 1] as number;
  const still = new Array<number>(count).fill(last);
  return {
    open: [...prices.open, ...still],
    high: [...prices.high, ...still],
    low: [...prices.low, ...still],
    close: [...prices.close, ...still],
  };
}

/** Mean over the bars of a span of 1 over the spans of the pattern that cover the bar, straight from the definition. */
function uniqueness(spans: readonly { pattern: number; from: number; to: number }[], pattern: number, from: number) {
  const same = spans.filter((span) => span.pattern === pattern);
  const own = same.find((span) => span.from === from) as { from: number; to: number };
  let sum = 0;
  for (let bar = own.from; bar <= own.to; bar++) {
    sum += 1 / same.filter((span) => span.from <= bar && span.to >= bar).length;
  }
  return sum / (own.to - own.from + 1);
}
