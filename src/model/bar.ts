import type { Micros } from '../base/index.ts';

/**
 * How a bar event relates to what was said before: `final` is the first closing (revision 0); `revised` follows a
 * late, corrected or cancelled trade inside the revision window; `repaired` comes after the window and re-runs nothing.
 */
export type BarChange = 'final' | 'revised' | 'repaired';

/** A closed OHLCV bar of one symbol and timeframe over [startUs, endUs), stamped with its start. */
export interface Bar {
  /** Instrument id in the universe. */
  readonly symbol: number;
  /** Index of the timeframe in the engine's list. */
  readonly timeframe: number;
  readonly startUs: Micros;
  readonly endUs: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Volume-weighted average price; NaN where nothing with a size was traded. */
  readonly vwap: number;
  readonly trades: number;
  /** 0 for the first closing, then 1, 2, … */
  readonly revision: number;
  /** Source id in the universe. */
  readonly source: number;
  /** Mean quality of the events in it, 0 to 1. */
  readonly quality: number;
}
