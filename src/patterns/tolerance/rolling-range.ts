/** Values that a range is taken over. */
const WINDOW = 50;
/** Fewer than this give no range yet. */
const LEAST = 10;

const COUNT = 0;
const NEXT = 1;
const RING = 2;
const SORTED = RING + WINDOW;

/**
 * Interquartile range of the last 50 values of a feature, exact, by linear interpolation between order statistics. A
 * missing value is left out. O(1) per value: the window is kept sorted.
 */
export class RollingRange {
  readonly stateSize = SORTED + WINDOW;

  reset(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.stateSize);
  }

  update(state: Float64Array, at: number, value: number): void {
    if (Number.isNaN(value)) return;
    let count = state[at + COUNT] as number;
    const next = state[at + NEXT] as number;
    const sorted = at + SORTED;
    if (count === WINDOW) {
      const place = placeOf(state, sorted, count, state[at + RING + next] as number);
      state.copyWithin(sorted + place, sorted + place + 1, sorted + count);
      count--;
    }
    const place = placeOf(state, sorted, count, value);
    state.copyWithin(sorted + place + 1, sorted + place, sorted + count);
    state[sorted + place] = value;
    state[at + RING + next] = value;
    state[at + NEXT] = (next + 1) % WINDOW;
    state[at + COUNT] = count + 1;
  }

  /** 0 while there are too few values. */
  range(state: Float64Array, at: number): number {
    const count = state[at + COUNT] as number;
    if (count < LEAST) return 0;
    return quantile(state, at + SORTED, count, 0.75) - quantile(state, at + SORTED, count, 0.25);
  }
}

/** Place of the first of the ascending values that is not below `value`. */
function placeOf(state: Float64Array, from: number, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((state[from + middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function quantile(state: Float64Array, from: number, count: number, share: number): number {
  const place = share * (count - 1);
  const below = Math.floor(place);
  const value = state[from + below] as number;
  if (below + 1 >= count) return value;
  return value + (place - below) * ((state[from + below + 1] as number) - value);
}
