import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { readPortfolio } from '../../src/patterns/index.ts';
import { type MiningSeries, minePortfolio } from '../../src/training/index.ts';

const NAMES = ['rsi_14', 'cci_20', 'adx_14', 'stoch_d'];
const CENTRES = [50, 0, 25, 50];
const SIZES = [10, 80, 6, 15];
const BAR_US = 900e6;
const SPLIT = 0.6;
const OPTIONS = { timeframe: '15m', patterns: 5, horizonBars: 8, seed: 7 };

/** Features that have nothing to do with the price, unless `drift` is pulled by two of them. */
function walk(seed: number, bars: number, drift: number, laterSeed = seed): MiningSeries {
  let random = new Prng(seed);
  const column = (): Float64Array => new Float64Array(bars);
  const series = {
    symbol: `S${seed}`,
    startUs: column().map((_, i) => BAR_US * i),
    endUs: column().map((_, i) => BAR_US * (i + 1)),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    features: new Float64Array(bars * NAMES.length),
  };
  const state = NAMES.map(() => 0);
  let log = Math.log(100);
  let pulled = 0;
  for (let i = 0; i < bars; i++) {
    if (i === Math.floor(SPLIT * bars) && laterSeed !== seed) random = new Prng(laterSeed);
    series.open[i] = Math.exp(log);
    let high = log;
    let low = log;
    for (let k = 0; k < 4; k++) {
      log += 0.001 * random.gauss() + (pulled > 0 ? drift / 4 : 0);
      high = Math.max(high, log);
      low = Math.min(low, log);
    }
    series.high[i] = Math.exp(high);
    series.low[i] = Math.exp(low);
    series.close[i] = Math.exp(log);
    for (let f = 0; f < NAMES.length; f++) {
      state[f] = 0.8 * (state[f] as number) + 0.6 * random.gauss();
      series.features[i * NAMES.length + f] = (CENTRES[f] as number) + (SIZES[f] as number) * (state[f] as number);
    }
    pulled = (state[0] as number) < -0.8 && (state[1] as number) > 0.5 ? 6 : pulled - 1;
  }
  return series;
}

interface Mined {
  readonly kept: number;
  readonly tested: number;
}

describe('mining', () => {
  it('keeps a planted pattern, and says by how much it beats random entries', () => {
    const document = minePortfolio(
      [1, 2, 3].map((seed) => walk(seed, 4_000, 0.0015)),
      NAMES,
      OPTIONS,
    );
    const { patterns } = readPortfolio(document);
    expect((document.mined as Mined).kept).toBeGreaterThan(0);
    const place = patterns.findIndex(
      ({ evidence, conditions }) =>
        evidence === 'kept' && ['rsi_14', 'cci_20'].every((name) => conditions.some(({ feature }) => feature === name)),
    );
    const best = patterns[place];
    const entry = (document.patterns as readonly { measured: { random_rate: number; low: number } }[])[place];
    expect(best?.direction).toBe(1);
    expect(best?.successRate).toBeGreaterThan((entry?.measured.random_rate ?? 1) + 0.1);
    expect(entry?.measured.low).toBeGreaterThan(entry?.measured.random_rate ?? 1);
  });

  it('keeps nothing of a random walk, in nine of ten cases or more', () => {
    const kept = Array.from({ length: 6 }, (_, i) => {
      const document = minePortfolio([walk(100 + 2 * i, 2_000, 0), walk(101 + 2 * i, 2_000, 0)], NAMES, OPTIONS);
      expect(readPortfolio(document).patterns.length).toBe(OPTIONS.patterns);
      return (document.mined as Mined).kept;
    });
    // Binomial bound of 99.9 % at one in ten.
    expect(kept.filter((count) => count > 0).length).toBeLessThanOrEqual(3);
  }, 60_000);

  it('chooses from the earlier part alone: what comes later changes the rates and not the choice', () => {
    const mined = [7, 8].map((laterSeed) => minePortfolio([walk(5, 4_000, 0, laterSeed)], NAMES, OPTIONS));
    const [one, other] = mined.map((document) => readPortfolio(document).patterns);
    const evidence = (one ?? []).concat(other ?? []).map((pattern) => pattern.evidence);
    expect(new Set(evidence)).toEqual(new Set(['none']));
    expect(one?.map(({ conditions }) => conditions)).toEqual(other?.map(({ conditions }) => conditions));
    expect(one?.map(({ successRate }) => successRate)).not.toEqual(other?.map(({ successRate }) => successRate));
  });

  it('gives the same document for the same bars and seed', () => {
    const bars = [walk(9, 2_000, 0)];
    expect(minePortfolio(bars, NAMES, OPTIONS)).toEqual(minePortfolio(bars, NAMES, OPTIONS));
  });

  it('refuses a history that is too short', () => {
    expect(() => minePortfolio([walk(1, 900, 0)], NAMES, OPTIONS)).toThrow('900 bars are too little history to mine');
    expect(() => minePortfolio([], NAMES, OPTIONS)).toThrow('0 bars are too little history');
  });
});
