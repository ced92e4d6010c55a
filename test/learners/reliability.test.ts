import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import {
  brierSkill,
  calibrationErrorNull,
  EwmaSigma,
  expectedCalibrationError,
  pinball,
  reliabilityBins,
  rocAuc,
  spiegelhalter,
} from '../../src/learners/index.ts';

function spread(n: number, seed = 1): number[] {
  const prng = new Prng(seed);
  return Array.from({ length: n }, () => 0.02 + 0.96 * prng.uniform());
}

describe('calibration error and its null', () => {
  // learning.md 2.4: q99 = .074 at n = 500 and .036 at n = 2,000 for p ~ U(.02, .98), M = 10.
  test.each([
    [500, 0.074],
    [2_000, 0.036],
  ])('null quantile at n = %i', (n, expected) => {
    expect(Math.abs(calibrationErrorNull(spread(n), 10) / expected - 1)).toBeLessThan(0.08);
  });

  test('null quantile for forecasts around one half', () => {
    const prng = new Prng(4);
    const p = Array.from({ length: 2_000 }, () => 0.5 + 0.03 * prng.gauss());
    expect(Math.abs(calibrationErrorNull(p, 10) / 0.033 - 1)).toBeLessThan(0.15);
  });

  test('calibrated forecasts stay below it in about 99 of 100 cases, tilted ones do not', () => {
    const p = spread(1_000, 8);
    const limit = calibrationErrorNull(p, 10);
    const prng = new Prng(99);
    let honest = 0;
    let tilted = 0;
    for (let run = 0; run < 300; run++) {
      const y = p.map((value) => (prng.uniform() < value ? 1 : 0));
      if (expectedCalibrationError(reliabilityBins(p, y, 10)) > limit) honest++;
      const late = p.map((value) => (prng.uniform() < 0.5 + 0.6 * (value - 0.5) ? 1 : 0));
      if (expectedCalibrationError(reliabilityBins(p, late, 10)) > limit) tilted++;
    }
    expect(honest).toBeLessThanOrEqual(11);
    expect(tilted).toBe(300);
  });

  test('bins are closed to the right at every edge, and empty ones are empty', () => {
    const edges = Array.from({ length: 11 }, (_, i) => i / 10);
    const bins = reliabilityBins(edges, edges, 10);
    expect(bins.map(({ n }) => n)).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const empty = reliabilityBins([0.55], [1], 10);
    expect(empty[0]).toEqual({ low: 0, high: 0.1, n: 0, meanP: Number.NaN, frequency: Number.NaN });
    expect(expectedCalibrationError(empty)).toBeCloseTo(0.45, 12);
  });
});

test('scores at their limits', () => {
  expect(rocAuc([0.2, 0.2, 0.2], [1, 0, 1])).toBe(0.5);
  expect(rocAuc([0.1, 0.9], [1, 1])).toBeNaN();
  expect(brierSkill(0.1, 0)).toBeNaN();
  const p = spread(20_000, 3);
  const prng = new Prng(17);
  const y = p.map((value) => (prng.uniform() < value ? 1 : 0));
  expect(Math.abs(spiegelhalter(p, y).z)).toBeLessThan(3.3);
});

test('pinball loss is never negative, and least at the quantile', () => {
  const prng = new Prng(2);
  const values = Array.from({ length: 4_000 }, () => prng.gauss());
  const loss = (q: number) => values.reduce((sum, y) => sum + pinball(y, q, 0.95), 0);
  expect(values.every((y) => pinball(y, 0.3, 0.95) >= 0)).toBe(true);
  expect(loss(1.645)).toBeLessThan(loss(1.3));
  expect(loss(1.645)).toBeLessThan(loss(2.1));
});

test('the sigma before a return does not know it', () => {
  const ewma = new EwmaSigma(0.94, 2);
  ewma.learn(0.01);
  expect(ewma.sigma).toBeNaN();
  ewma.learn(-0.01);
  expect(ewma.sigma).toBeCloseTo(0.01, 15);
  ewma.learn(0);
  expect(ewma.sigma).toBeCloseTo(0.01 * Math.sqrt(0.94), 15);
});
