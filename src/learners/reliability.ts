import { Prng } from '../base/index.ts';
import { ascending } from './scores.ts';

/** A bin of a reliability diagram. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** NaN in an empty bin. */
  readonly meanP: number;
  readonly frequency: number;
}

/** Equal-width bins, closed to the right: [0, 1/M], (1/M, 2/M], … */
export function reliabilityBins(p: ArrayLike<number>, y: ArrayLike<number>, bins: number): ReliabilityBin[] {
  const n = new Float64Array(bins);
  const sumP = new Float64Array(bins);
  const sumY = new Float64Array(bins);
  for (let i = 0; i < p.length; i++) {
    const bin = binOf(p[i] as number, bins);
    n[bin] = (n[bin] as number) + 1;
    sumP[bin] = (sumP[bin] as number) + (p[i] as number);
    sumY[bin] = (sumY[bin] as number) + (y[i] as number);
  }
  return Array.from(n, (count, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    n: count,
    meanP: (sumP[bin] as number) / count,
    frequency: (sumY[bin] as number) / count,
  }));
}

function binOf(p: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(p * bins) - 1));
  // The product may round across an edge that the quotient defines.
  if (bin > 0 && p <= bin / bins) bin--;
  else if (bin < bins - 1 && p > (bin + 1) / bins) bin++;
  return bin;
}

/** Expected calibration error: mean gap of the bins, weighted by their rows. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => (bin.n > 0 ? sum + (bin.n / n) * Math.abs(bin.meanP - bin.frequency) : sum), 0);
}

/** Largest gap of a bin that holds rows. */
export function maximumCalibrationError(bins: readonly ReliabilityBin[]): number {
  return bins.reduce((most, bin) => (bin.n > 0 ? Math.max(most, Math.abs(bin.meanP - bin.frequency)) : most), 0);
}

/** Calibration error over groups of equal size by ascending p (the first ones one larger where it does not divide). */
export function adaptiveCalibrationError(p: ArrayLike<number>, y: ArrayLike<number>, groups: number): number {
  const order = ascending(p);
  const n = order.length;
  let error = 0;
  let from = 0;
  for (let group = 0; group < groups; group++) {
    const to = from + Math.floor(n / groups) + (group < n % groups ? 1 : 0);
    let gap = 0;
    for (let i = from; i < to; i++) gap += (p[order[i] as number] as number) - (y[order[i] as number] as number);
    error += Math.abs(gap) / n;
    from = to;
  }
  return error;
}

/** Murphy's parts of the Brier score over bins: reliability - resolution + uncertainty. */
export interface MurphyParts {
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
}

export function murphyParts(bins: readonly ReliabilityBin[]): MurphyParts {
  const held = bins.filter((bin) => bin.n > 0);
  const n = held.reduce((sum, bin) => sum + bin.n, 0);
  const base = held.reduce((sum, bin) => sum + bin.n * bin.frequency, 0) / n;
  let reliability = 0;
  let resolution = 0;
  for (const bin of held) {
    reliability += (bin.n / n) * (bin.meanP - bin.frequency) ** 2;
    resolution += (bin.n / n) * (bin.frequency - base) ** 2;
  }
  return { reliability, resolution, uncertainty: base * (1 - base) };
}

/**
 * The calibration error that perfectly calibrated forecasts exceed with probability 1 - `quantile` at these p: an error
 * below it says nothing. By simulation of the outcomes.
 * @param draws simulated sets; 1,000 give the 99 % quantile to about 4 %
 * @param seed of the outcomes: same seed, same answer
 */
export function calibrationErrorNull(
  p: ArrayLike<number>,
  bins: number,
  quantile = 0.99,
  draws = 1_000,
  seed: number | bigint = 1,
): number {
  const prng = new Prng(seed);
  const n = p.length;
  const binAt = Int32Array.from({ length: n }, (_, i) => binOf(p[i] as number, bins));
  const gaps = new Float64Array(bins);
  const errors = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    gaps.fill(0);
    for (let i = 0; i < n; i++) {
      const value = p[i] as number;
      const bin = binAt[i] as number;
      gaps[bin] = (gaps[bin] as number) + value - (prng.u32() < value * 4_294_967_296 ? 1 : 0);
    }
    let error = 0;
    for (const gap of gaps) error += Math.abs(gap);
    errors[draw] = error / n;
  }
  errors.sort();
  return errors[Math.min(draws - 1, Math.ceil(quantile * draws) - 1)] as number;
}
