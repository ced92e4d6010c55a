import type { ServerEvent } from '../../src/api/protocol/index.ts';

/** Events kept between two frames, or while paused. */
export const INBOX_LIMIT = 20_000;

/**
 * Holds what arrived until the page applies it: once per frame, or not at all while paused. Policy at the
 * limit: drop-oldest, counted, and the page is told to read its state anew by HTTP.
 */
export class Inbox {
  #events: ServerEvent[] = [];
  #paused = false;
  droppedOldest = 0;
  #mustReload = false;

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Events that wait. */
  get behind(): number {
    return this.#events.length;
  }

  push(events: readonly ServerEvent[]): void {
    for (const event of events) this.#events.push(event);
    const over = this.#events.length - INBOX_LIMIT;
    if (over > 0) {
      this.#events.splice(0, over);
      this.droppedOldest += over;
      this.#mustReload = true;
    }
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
  }

  /** Hands out what waits, in order; nothing while paused. */
  take(): readonly ServerEvent[] {
    if (this.#paused || this.#events.length === 0) return [];
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** True once after events were dropped: state has to be read anew. */
  takeMustReload(): boolean {
    const must = this.#mustReload && !this.#paused;
    if (must) this.#mustReload = false;
    return must;
  }
}
