import { normalCdf, normalDensity } from '../base/index.ts';

/** Success rate seen so far, by Laplace's rule of succession: what a constant forecaster would say next. */
export class RunningClimatology {
  private n = 0;
  private k = 0;

  /** Probability before the next outcome. */
  get probability(): number {
    return (this.k + 1) / (this.n + 2);
  }

  /** @param y 0 or 1 */
  learn(y: number): void {
    this.n += 1;
    this.k += y;
  }
}

/**
 * Exponentially weighted standard deviation of returns around zero (RiskMetrics 1996): what it says before a return rests
 * on earlier ones only. It begins as the root mean square of the first `warmUp` returns.
 */
export class EwmaSigma {
  private readonly lambda: number;
  private readonly warmUp: number;
  private count = 0;
  private variance = 0;

  constructor(lambda = 0.94, warmUp = 20) {
    this.lambda = lambda;
    this.warmUp = warmUp;
  }

  /** Standard deviation for the next return; NaN while it warms up. */
  get sigma(): number {
    return this.count < this.warmUp ? Number.NaN : Math.sqrt(this.variance);
  }

  learn(returned: number): void {
    const square = returned * returned;
    this.variance =
      this.count < this.warmUp
        ? this.variance + square / this.warmUp
        : this.lambda * this.variance + (1 - this.lambda) * square;
    this.count += 1;
  }
}

/** Pinball loss of a quantile forecast, never negative: tau (y - q) above it, (1 - tau) (q - y) below. */
export function pinball(y: number, q: number, tau: number): number {
  return Math.abs(signedPinball(y, q, tau));
}

/** The same with the sign of y - q, as some tables print it; no loss to be averaged. */
export function signedPinball(y: number, q: number, tau: number): number {
  return (y >= q ? tau : 1 - tau) * (y - q);
}

/** Winkler's score of an interval meant to miss with probability alpha: its width, and 2 / alpha times any miss. */
export function winkler(y: number, low: number, high: number, alpha: number): number {
  const miss = y < low ? low - y : y > high ? y - high : 0;
  return high - low + (2 / alpha) * miss;
}

/** Continuous ranked probability score of a normal forecast (Gneiting and others 2005, closed form). */
export function crpsGaussian(y: number, mu: number, sigma: number): number {
  const z = (y - mu) / sigma;
  return sigma * (z * (2 * normalCdf(z) - 1) + 2 * normalDensity(z) - 1 / Math.sqrt(Math.PI));
}
