import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import {
  betaInterval,
  closeOnlyBarrier,
  legacyScore,
  OutcomeBook,
  patternWeight,
  probabilityAbove,
  rateDifference,
  tripleBarrier,
  wilson,
} from '../../src/signals/index.ts';
import { barOf, walkBars } from './random-market.ts';

describe('success rates', () => {
  test('intervals contain the rate, stay in [0, 1] and shrink with n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 400 }), (k, more) => {
        const n = k + more;
        const { low, high } = wilson(k / n, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        const narrower = wilson(k / n, 2 * n);
        expect(narrower.high - narrower.low).toBeLessThan(high - low);
      }),
    );
    expect(wilson(Number.NaN, 0)).toEqual({ low: 0, high: 1 });
  });

  test('with overlapping outcomes the interval over effective n covers the truth, the naive one does not', () => {
    let naive = 0;
    let effective = 0;
    const runs = 300;
    for (let seed = 1; seed <= runs; seed++) {
      const prng = new Prng(seed);
      // Labels that look 30 bars ahead, one per bar: sign of the sum of the next 30 returns.
      const returns = Array.from({ length: 1_030 }, () => prng.gauss());
      let k = 0;
      for (let i = 0; i < 1_000; i++) if (returns.slice(i, i + 30).reduce((a, b) => a + b, 0) > 0) k++;
      const all = wilson(k / 1_000, 1_000);
      const few = wilson(k / 1_000, 1_000 / 30);
      if (all.low <= 0.5 && all.high >= 0.5) naive++;
      if (few.low <= 0.5 && few.high >= 0.5) effective++;
    }
    expect(naive / runs).toBeLessThan(0.5);
    expect(effective / runs).toBeGreaterThan(0.93);
  });

  test('the interval of a difference covers it in about 95 of 100 cases', () => {
    const prng = new Prng(12);
    const draw = (n: number, p: number) =>
      Array.from({ length: n }, () => prng.uniform() < p).filter(Boolean).length / n;
    let covered = 0;
    for (let i = 0; i < 1_000; i++) {
      const { low, high } = rateDifference(draw(80, 0.6), 80, draw(160, 0.45), 160);
      if (low <= 0.15 && high >= 0.15) covered++;
    }
    expect(covered).toBeGreaterThan(925);
    expect(covered).toBeLessThan(975);
  });

  test('the posterior says 97.5 % above the lower end of its interval', () => {
    const { low } = betaInterval(31, 21, 0.05);
    expect(probabilityAbove(30, 50, low, 1, 1)).toBeCloseTo(0.975, 10);
  });
});

test('a pattern weighs 0.5 to 1.5', () => {
  expect([patternWeight(0.1, 0.6), patternWeight(0.6, 0.5), patternWeight(0.9, 0.3), patternWeight(0.5, 0)]).toEqual([
    0.5, 1.2, 1.5, 1,
  ]);
  expect(legacyScore({ base: 0.4, regime: 0.3, confidence: 0.3 }, 80, 92.5, 92.5)).toBeCloseTo(87.5, 12);
});

test('a label exists only once its whole horizon is there, even if a barrier was reached before', () => {
  const bars = { open: [10, 10, 10], high: [10, 12, 10], low: [10, 10, 10], close: [10, 10, 10] };
  const spec = { direction: 1, up: 0.1, down: 0.1, horizon: 3 } as const;
  expect(tripleBarrier(bars, 0, spec)).toBeUndefined();
  expect(tripleBarrier(bars, 0, { ...spec, horizon: 2 })?.label).toBe(1);
  expect(closeOnlyBarrier(bars.close, 0, spec)).toBeUndefined();
  expect(closeOnlyBarrier([10, 10, 8.9], 0, { ...spec, direction: -1, horizon: 2 })?.barrier).toBe('target');
});

describe('odds', () => {
  const estimation = { base: 0.4, regime: 0.3, confidence: 0.3 };
  const claimed = { successRate: 0.9, sampleSize: 1_000 };
  const patterns = [
    { family: 'test', id: 0 },
    { family: 'test', id: 1, claimed },
  ];
  const entry = { direction: 1, target: 0.01, stop: 0.01, horizonBars: 4, cell: 3, quality: 1, closeness: 95 } as const;

  test('of a pattern never seen: no rate, the whole interval, the base rate and no edge', () => {
    const book = new OutcomeBook({ patterns, estimation, seedOf: String });
    expect(book.odds(0, 3, 95)).toEqual({
      legacyScore: expect.closeTo(0.4 * 50 + 0.3 * 50 + 0.3 * 95, 10),
      probability: 0.5,
      low: 0,
      high: 1,
      n: 0,
      nEffective: 0,
      successRate: Number.NaN,
      randomRate: 0.5,
      hasEdge: false,
    });
  });

  test('what a portfolio file claims moves the legacy score, and nothing else', () => {
    const book = new OutcomeBook({ patterns, estimation, seedOf: String });
    const { legacyScore: without, ...plain } = book.odds(0, 3, 95);
    const { legacyScore: withClaim, ...rest } = book.odds(1, 3, 95);
    expect(withClaim).toBeGreaterThan(without + 20);
    expect(rest).toEqual(plain);
  });

  test('stay the base rate without an edge, whatever the confidence', () => {
    const book = new OutcomeBook({ patterns, estimation, seedOf: String });
    walkBars(6, 2_000).forEach((bar, i) => {
      book.onBar(0, i, bar, 3);
      if (i % 5 === 0) book.track(0, { ...entry, pattern: 0, statement: i, ordinal: i, target: 0.004, stop: 0.004 });
      book.release(0, i);
    });
    const weak = book.odds(0, 3, 50);
    const strong = book.odds(0, 3, 100);
    expect(strong.hasEdge).toBe(false);
    expect(strong.probability).toBe(weak.probability);
    expect(strong.legacyScore).toBeCloseTo(weak.legacyScore + 15, 10);
    expect(strong.n).toBeGreaterThan(390);
    expect(strong.nEffective).toBeGreaterThan(0.9 * strong.n);
    expect(Math.abs(strong.probability - strong.randomRate)).toBeLessThan(0.02);
  });

  test('learn only what has been released', () => {
    const book = new OutcomeBook({ patterns, estimation, seedOf: String });
    for (let i = 0; i < 50; i++) {
      book.onBar(0, i, barOf(i, 100, 100, 100, 100), 3);
      book.track(0, { ...entry, pattern: 0, statement: i, ordinal: i });
    }
    expect(book.summary(0)).toMatchObject({ n: 0, randomN: 0 });
    book.release(0, 20);
    expect(book.summary(0)).toMatchObject({ n: 17, successes: 0 });
    // Every bar has four open positions of the pattern, but the first ones have fewer beside them.
    expect(book.summary(0).nEffective).toBeCloseTo(
      17 / 4 + (1 + 1 / 2 + 1 / 3 + 1 / 4 - 1) / 4 + (1 / 2 + 1 / 3 + 1 / 4 - 3 / 4) / 4 + (1 / 3 - 1 / 4) / 4,
      10,
    );
    expect(book.weight(0, 3)).toBeLessThanOrEqual(1);
    expect(book.learnedWeights.regime).not.toBeNaN();
  });
});
