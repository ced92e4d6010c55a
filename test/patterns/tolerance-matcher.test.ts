import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import {
  CONDITION_OPERATORS,
  DEFAULT_MATCHING_LIMITS,
  matchConditions,
  readPortfolio,
  STATUS_RANKS,
  type ToleranceCondition,
  ToleranceMatcher,
  type TolerancePattern,
  toleranceFinding,
} from '../../src/patterns/index.ts';

const NAMES = ['rsi_14', 'macd_hist', 'cci_20', 'volume_ratio_20'];
const SIZES = [100, 0.5, 200, 3];
const WIDTH = NAMES.length;

const condition = fc
  .record({
    place: fc.nat(WIDTH - 1),
    op: fc.constantFrom(...CONDITION_OPERATORS),
    share: fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true })),
    spread: fc.double({ min: 0, max: 1, noNaN: true }),
    scale: fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: undefined }),
    weight: fc.constantFrom(1, 2, 0.5),
  })
  .map(({ place, op, share, spread, scale, weight }): ToleranceCondition => {
    const size = SIZES[place] as number;
    const low = share * size;
    return {
      feature: NAMES[place] as string,
      op,
      low,
      high: op === 'between' ? low + spread * size : low,
      scale: scale === undefined ? undefined : scale * size,
      weight,
    };
  });

