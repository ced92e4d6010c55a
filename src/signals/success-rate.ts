import { incompleteBeta, inverseIncompleteBeta, normalQuantile } from '../base/index.ts';

/** An interval of a rate, both ends in [0, 1]. */
export interface RateInterval {
  readonly low: number;
  readonly high: number;
}

const Z_95 = 1.959_963_984_540_054;

/**
 * Wilson's score interval of `rate` seen in n events; n may be an effective number.
 * @param z quantile of the normal distribution, 1.96 for 95 %
 */
export function wilson(rate: number, n: number, z: number = Z_95): RateInterval {
  if (!(n > 0)) return { low: 0, high: 1 };
  const z2n = (z * z) / n;
  const centre = (rate + z2n / 2) / (1 + z2n);
  const half = (z / (1 + z2n)) * Math.sqrt((rate * (1 - rate)) / n + z2n / (4 * n));
  return { low: rate === 0 ? 0 : Math.max(0, centre - half), high: rate === 1 ? 1 : Math.min(1, centre + half) };
}

/** The z of a two-sided interval that misses with probability alpha. */
export function twoSidedZ(alpha: number): number {
  return -normalQuantile(alpha / 2);
}

/** Jeffreys' interval: equal-tailed quantiles of Beta(k + 1/2, n - k + 1/2), not corrected at the ends. */
export function jeffreys(k: number, n: number, alpha: number): RateInterval {
  return betaInterval(k + 0.5, n - k + 0.5, alpha);
}

/** Clopper and Pearson's exact interval. */
export function clopperPearson(k: number, n: number, alpha: number): RateInterval {
  return {
    low: k <= 0 ? 0 : inverseIncompleteBeta(alpha / 2, k, n - k + 1),
    high: k >= n ? 1 : inverseIncompleteBeta(1 - alpha / 2, k + 1, n - k),
  };
}

/** Equal-tailed interval of Beta(a, b) that misses with probability alpha. */
export function betaInterval(a: number, b: number, alpha: number): RateInterval {
  return { low: inverseIncompleteBeta(alpha / 2, a, b), high: inverseIncompleteBeta(1 - alpha / 2, a, b) };
}

/** Posterior mean of a rate whose prior has the weight of `kappa` events at the rate `parent`. */
export function shrunkRate(k: number, n: number, parent: number, kappa: number): number {
  return (k + kappa * parent) / (n + kappa);
}

/** P(rate > base) under the posterior Beta(a0 + k, b0 + n - k). */
export function probabilityAbove(k: number, n: number, base: number, a0: number, b0: number): number {
  // By symmetry the upper tail at base is the lower one at 1 - base: nothing is lost where it is tiny.
  return incompleteBeta(1 - base, b0 + n - k, a0 + k);
}

/** P(at least k successes of n) where each succeeds with probability `base`. */
export function binomialTail(k: number, n: number, base: number): number {
  return k <= 0 ? 1 : incompleteBeta(base, k, n - k + 1);
}

/** Difference of two rates with its 95 % interval. */
export interface RateDifference extends RateInterval {
  readonly difference: number;
}

/**
 * Rate minus reference with Newcombe's hybrid score interval (1998, method 10): the Wilson intervals of both, combined.
 * The n may be effective numbers.
 */
export function rateDifference(rate: number, n: number, reference: number, nReference: number): RateDifference {
  const a = wilson(rate, n);
  const b = wilson(reference, nReference);
  const difference = rate - reference;
  return {
    difference,
    low: difference - Math.hypot(rate - a.low, b.high - reference),
    high: difference + Math.hypot(a.high - rate, reference - b.low),
  };
}
