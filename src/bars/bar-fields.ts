/**
 * A bar under construction is a record of {@link BAR_WIDTH} doubles inside a larger Float64Array (the state of one
 * symbol). Everything but the order-flow fields is a function of the *set* of trades in it, whatever order they came in:
 * open and close are decided by the key (event time, tie), sums are double-double pairs. What every trade touches stands
 * first, in three cache lines.
 *
 * An object, to be taken apart into constants of each module that needs them: the compiler folds a module's own
 * constants, but loads, checks and converts an imported or exported one at each use, some twelve instructions.
 */
export const BAR_FIELDS = {
  START: 0,
  END: 1,
  /** Highest price tier seen, -1 for none: see `TradeRule`. */
  TIER: 2,
  HIGH: 3,
  LOW: 4,
  CLOSE: 5,
  CLOSE_TS: 6,
  CLOSE_TIE: 7,
  VOLUME: 8,
  VOLUME_LOW: 9,
  NOTIONAL: 10,
  NOTIONAL_LOW: 11,
  COUNT: 12,
  /** Sum of quality in thousandths, an integer. */
  QUALITY: 13,
  /** Volume by aggressor: unknown, buyer, seller; the order of `sideOf`. */
  UNSIGNED: 14,
  BUY: 15,
  SELL: 16,
  SOURCE: 17,
  OPEN: 18,
  OPEN_TS: 19,
  OPEN_TIE: 20,
  SPREAD_SUM: 21,
  SPREAD_COUNT: 22,
  BID: 23,
  ASK: 24,
  BID_SIZE: 25,
  ASK_SIZE: 26,
  /** -1 until the bar was said closed, then its revision. */
  REVISION: 27,
  /** 1 where a provider's bar stands in the record, 0 where trades or finer bars do. */
  FROM_SOURCE: 28,
  /** 1 while the bar stands in its series (a bar whose trades were all cancelled does not). */
  LISTED: 29,
  /** The stamp of the bar; see `BarClock`. */
  LABEL: 30,
  /** 1 when a cancelled trade could not be taken out of the record: the bar needs a repair from stored trades. */
  TAINTED: 31,
  /** No power of two: that would alias cache sets. */
  BAR_WIDTH: 33,
} as const;

/** Fields of a print: the doubles of one trade on its way into bars. */
export const PRINT_FIELDS = {
  PRINT_TS: 0,
  PRINT_PRICE: 1,
  PRINT_SIZE: 2,
  PRINT_TIE: 3,
  PRINT_WIDTH: 4,
} as const;
