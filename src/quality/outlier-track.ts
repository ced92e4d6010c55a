/** Columns of one price track: see {@link deviation}. */
export const TRACK_SLOTS = 5;
const LOCATION = 0;
const SCALE = 1;
const LAST_LOG = 2;
const COUNT = 3;
const LAST_US = 4;

/** Share of a (clipped) deviation that the location follows per event. */
const LOCATION_RATE = 0.1;
/** Share that the scale follows per change of price. */
const SCALE_RATE = 0.05;
/** Prices seen before anything can be called an outlier. */
const WARM_UP = 20;
/** sqrt(pi / 2): the standard deviation of a normal variable over its mean absolute deviation. */
const SIGMA_PER_MEAN_ABS = 1.2533141373155003;

export interface OutlierRule {
  /** Deviations beyond this many robust standard deviations are outliers. */
  readonly outlierZ: number;
  /** Smallest standard deviation assumed, as a share of the price: below it a single tick would count. */
  readonly minScale: number;
}

/**
 * Streaming robust z-score of a price, O(1) in time and space. Kept per track: a location m of the log price and a
 * scale s, both updated with the deviation r = ln p - m clipped to ±z s (Huber's proposal 2 as a recursion):
 *
 *     m += 0.1 clip(r)      s += 0.05 (1.2533 |clip(r)| - s)
 *
 * where s rests while an ordinary price repeats (else it would sink to nothing in quiet minutes).
 * One wild price moves m by at most 0.1 z s and s by at most half, so it can not hide the next; a true jump is followed
 * within about ten prices because s grows geometrically while they keep agreeing. The mean absolute deviation takes
 * the place of the median one, which has no exact O(1) form; the clipping gives it the same resistance.
 *
 * @param state track columns, `TRACK_SLOTS` from `base`; all zero at first
 * @param resetAfterUs after a silence this long the old price says little: the next one is not judged
 * @returns |r| / s before the update, or 0 while the track warms up or restarts. Call {@link follow} to update.
 */
export function deviation(
  state: Float64Array,
  base: number,
  logPrice: number,
  tsUs: number,
  resetAfterUs: number,
  rule: OutlierRule,
): number {
  if ((state[base + COUNT] as number) < WARM_UP) return 0;
  if (tsUs - (state[base + LAST_US] as number) > resetAfterUs) return 0;
  const scale = Math.max(state[base + SCALE] as number, rule.minScale);
  return Math.abs(logPrice - (state[base + LOCATION] as number)) / scale;
}

/** Lets a track follow a price; after a silence of `resetAfterUs` it starts anew from that price. */
export function follow(
  state: Float64Array,
  base: number,
  logPrice: number,
  tsUs: number,
  resetAfterUs: number,
  rule: OutlierRule,
): void {
  const count = state[base + COUNT] as number;
  const silentUs = tsUs - (state[base + LAST_US] as number);
  const changed = logPrice !== state[base + LAST_LOG];
  state[base + LAST_US] = tsUs;
  state[base + LAST_LOG] = logPrice;
  state[base + COUNT] = count + 1;
  if (count === 0 || silentUs > resetAfterUs) {
    state[base + LOCATION] = logPrice;
    return;
  }
  const location = state[base + LOCATION] as number;
  const r = logPrice - location;
  const scale = state[base + SCALE] as number;
  // While warming up there is no scale to clip with: plain averages, so that the first prices set it.
  const isWarm = count >= WARM_UP;
  const bound = isWarm ? rule.outlierZ * Math.max(scale, rule.minScale) : Number.POSITIVE_INFINITY;
  const clipped = Math.max(-bound, Math.min(bound, r));
  state[base + LOCATION] = location + Math.max(LOCATION_RATE, isWarm ? 0 : 1 / (count + 1)) * clipped;
  if (!changed && clipped === r) return;
  const rate = isWarm ? SCALE_RATE : Math.max(SCALE_RATE, 1 / count);
  state[base + SCALE] = scale + rate * (SIGMA_PER_MEAN_ABS * Math.abs(clipped) - scale);
}

/** Forgets a track. */
export function resetTrack(state: Float64Array, base: number): void {
  state.fill(0, base, base + TRACK_SLOTS);
}
