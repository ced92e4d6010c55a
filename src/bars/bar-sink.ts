import type { Bar, BarChange } from '../model/index.ts';

/** What the builder tells its owner. Calls come in order, timeframes of one event ascending. */
export interface BarSink {
  /**
   * A bar closed or changed; it stands in its series already.
   * @param index its index in the {@link BarSeries}, -1 when the window no longer reaches back that far
   */
  onBar(bar: Bar, change: BarChange, index: number): void;
  /**
   * All trades of a bar that had closed were cancelled: there is no such bar. It was taken out of its series.
   * @param bar the next revision, with no trades, volume 0 and NaN prices
   * @param index the index it had, which now is that of the bar after it; -1 when the window did not reach back
   */
  onBarRetracted(bar: Bar, change: BarChange, index: number): void;
  /** [startUs, endUs) of a timeframe has to be rebuilt from stored trades: what that takes is no longer held. */
  onRepairNeeded(symbol: number, timeframe: number, startUs: number, endUs: number): void;
}

/** Counters of the bar builder; they only grow. */
export interface BarCounters {
  /** Events that touched a bar after its revision window. */
  lateBeyondWindow: number;
  /** Calls of `onRepairNeeded`. */
  repairsNeeded: number;
  /** Bars pushed out of a ledger before they had closed (policy: closed early), which takes events far in the future. */
  closedEarly: number;
  /** Trades that fell into a bar that a provider had delivered, counted once per timeframe. */
  tradesInSourceBars: number;
  /** Provider's bars that were not used because trades or finer bars build the interval. */
  sourceBarsUnused: number;
  /** Cancels and corrections of trades that are not held. */
  amendmentsUnmatched: number;
  /** Trades dropped on arrival because their cancel had come first. */
  cancelledOnArrival: number;
}

export function newCounters(): BarCounters {
  return {
    lateBeyondWindow: 0,
    repairsNeeded: 0,
    closedEarly: 0,
    tradesInSourceBars: 0,
    sourceBarsUnused: 0,
    amendmentsUnmatched: 0,
    cancelledOnArrival: 0,
  };
}
