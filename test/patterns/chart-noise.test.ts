import { describe, expect, it } from 'vitest';
import { chartNoiseRates, lmwNoiseRates } from '../../bench/noise-rates.ts';

const WINDOWS = 2_000;
const MOST = 0.05;
/** The count that a true rate of 5 % stays under with probability .999. */
const BOUND = MOST + 3.09 * Math.sqrt((MOST * (1 - MOST)) / WINDOWS);

describe('chart patterns on a random walk', () => {
  it.each([
    [38, 0.0025, 8],
    [38, 0.015, 8],
    [60, 0.0025, 8],
    [60, 0.015, 8],
    [60, 0.0025, 1],
  ])(
    'are told in at most 5 %% of windows of %i bars (sigma %d, %i steps a bar), each of them',
    (bars, sigma, steps) => {
      const rates = chartNoiseRates({ seed: 20_261_121, sigma, steps }, WINDOWS, bars);
      expect(rates.size).toBeGreaterThan(0);
      for (const [id, rate] of rates) {
        expect(rate, id).toBeLessThanOrEqual(BOUND);
        // A detector that is silent on two thousand windows of noise is broken rather than good.
        expect(rate, id).toBeGreaterThan(0);
      }
    },
  );

  it('the printed definitions find a head and shoulders in most of the same windows', () => {
    const rates = lmwNoiseRates({ seed: 20_261_121, sigma: 0.0025, steps: 8 }, 100, 38);
    expect((rates.get('HS') ?? 0) + (rates.get('IHS') ?? 0)).toBeGreaterThan(0.5);
  });
});
