import type { Clock } from '../../src/host/index.ts';

/** Virtual time: sleeping moves it on at once. `perSleep` runs before each move, with the time reached so far. */
export class ManualClock implements Clock {
  private us: number;
  perSleep: ((nowUs: number) => void) | undefined;

  constructor(startUs: number) {
    this.us = startUs;
  }

  nowUs(): number {
    return this.us;
  }

  monotonicMs(): number {
    return this.us / 1_000;
  }

  advance(us: number): void {
    this.us += us;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    this.us += Math.round(ms * 1_000);
    this.perSleep?.(this.us);
  }
}
