import { Prng } from '../base/index.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Waits between attempts to connect: doubling from 1 s to 60 s, each times a random 0.5 to 1.5, at most 60 s. */
export class BackOff {
  private readonly random: Prng;
  private failures = 0;
  private lastMs = 0;

  constructor(seed: number) {
    this.random = new Prng(seed);
  }

  /** The next wait. @param leastMs what the other side asked for */
  next(leastMs = 0): number {
    const planMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.failures, 10));
    this.failures++;
    this.lastMs = Math.max(leastMs, Math.min(LONGEST_MS, planMs * (0.5 + this.random.uniform())));
    return this.lastMs;
  }

  /**
   * A connection ended that had delivered for so long. Only one that outlived the wait before it begins the plan anew:
   * a quick answer alone is no health.
   */
  ended(deliveredMs: number): void {
    if (deliveredMs > 0 && deliveredMs >= Math.min(this.lastMs, LONGEST_MS)) this.failures = 0;
  }
}
