import type { Clock } from '../../host/index.ts';

/** Shortest stretch over which a rate is taken. */
const LEAST_MS = 900;

/** Events per second from counters that only grow, per name, over the last second or so. */
export class RateMeter {
  private readonly clock: Clock;
  private readonly marks = new Map<string, { atMs: number; count: number; rate: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  perSecond(name: string, count: number): number {
    const nowMs = this.clock.monotonicMs();
    const mark = this.marks.get(name);
    if (mark === undefined) {
      this.marks.set(name, { atMs: nowMs, count, rate: 0 });
      return 0;
    }
    const spanMs = nowMs - mark.atMs;
    if (spanMs < LEAST_MS) return mark.rate;
    const rate = ((count - mark.count) * 1_000) / spanMs;
    this.marks.set(name, { atMs: nowMs, count, rate });
    return rate;
  }
}
