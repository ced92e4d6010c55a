import { Prng } from '../../src/base/index.ts';

/** Columns of bars, the oldest first. */
export interface CandleBars {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  slot(index: number): number;
}

/** How {@link randomCandles} walks. */
export interface CandleRecipe {
  readonly seed: number;
  readonly bars: number;
  /** Deviation of the logarithm of the price over one bar. */
  readonly sigma: number;
  /** Deviation of the jump between two bars, as a share of `sigma`; 0: each bar opens where the last one closed. */
  readonly gap: number;
  /** Steps of the walk inside a bar. */
  readonly steps: number;
}

/** Bars of a geometric random walk that begins at 100, in cents. */
export function randomCandles({ seed, bars, sigma, gap, steps }: CandleRecipe): CandleBars {
  const random = new Prng(seed);
  const columns = {
    open: new Float64Array(bars),
    high: new Float64Array(bars),
    low: new Float64Array(bars),
    close: new Float64Array(bars),
    slot: (index: number): number => index,
  };
  let log = Math.log(100);
  const step = sigma / Math.sqrt(steps);
  for (let i = 0; i < bars; i++) {
    if (gap > 0) log += gap * sigma * random.gauss();
    let high = log;
    let low = log;
    columns.open[i] = inCents(log);
    for (let k = 0; k < steps; k++) {
      log += step * random.gauss();
      if (log > high) high = log;
      if (log < low) low = log;
    }
    columns.high[i] = inCents(high);
    columns.low[i] = inCents(low);
    columns.close[i] = inCents(log);
  }
  return columns;
}

function inCents(log: number): number {
  return Math.round(100 * Math.exp(log)) / 100;
}
