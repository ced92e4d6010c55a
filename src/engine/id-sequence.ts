/** Columns per symbol: the highest id seen and the event time it had. */
const LAST_ID = 0;
const LAST_US = 1;
const STRIDE = 2;

/**
 * Watches trade ids of sources that count them up by one per symbol, each source on its own. A jump is a hole:
 * something was lost between us and the source, whatever the connection said.
 */
export class IdSequence {
  /** Event time of the trade before the one noted last. */
  previousUs = 0;
  /** By source. */
  private readonly states: Float64Array[] = [];

  /** Notes an accepted trade. Returns how many ids were skipped before it, 0 in the usual case. */
  note(symbol: number, source: number, id: number, tsEventUs: number): number {
    const at = symbol * STRIDE;
    let state = this.states[source];
    if (state === undefined || at + STRIDE > state.length) state = this.grow(source, at + STRIDE);
    const last = state[at + LAST_ID] as number;
    if (!(id > last)) return 0;
    this.previousUs = state[at + LAST_US] as number;
    state[at + LAST_ID] = id;
    state[at + LAST_US] = tsEventUs;
    return last === 0 ? 0 : id - last - 1;
  }

  /** Highest id seen of a symbol from a source, `undefined` before the first. */
  lastId(symbol: number, source: number): number | undefined {
    const last = this.states[source]?.[symbol * STRIDE + LAST_ID];
    return last === undefined || last === 0 ? undefined : last;
  }

  private grow(source: number, length: number): Float64Array {
    const before = this.states[source];
    const state = new Float64Array(Math.max(64 * STRIDE, 2 * (before?.length ?? 0), length));
    if (before !== undefined) state.set(before);
    this.states[source] = state;
    return state;
  }

  /** By source; a source that never counted up has nothing. */
  snapshot(): readonly (readonly [source: number, state: readonly number[]])[] {
    return this.states.flatMap((state, source) => (state === undefined ? [] : [[source, [...state]] as const]));
  }

  restore(states: readonly (readonly [source: number, state: readonly number[]])[]): void {
    this.states.length = 0;
    for (const [source, state] of states) this.states[source] = Float64Array.from(state);
  }
}
