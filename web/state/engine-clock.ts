/**
 * The engine's time as the page knows it: the newest statement of the server, carried on by the browser's own
 * clock. Ages are measured against it, so that a replay of last year is not "a year old", and a browser whose
 * clock is wrong shows right ages.
 */
export class EngineClock {
  #engineMs: number | undefined;
  #saidAtMs = 0;
  #speed = 1;

  /** Takes a statement of the server; `speed` is how fast engine time runs (replay). */
  set(engineMs: number, nowMs: number, speed: number): void {
    this.#engineMs = engineMs;
    this.#saidAtMs = nowMs;
    this.#speed = speed;
  }

  /** Engine time now, or undefined before the first statement. */
  nowMs(nowMs: number): number | undefined {
    return this.#engineMs === undefined ? undefined : this.#engineMs + (nowMs - this.#saidAtMs) * this.#speed;
  }
}
