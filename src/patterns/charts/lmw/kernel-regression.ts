/** Which way a turning point turns. */
export type ExtremumKind = 'max' | 'min';

/** A local extremum of a price: where it lies (index into the prices), and the raw price there. */
export interface Extremum {
  readonly index: number;
  readonly price: number;
  readonly kind: ExtremumKind;
}

/** Mean squared error of leave-one-out predictions for each bandwidth tried, and what is chosen from it. */
export interface BandwidthChoice {
  readonly bandwidths: readonly number[];
  readonly errors: readonly number[];
  /** The bandwidth with the least error, the smallest of several. */
  readonly best: number;
  /** What is used: {@link LMW_BANDWIDTH_SHARE} of the best. */
  readonly used: number;
}

/** Lo, Mamaysky and Wang found the cross-validated bandwidth too smooth and used this share of it. */
const LMW_BANDWIDTH_SHARE = 0.3;
const LEAST_BANDWIDTH = 0.5;
const LARGEST_BANDWIDTH = 5;

/**
 * Nadaraya-Watson regression of prices on time with a Gaussian kernel (Lo, Mamaysky and Wang 2000, equations 7 to 10).
 * @param bandwidth standard deviation of the kernel in bars, above 0.
 */
export function kernelSmooth(prices: readonly number[], bandwidth: number): number[] {
  return prices.map((_, i) => weightedMean(prices, i, bandwidth, false));
}

/**
 * Leave-one-out cross-validation of the bandwidth (equation 11 there) over `count` bandwidths from 0.5 to 5 bars, evenly
 * spaced.
 */
export function chooseBandwidth(prices: readonly number[], count: number): BandwidthChoice {
  const step = count > 1 ? (LARGEST_BANDWIDTH - LEAST_BANDWIDTH) / (count - 1) : 0;
  const bandwidths = Array.from({ length: count }, (_, i) => LEAST_BANDWIDTH + i * step);
  const errors = bandwidths.map((bandwidth) => leaveOneOutError(prices, bandwidth));
  const best = bandwidths[errors.indexOf(Math.min(...errors))] ?? LEAST_BANDWIDTH;
  return { bandwidths, errors, best, used: LMW_BANDWIDTH_SHARE * best };
}

/**
 * The extrema of a smoothed price, each moved to the raw extreme within one bar of it: where the slope of `smooth`
 * changes its sign.
 */
export function kernelExtrema(prices: readonly number[], smooth: readonly number[]): Extremum[] {
  const extrema: Extremum[] = [];
  for (let i = 1; i < smooth.length - 1; i++) {
    const middle = smooth[i] as number;
    const before = middle - (smooth[i - 1] as number);
    const after = (smooth[i + 1] as number) - middle;
    if (before * after >= 0) continue;
    const kind = before > 0 ? 'max' : 'min';
    extrema.push(snapped(prices, i, kind));
  }
  return extrema;
}

function snapped(prices: readonly number[], index: number, kind: ExtremumKind): Extremum {
  const sign = kind === 'max' ? 1 : -1;
  let best = index - 1;
  for (let i = index; i <= index + 1; i++) {
    if (sign * (prices[i] as number) > sign * (prices[best] as number)) best = i;
  }
  return { index: best, price: prices[best] as number, kind };
}

function leaveOneOutError(prices: readonly number[], bandwidth: number): number {
  let sum = 0;
  for (let i = 0; i < prices.length; i++)
    sum += ((prices[i] as number) - weightedMean(prices, i, bandwidth, true)) ** 2;
  return sum / prices.length;
}

function weightedMean(prices: readonly number[], at: number, bandwidth: number, isLeftOut: boolean): number {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < prices.length; i++) {
    if (isLeftOut && i === at) continue;
    const distance = (at - i) / bandwidth;
    const weight = Math.exp(-0.5 * distance * distance);
    sum += weight * (prices[i] as number);
    weights += weight;
  }
  return sum / weights;
}
