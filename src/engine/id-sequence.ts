/** Columns per (symbol, source): the highest id seen and the event time it had. */
const LAST_ID = 0;
const LAST_US = 1;
const STRIDE = 2;

/**
 * Watches trade ids of sources that count them up by one per symbol. A jump is a hole: something was lost between us
 * and the source, whatever the connection said.
 */
export class IdSequence {
  private state = new Float64Array(64 * STRIDE);

  /** Notes an accepted trade. Returns how many ids were skipped before it, 0 in the usual case. */
  note(symbol: number, id: number, tsEventUs: number): number {
    const at = symbol * STRIDE;
    if (at + STRIDE > this.state.length) this.grow(at + STRIDE);
    const last = this.state[at + LAST_ID] as number;
    if (!(id > last)) return 0;
    this.previousUs = this.state[at + LAST_US] as number;
    this.state[at + LAST_ID] = id;
    this.state[at + LAST_US] = tsEventUs;
    return last === 0 ? 0 : id - last - 1;
  }

  /** Event time of the trade before the one noted last. */
  previousUs = 0;

  /** Highest id seen of a symbol, `undefined` before the first. */
  lastId(symbol: number): number | undefined {
    const last = this.state[symbol * STRIDE + LAST_ID];
    return last === undefined || last === 0 ? undefined : last;
  }

  private grow(length: number): void {
    const state = new Float64Array(Math.max(2 * this.state.length, length));
    state.set(this.state);
    this.state = state;
  }

  snapshot(): number[] {
    return [...this.state];
  }

  restore(numbers: readonly number[]): void {
    this.state = Float64Array.from(numbers);
  }
}
