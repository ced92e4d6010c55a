import type { Micros } from '../base/index.ts';

/**
 * The wall clock as a port, so that everything that waits runs on virtual time in tests.
 */
export interface Clock {
  /** Microseconds since the Unix epoch. May step when the machine's clock is set. */
  nowUs(): Micros;
  /** Milliseconds that never step backwards, from an arbitrary origin. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` is (or gets) aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

let anchorMs = Date.now() - performance.now();

/** Microseconds from the monotonic counter, anchored anew when it and the wall clock (whole milliseconds) part. */
function wallUs(): Micros {
  const counterMs = performance.now();
  const wallMs = Date.now();
  const apartMs = wallMs - (anchorMs + counterMs);
  if (apartMs > 2 || apartMs < -2) anchorMs = wallMs - counterMs;
  return Math.floor((anchorMs + counterMs) * 1_000);
}

/** A wall clock that shows what it is told and never goes back: time as the events of a source have it. */
export class FollowingClock implements Clock {
  private us = 0;

  follow(us: Micros): void {
    if (us > this.us) this.us = us;
  }

  nowUs(): Micros {
    return this.us;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

export const systemClock: Clock = {
  nowUs: wallUs,
  monotonicMs: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
};
