import { Prng } from '../src/base/index.ts';
import {
  CHART_PATTERNS,
  type ChartBars,
  ChartScanner,
  chooseBandwidth,
  kernelExtrema,
  kernelSmooth,
  type LmwPattern,
  lmwDouble,
  lmwFindings,
} from '../src/patterns/index.ts';

/** A geometric random walk as bars of which nothing can be known. */
export interface NoiseRecipe {
  readonly seed: number;
  readonly bars: number;
  /** Standard deviation of one bar's log return. */
  readonly sigma: number;
  /** Gaussian steps within a bar, from which its open, high and low come; 1: the bar knows its two ends only. */
  readonly steps: number;
}

const MINUTE_US = 60_000_000;

/** Bars of the recipe: a bar opens at the close before it, the first at 100. */
export function noiseBars({ seed, bars, sigma, steps }: NoiseRecipe): ChartBars {
  const random = new Prng(seed);
  const column = (): Float64Array => new Float64Array(bars);
  const columns = {
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    startUs: column(),
    endUs: column(),
  };
  const step = sigma / Math.sqrt(steps);
  let log = Math.log(100);
  for (let i = 0; i < bars; i++) {
    const open = log;
    let high = log;
    let low = log;
    for (let k = 0; k < steps; k++) {
      log += step * random.gauss();
      high = Math.max(high, log);
      low = Math.min(low, log);
    }
    columns.open[i] = Math.exp(open);
    columns.high[i] = Math.exp(high);
    columns.low[i] = Math.exp(low);
    columns.close[i] = Math.exp(log);
    columns.startUs[i] = i * MINUTE_US;
    columns.endUs[i] = (i + 1) * MINUTE_US;
  }
  return { ...columns, slot: (index) => index };
}

/** Bars before the first window, in which the detectors come to know the volatility and their first pivots. */
const LEAD_BARS = 200;

/**
 * Share of the windows, laid one after the other over one random walk, in which a chart pattern is told, WATCHING or
 * TRIGGERED, whatever windows its points lie in: by pattern id.
 */
export function chartNoiseRates(
  recipe: Omit<NoiseRecipe, 'bars'>,
  windows: number,
  windowBars: number,
): ReadonlyMap<string, number> {
  const bars = noiseBars({ ...recipe, bars: LEAD_BARS + windows * windowBars });
  const scanner = new ChartScanner();
  const state = new Float64Array(scanner.stateSize);
  const counts = new Map(CHART_PATTERNS.map(({ id }) => [id, 0]));
  const last = new Map<string | number, number>();
  scanner.reset(state, 0);
  for (let i = 0; i < bars.close.length; i++) {
    const window = Math.floor((i - LEAD_BARS) / windowBars);
    scanner.update(state, 0, bars, i, ({ patternId }) => {
      if (window < 0 || last.get(patternId) === window) return;
      last.set(patternId, window);
      counts.set(String(patternId), (counts.get(String(patternId)) ?? 0) + 1);
    });
  }
  return new Map([...counts].map(([id, count]) => [id, count / windows]));
}

/** The same for the definitions of Lo, Mamaysky and Wang as printed, with their bandwidth, on the closes of the same walk. */
export function lmwNoiseRates(
  recipe: Omit<NoiseRecipe, 'bars'>,
  windows: number,
  windowBars: number,
): ReadonlyMap<LmwPattern, number> {
  const bars = noiseBars({ ...recipe, bars: LEAD_BARS + windows * windowBars });
  const counts = new Map<LmwPattern, number>();
  for (let window = 0; window < windows; window++) {
    const from = LEAD_BARS + window * windowBars;
    const prices = [...bars.close.subarray(from, from + windowBars)];
    const extrema = kernelExtrema(prices, kernelSmooth(prices, chooseBandwidth(prices, 19).used));
    const seen = new Set(lmwFindings(extrema).flatMap(({ patterns }) => patterns));
    extrema.forEach((_, i) => {
      for (const pattern of lmwDouble(extrema.slice(i))) seen.add(pattern);
    });
    for (const pattern of seen) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  return new Map([...counts].map(([pattern, count]) => [pattern, count / windows]));
}