const portfolio = fc
  .array(fc.array(condition, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  .map((sets) => sets.map((conditions, id): TolerancePattern => ({ ...patternOf(conditions), id })));

function patternOf(conditions: readonly ToleranceCondition[]): TolerancePattern {
  return {
    id: 0,
    name: 'test',
    timeframe: undefined,
    direction: 1,
    conditions,
    successRate: undefined,
    sampleSize: undefined,
    targetPct: undefined,
    stopPct: undefined,
    horizonBars: undefined,
    evidence: undefined,
  };
}

/** Vectors that wander about, stand still now and then, and miss a value here and there. */
function vectors(seed: number, bars: number): Float64Array {
  const random = new Prng(seed);
  const out = new Float64Array(bars * WIDTH);
  const now = SIZES.map((size) => size * random.gauss());
  for (let i = 0; i < out.length; i++) {
    const place = i % WIDTH;
    if (random.uniform() < 0.7)
      now[place] = 0.9 * (now[place] as number) + 0.4 * (SIZES[place] as number) * random.gauss();
    if (random.uniform() < 0.1) now[place] = 0;
    out[i] = random.uniform() < 0.05 ? Number.NaN : (now[place] as number);
  }
  return out;
}

type Said = readonly [bar: number, id: string | number, confidence: number, rank: number, isExact: boolean];

function run(patterns: readonly TolerancePattern[], values: Float64Array): Said[] {
  const matcher = new ToleranceMatcher(patterns, { names: NAMES });
  const state = new Float64Array(matcher.stateSize);
  matcher.reset(state, 0);
  const said: Said[] = [];
  for (let bar = 0; bar < values.length / WIDTH; bar++) {
    matcher.match(state, 0, values, bar * WIDTH, (pattern, confidence, rank, isExact) =>
      said.push([bar, pattern.id, confidence, rank, isExact]),
    );
  }
  return said;
}

/** Interquartile range of the last 50 values that are there, the plain way. */
function plainRange(values: Float64Array, place: number, bar: number): number {
  const seen: number[] = [];
  for (let i = bar; i >= 0 && seen.length < 50; i--) {
    const value = values[i * WIDTH + place] as number;
    if (!Number.isNaN(value)) seen.push(value);
  }
  if (seen.length < 10) return 0;
  seen.sort((a, b) => a - b);
  const quantile = (share: number): number => {
    const at = share * (seen.length - 1);
    const below = seen[Math.floor(at)] as number;
    return below + (at - Math.floor(at)) * ((seen[Math.ceil(at)] as number) - below);
  };
  return quantile(0.75) - quantile(0.25);
}

describe('the matcher', () => {
  it('says what the definition says, at every bar at which a status changes', () => {
    fc.assert(
      fc.property(portfolio, fc.nat(1e6), (patterns, seed) => {
        const values = vectors(seed, 90);
        const said = run(patterns, values);
        const expected: Said[] = [];
        const last = patterns.map(() => 0);
        for (let bar = 0; bar < 90; bar++) {
          patterns.forEach(({ id, conditions }, p) => {
            const value = (feature: string): number => values[bar * WIDTH + NAMES.indexOf(feature)] as number;
            const range = ({ feature }: ToleranceCondition): number => plainRange(values, NAMES.indexOf(feature), bar);
            const match = matchConditions(conditions, value, range, DEFAULT_MATCHING_LIMITS);
            const rank = match.status === undefined ? 0 : STATUS_RANKS[match.status];
            if (rank !== last[p] && rank !== 0) expected.push([bar, id, match.confidence, rank, match.isExact]);
            last[p] = rank;
          });
        }
        expect(said.map(([bar, id, , rank, isExact]) => [bar, id, rank, isExact])).toEqual(
          expected.map(([bar, id, , rank, isExact]) => [bar, id, rank, isExact]),
        );
        for (const [i, [, , confidence]] of said.entries()) expect(confidence).toBeCloseTo((expected[i] as Said)[2], 6);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a series in its block alone: interleaved, saved and restored, it says the same', () => {
    fc.assert(
      fc.property(portfolio, fc.nat(1e6), fc.integer({ min: 1, max: 69 }), (patterns, seed, cut) => {
        const matcher = new ToleranceMatcher(patterns, { names: NAMES });
        const tapes = [vectors(seed, 70), vectors(seed + 1, 70)];
        const size = matcher.stateSize;
        const state = new Float64Array(2 * size + 3);
        const said: Said[][] = [[], []];
        const step = (s: number, bar: number, into: Said[][]): void =>
          matcher.match(
            state,
            s * size + 3,
            tapes[s] as Float64Array,
            bar * WIDTH,
            (pattern, confidence, rank, isExact) => into[s]?.push([bar, pattern.id, confidence, rank, isExact]),
          );
        for (const s of [0, 1]) matcher.reset(state, s * size + 3);
        for (let bar = 0; bar < cut; bar++) for (const s of [0, 1]) step(s, bar, said);
        const saved = state.slice();
        for (let bar = cut; bar < 70; bar++) for (const s of [1, 0]) step(s, bar, [[], []]);
        state.set(saved);
        for (let bar = cut; bar < 70; bar++) for (const s of [0, 1]) step(s, bar, said);
        expect(said).toEqual(tapes.map((tape) => run(patterns, tape)));
        expect([...state.subarray(0, 3)]).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('takes limits from its settings', () => {
    const pattern = patternOf([{ feature: 'rsi_14', op: '<=', low: 30, high: 30, scale: undefined, weight: 1 }]);
    const rankOf = (x: number, limits = DEFAULT_MATCHING_LIMITS): number => {
      const matcher = new ToleranceMatcher([pattern], { names: NAMES }, limits);
      let found = 0;
      matcher.match(new Float64Array(matcher.stateSize), 0, Float64Array.of(x, 0, 0, 0), 0, (_p, _c, rank) => {
        found = rank;
      });
      return found;
    };
    expect([30, 30.3, 30.31, 30.9, 30.91, 31.5, 31.51].map((x) => rankOf(x))).toEqual([3, 3, 2, 2, 1, 1, 0]);
    const wide = { tolerancePct: 10, minConfidence: 60, triggerConfidence: 80 };
    expect([31.2, 31.21, 31.8, 31.81, 32.4, 32.41].map((x) => rankOf(x, wide))).toEqual([3, 2, 2, 1, 1, 0]);
  });

  it('gives levels in percent of the close where the file has target and stop', () => {
    const series = {
      startUs: Float64Array.of(5),
      endUs: Float64Array.of(9),
      close: Float64Array.of(200),
      slot: () => 0,
    };
    const conditions = [{ feature: 'RSI_14', op: '<=', value: 30 }];
    const [long, short, bare] = readPortfolio({
      patterns: [
        { id: 1, direction: 'long', conditions, target_pct: 2, stop_pct: 1 },
        { id: 2, direction: 'short', conditions, target_pct: 2, stop_pct: 1 },
        { id: 3, direction: 'short', conditions, target_pct: 2 },
      ],
    }).patterns as [TolerancePattern, TolerancePattern, TolerancePattern];
    const at = (pattern: TolerancePattern) => toleranceFinding(pattern, 92.5, STATUS_RANKS.TRIGGERED, series, 0);
    expect(at(long)).toMatchObject({ levels: { entry: 200, target: 204, stop: 198 }, status: 'TRIGGERED', fromUs: 5 });
    expect(at(short)).toMatchObject({ levels: { entry: 200, target: 196, stop: 202 }, formedAtUs: 9, patternId: 2 });
    expect(at(bare).levels).toBeUndefined();
  });

  it('refuses a plan that lacks a feature', () => {
    const pattern = patternOf([{ feature: 'ema_9', op: '>', low: 0, high: 0, scale: 1, weight: 1 }]);
    expect(() => new ToleranceMatcher([pattern], { names: NAMES })).toThrow('The plan of features has no ema_9.');
  });
});
