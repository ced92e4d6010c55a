/** Bound of a standardised value, so that one wild input cannot dominate a model. */
export const CLIP = 5;

/**
 * Running standardisation of one feature with Welford's update (population variance):
 * n++, d = x − m, m += d/n, v += (d·(x − m) − v)/n.
 */
export class RunningScaler {
  count = 0;
  mean = 0;
  variance = 0;

  learn(x: number): void {
    this.count++;
    const distance = x - this.mean;
    this.mean += distance / this.count;
    this.variance += (distance * (x - this.mean) - this.variance) / this.count;
  }

  /** (x − mean)/deviation by what was learned so far; 0 while the variance is 0. */
  standardised(x: number): number {
    return zScore(x, this.mean, this.variance);
  }

  /**
   * Standardises by what was known before `x`, then learns it: the honest order for anything that is scored.
   * Undefined until two values were learned.
   */
  standardiseThenLearn(x: number): number | undefined {
    const z = this.count < 2 ? undefined : this.standardised(x);
    this.learn(x);
    return z;
  }
}

/**
 * Standardisation that forgets: exponentially weighted mean and variance (Finch 2009, West 1979) with weight `alpha`
 * for the newest value; the first value sets the mean.
 */
export class ForgettingScaler {
  count = 0;
  mean = 0;
  variance = 0;
  private readonly alpha: number;

  /** @throws RangeError when `alpha` is not in (0, 1]. */
  constructor(alpha: number) {
    if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha is ${alpha}, allowed is more than 0 and at most 1.`);
    this.alpha = alpha;
  }

  learn(x: number): void {
    this.count++;
    if (this.count === 1) {
      this.mean = x;
      return;
    }
    const distance = x - this.mean;
    const increment = this.alpha * distance;
    this.mean += increment;
    this.variance = (1 - this.alpha) * (this.variance + distance * increment);
  }

  /** As in {@link RunningScaler}. */
  standardised(x: number): number {
    return zScore(x, this.mean, this.variance);
  }

  /** As in {@link RunningScaler}. */
  standardiseThenLearn(x: number): number | undefined {
    const z = this.count < 2 ? undefined : this.standardised(x);
    this.learn(x);
    return z;
  }
}

/** A standardised value clipped to ±{@link CLIP}. */
export function clipped(z: number): number {
  return Math.max(-CLIP, Math.min(CLIP, z));
}

function zScore(x: number, mean: number, variance: number): number {
  return variance > 0 ? (x - mean) / Math.sqrt(variance) : 0;
}
