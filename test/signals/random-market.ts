import { Prng } from '../../src/base/index.ts';
import type { Bar } from '../../src/model/index.ts';
import { RegimeTracker, regimeSettings } from '../../src/regimes/index.ts';
import { OutcomeBook, type OutcomeSummary, type ReleasedOutcome } from '../../src/signals/index.ts';

/** Ticks of the walk per bar, and bars per session. */
const TICKS = 4;
const SESSION_BARS = 26;
const BAR_US = 60_000_000;
export const MARKET_START_US = 1_768_000_000_000_000;

/** Standard deviation of a tick's return (the walk N1). */
const SIGMA = 0.001;

/** Bars of a random walk; `drift` may add to the return of each tick of a bar, knowing the bars before. */
export function walkBars(seed: number, count: number, drift: (bars: readonly Bar[]) => number = () => 0): Bar[] {
  const prng = new Prng(seed);
  const bars: Bar[] = [];
  let price = 100;
  for (let i = 0; i < count; i++) {
    const mean = drift(bars);
    let open = 0;
    let high = 0;
    let low = Number.POSITIVE_INFINITY;
    for (let tick = 0; tick < TICKS; tick++) {
      price *= Math.exp(mean + SIGMA * prng.gauss());
      if (tick === 0) open = price;
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    bars.push(barOf(i, open, high, low, price));
  }
  return bars;
}

export function barOf(index: number, open: number, high: number, low: number, close: number, quality = 1): Bar {
  const startUs = MARKET_START_US + index * BAR_US;
  return {
    symbol: 0,
    timeframe: 0,
    startUs,
    endUs: startUs + BAR_US,
    open,
    high,
    low,
    close,
    volume: TICKS,
    vwap: (high + low + close) / 3,
    trades: TICKS,
    revision: 0,
    source: 0,
    quality,
  };
}

/** A pattern of the test: when it is there, and how it is traded. Distances in standard deviations of the horizon's move. */
export interface TestPattern {
  readonly id: string;
  readonly direction: 1 | -1;
  readonly target: number;
  readonly stop: number;
  readonly horizonBars: number;
  isThere(bars: readonly Bar[], index: number): boolean;
}

/** Runs patterns over one series through the real regime tracker and outcome book. */
export function runBook(
  patterns: readonly TestPattern[],
  bars: readonly Bar[],
  seed: string,
  onOutcome: (outcome: ReleasedOutcome) => void = () => {},
): OutcomeSummary[] {
  const tracker = new RegimeTracker(regimeSettings({}));
  const state = new Float64Array(tracker.stateSize);
  tracker.reset(state, 0);
  const book = new OutcomeBook({
    patterns: patterns.map(({ id }) => ({ family: 'test', id })),
    estimation: { base: 0.4, regime: 0.3, confidence: 0.3 },
    seedOf: () => seed,
    onOutcome,
  });
  bars.forEach((bar, index) => {
    tracker.update(state, 0, bar.open, bar.close, index % SESSION_BARS === 0, SESSION_BARS);
    const cell = tracker.cell(state, 0);
    book.onBar(0, index, bar, cell);
    patterns.forEach((pattern, place) => {
      if (index < 30 || !pattern.isThere(bars, index)) return;
      const width = SIGMA * Math.sqrt(TICKS * pattern.horizonBars);
      book.track(0, {
        pattern: place,
        statement: index,
        direction: pattern.direction,
        target: pattern.target * width,
        stop: pattern.stop * width,
        horizonBars: pattern.horizonBars,
        ordinal: index,
        cell,
        quality: 1,
        closeness: 90 + (index % 11),
      });
    });
    book.release(0, index - 3);
  });
  return patterns.map((_, place) => book.summary(place));
}
