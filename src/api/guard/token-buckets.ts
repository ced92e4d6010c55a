import type { Clock } from '../../host/index.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A token bucket per key. Bound on keys: policy drop-oldest (the longest unused starts afresh), counted.
 */
export class TokenBuckets {
  forgotten = 0;
  private readonly buckets = new Map<string, Bucket>();
  private readonly burst: number;
  private readonly perSecond: number;
  private readonly maxKeys: number;
  private readonly clock: Clock;

  constructor(burst: number, perSecond: number, maxKeys: number, clock: Clock) {
    this.burst = burst;
    this.perSecond = perSecond;
    this.maxKeys = maxKeys;
    this.clock = clock;
  }

  /** Takes `cost` tokens; returns 0 when they were there, else the seconds until they will be. */
  take(key: string, cost = 1): number {
    const nowMs = this.clock.monotonicMs();
    const bucket = this.buckets.get(key) ?? this.open(nowMs);
    const earned = ((nowMs - bucket.atMs) / 1_000) * this.perSecond;
    bucket.tokens = Math.min(this.burst, bucket.tokens + earned);
    bucket.atMs = nowMs;
    // Deleting first moves the key to the young end of the map.
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (bucket.tokens >= cost) {
      bucket.tokens -= cost;
      return 0;
    }
    return (cost - bucket.tokens) / this.perSecond;
  }

  private open(nowMs: number): Bucket {
    if (this.buckets.size >= this.maxKeys) {
      const oldest = this.buckets.keys().next().value;
      if (oldest !== undefined) this.buckets.delete(oldest);
      this.forgotten += 1;
    }
    return { tokens: this.burst, atMs: nowMs };
  }
}
