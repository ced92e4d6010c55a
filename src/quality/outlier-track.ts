/** Columns of one price track: see {@link trackPrice}. */
export const TRACK_SLOTS = 5;
const LOCATION = 0;
const SCALE = 1;
const LAST_PRICE = 2;
const COUNT = 3;
const LAST_US = 4;

/** Share of a (clipped) deviation that the location follows per event. */
const LOCATION_RATE = 0.1;
/** Share that the scale follows per change of price. */
const SCALE_RATE = 0.05;
/** Prices seen before anything can be called an outlier. */
const WARM_UP = 20;
/** No single price is followed as if it had moved by more than its own size. */
const MAX_STEP = 1;
/** The location stays between these, so that absurd prices can not drive it to 0 or infinity for good. */
const LEAST_PRICE = 1e-300;
const GREATEST_PRICE = 1e300;
/** sqrt(pi / 2): the standard deviation of a normal variable over its mean absolute deviation. */
const SIGMA_PER_MEAN_ABS = 1.2533141373155003;

export interface OutlierRule {
  /** Deviations beyond this many robust standard deviations are outliers. */
  readonly outlierZ: number;
  /** Smallest standard deviation assumed, as a share of the price: below it a single tick would count. */
  readonly minScale: number;
}

/**
 * Streaming robust z-score of a price, O(1) in time and space. Kept per track: a location m of the price and a scale s
 * of its returns, both updated with the return r = p / m - 1 (the log return, to first order) clipped to ±z s (Huber's
 * proposal 2 as a recursion):
 *
 *     m *= 1 + 0.1 clip(r)      s += 0.05 (1.2533 |clip(r)| - s)
 *
 * where s rests while an ordinary price repeats (else it would sink to nothing in quiet minutes). One wild price moves
 * m by at most 0.1 z s and s by at most half, so it can not hide the next; a true jump is followed within about ten
 * prices because s grows geometrically while they keep agreeing. The mean absolute deviation takes the place of the
 * median one, which has no exact O(1) form; the clipping gives it the same resistance.
 *
 * @param state track columns, `TRACK_SLOTS` from `base`; all zero at first
 * @param resetAfterUs after a silence this long the old price says little: the next is not judged, and starts anew
 * @param isFollowed false for an event that is no news of the price: it is judged and leaves the track as it was
 * @returns true for an outlier: |r| / s beyond z before the update
 */
export function trackPrice(
  state: Float64Array,
  base: number,
  price: number,
  tsUs: number,
  resetAfterUs: number,
  isFollowed: boolean,
  rule: OutlierRule,
): boolean {
  const count = state[base + COUNT] as number;
  if (count === 0 || tsUs - (state[base + LAST_US] as number) > resetAfterUs) {
    if (isFollowed) restart(state, base, price, tsUs, count);
    return false;
  }
  const location = state[base + LOCATION] as number;
  const scale = state[base + SCALE] as number;
  const r = price / location - 1;
  // While warming up there is no scale to judge by: near-plain averages, so that the first prices set it.
  const isWarm = count >= WARM_UP;
  const bound = isWarm ? Math.min(rule.outlierZ * Math.max(scale, rule.minScale), MAX_STEP) : MAX_STEP;
  const isClipped = Math.abs(r) > bound;
  const isOutlier = isWarm && isClipped;
  if (!isFollowed) return isOutlier;
  const clipped = isClipped ? Math.sign(r) * bound : r;
  const moved = location * (1 + (isWarm ? LOCATION_RATE : Math.max(LOCATION_RATE, 1 / (count + 1))) * clipped);
  state[base + LOCATION] = bounded(moved);
  if (isClipped || price !== state[base + LAST_PRICE]) {
    const rate = isWarm ? SCALE_RATE : Math.max(SCALE_RATE, 1 / count);
    state[base + SCALE] = scale + rate * (SIGMA_PER_MEAN_ABS * Math.abs(clipped) - scale);
  }
  state[base + LAST_PRICE] = price;
  state[base + LAST_US] = tsUs;
  state[base + COUNT] = count + 1;
  return isOutlier;
}

function restart(state: Float64Array, base: number, price: number, tsUs: number, count: number): void {
  state[base + LOCATION] = bounded(price);
  state[base + LAST_PRICE] = price;
  state[base + LAST_US] = tsUs;
  state[base + COUNT] = count + 1;
}

function bounded(price: number): number {
  return Math.min(Math.max(price, LEAST_PRICE), GREATEST_PRICE);
}

/** The price that a track is at, and the robust standard deviation of its returns; 0 before the first. */
export function trackedPrice(state: Float64Array, base: number): number {
  return state[base + LOCATION] as number;
}

export function trackedScale(state: Float64Array, base: number): number {
  return state[base + SCALE] as number;
}

/** Forgets a track. */
export function resetTrack(state: Float64Array, base: number): void {
  state.fill(0, base, base + TRACK_SLOTS);
}
