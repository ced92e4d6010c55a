/** Columns of one level: see {@link levelLimit}. */
export const LEVEL_SLOTS = 3;
const LOCATION = 0;
const SCALE = 1;
const COUNT = 2;

/** sqrt(pi / 2): the standard deviation of a normal variable over its mean absolute deviation. */
const SIGMA_PER_MEAN_ABS = 1.2533141373155003;

/** How a positive quantity (a volume, a spread) is judged. */
export interface LevelRule {
  /** Robust standard deviations of the logarithm beyond which a value is unusual. */
  readonly z: number;
  /** Least multiple of the usual value that is unusual, however even the values were. Above 1. */
  readonly leastRatio: number;
  /** Share of a deviation that location and scale follow per value. */
  readonly rate: number;
  /** Values seen before any is judged. */
  readonly warmUp: number;
}

/**
 * Logarithm of the value above which the next one is unusual: m + max(z s, ln leastRatio), where m and s are location and
 * scale of the logarithms so far. +Infinity while there are too few values to say.
 * @param state columns, `LEVEL_SLOTS` from `base`; all zero at first
 */
export function levelLimit(state: Float64Array, base: number, rule: LevelRule): number {
  if ((state[base + COUNT] as number) < rule.warmUp) return Number.POSITIVE_INFINITY;
  return (state[base + LOCATION] as number) + bound(state[base + SCALE] as number, rule);
}

/** The usual value: the centre of those seen; NaN before the first. */
export function usualLevel(state: Float64Array, base: number): number {
  return state[base + COUNT] === 0 ? Number.NaN : Math.exp(state[base + LOCATION] as number);
}

/**
 * Takes the logarithm of a value > 0 into the level. With d = ln value - m, clipped to ±max(z s, ln leastRatio) once warm (Huber's proposal 2
 * as a recursion, as of prices in `outlier-track.ts`):
 *
 *     m += rate clip(d)      s += rate (1.2533 |clip(d)| - s)
 *
 * Before that plain averages, so that the first values set the scale. The logarithm, because volumes and spreads are
 * multiples of what is usual, never a distance from it.
 */
export function followLevel(state: Float64Array, base: number, log: number, rule: LevelRule): void {
  const count = state[base + COUNT] as number;
  state[base + COUNT] = count + 1;
  if (count === 0) {
    state[base + LOCATION] = log;
    return;
  }
  const location = state[base + LOCATION] as number;
  const scale = state[base + SCALE] as number;
  const deviation = log - location;
  const isWarm = count >= rule.warmUp;
  const clip = isWarm ? bound(scale, rule) : Number.POSITIVE_INFINITY;
  const clipped = Math.min(Math.max(deviation, -clip), clip);
  state[base + LOCATION] = location + (isWarm ? rule.rate : Math.max(rule.rate, 1 / (count + 1))) * clipped;
  const scaleRate = isWarm ? rule.rate : Math.max(rule.rate, 1 / count);
  state[base + SCALE] = scale + scaleRate * (SIGMA_PER_MEAN_ABS * Math.abs(clipped) - scale);
}

function bound(scale: number, { z, leastRatio }: LevelRule): number {
  return Math.max(z * scale, Math.log(leastRatio));
}
