/**
 * The memory of one series: {@link CHART_STATE} doubles, then {@link WATCH} doubles for each pattern of the registry. Bars
 * are counted from the start of the series (ordinals), because a series drops its old bars.
 */
export const CHART_STATE = {
  /** Bars seen since the start, or since the prices last broke off. */
  BARS: 0,
  PREVIOUS_CLOSE: 1,
  /** Mean square of the returns from close to close. */
  VARIANCE: 2,
  /** +1 while a high is looked for, -1 a low, 0 before the first leg. */
  LEG: 3,
  /** The extreme of the leg so far: the next pivot. */
  EXTREME_ORDINAL: 4,
  EXTREME_START: 5,
  EXTREME_END: 6,
  EXTREME_PRICE: 7,
  /** The extreme against the leg since then: where the next leg begins. */
  COUNTER_ORDINAL: 8,
  COUNTER_START: 9,
  COUNTER_END: 10,
  COUNTER_PRICE: 11,
  PIVOTS: 12,
  /** +1 when the newest pivot is a high, -1 a low. */
  NEWEST_KIND: 13,
  /** Bit i: pattern i of the registry is watched. */
  WATCHED: 14,
  RING: 15,
  /** Pivots kept (policy drop-oldest), a power of two, and the doubles of each: ordinal, start, end, price. */
  RING_PIVOTS: 16,
  PIVOT_WIDTH: 4,
  WATCHES: 79,
} as const;

/** Memory of one pattern: the formation that is watched. */
export const WATCH = {
  /** Which breaks confirm it: +1 up, -1 down, 0 both. */
  BREAKS: 0,
  UPPER_PRICE: 1,
  UPPER_SLOPE: 2,
  LOWER_PRICE: 3,
  LOWER_SLOPE: 4,
  /** Ordinal at which the lines have their prices. */
  ORIGIN: 5,
  HEIGHT: 6,
  STOP_ABOVE: 7,
  STOP_BELOW: 8,
  CONFIDENCE: 9,
  FROM: 10,
  FORMED_AT: 11,
  /** Ordinal after which it is forgotten; nothing new of the pattern is looked for up to then. */
  UNTIL: 12,
  POINTS: 13,
  MOST_POINTS: 7,
  WIDTH: 27,
} as const;
