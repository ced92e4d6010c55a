import type { ChartView } from '../chart-view.ts';
import type { Formation } from '../formation.ts';

const RANGE_BARS = 40;
/** The range has held for this many bars: neither of its ends is younger. */
const HELD_BARS = 8;
/** Widest range in sigma * sqrt(bars); a random walk's is 1.6 on average. */
const RANGE_WIDTH = 1;
/** Least return of the bar that breaks out, in standard deviations, and how far beyond the range it closes. */
const THRUST = 2.2;
const BEYOND = 0.5;
const QUIET_BARS = 10;

/** A thrust out of a narrow range of forty bars. @param side +1 up, -1 down. */
export function breakout(view: ChartView, out: Formation, side: 1 | -1): boolean {
  const { sigma, series } = view;
  // Few bars pass, so that those that look at the forty bars before them cost little on average.
  if (!out.atLeast(side * view.move, THRUST * sigma)) return false;
  if (view.slotBack(RANGE_BARS) < 0) return false;
  let high = 0;
  let low = Number.POSITIVE_INFINITY;
  let highBack = 0;
  let lowBack = 0;
  for (let back = 1; back <= RANGE_BARS; back++) {
    const slot = view.slotBack(back);
    // Of equal ends the oldest counts: a level that is touched again has held.
    if ((series.high[slot] as number) >= high) {
      high = series.high[slot] as number;
      highBack = back;
    }
    if ((series.low[slot] as number) <= low) {
      low = series.low[slot] as number;
      lowBack = back;
    }
  }
  const level = side > 0 ? high : low;
  if (!((side * (view.close - level)) / level >= BEYOND * sigma)) return false;
  if (Math.min(highBack, lowBack) < HELD_BARS) return false;
  if (!out.within(Math.log(high / low), RANGE_WIDTH * sigma * Math.sqrt(RANGE_BARS))) return false;
  out.isConfirmed = true;
  out.breaks = side;
  out.upperPrice = high;
  out.lowerPrice = low;
  out.height = high - low;
  const middle = (high + low) / 2;
  out.stopAbove = middle;
  out.stopBelow = middle;
  out.fromUs = series.startUs[view.slotBack(RANGE_BARS)] as number;
  out.formedAtUs = view.endUs;
  out.patience = QUIET_BARS;
  out.point(series.startUs[view.slotBack(highBack)] as number, high);
  out.point(series.startUs[view.slotBack(lowBack)] as number, low);
  out.point(view.startUs, view.close);
  return true;
}

/** How far the touches lie apart at most, in sigma * sqrt(bars from the first to the last). */
const TOUCH_LEVEL = 0.06;
const FARTHEST_TOUCH = 12;
const LONGEST = 250;
/** Least height of the swings between the touches, in the same unit. */
const SWING = 0.8;
const STOP_BEYOND = 1;

/**
 * A level that turned the price three times without being broken in between. @param side -1 lows (support), +1 highs.
 * Pivots that did not reach the level are passed over; one beyond it ends the search.
 */
export function levelTest(view: ChartView, out: Formation, side: 1 | -1): boolean {
  if (view.newestKind !== side) return false;
  const level = view.pivotPrice(0);
  let second = 0;
  let swing = -side * view.pivotPrice(1);
  for (let back = 2; back <= FARTHEST_TOUCH && back < view.pivots; back += 2) {
    const span = view.pivotOrdinal(0) - view.pivotOrdinal(back);
    if (view.ordinal - view.pivotOrdinal(back) > LONGEST) return false;
    const limit = TOUCH_LEVEL * view.sigma * Math.sqrt(span);
    const distance = Math.abs(view.pivotPrice(back) - level) / level;
    if (distance > limit) {
      if (side * (view.pivotPrice(back) - level) > 0) return false;
      if (back < FARTHEST_TOUCH && back + 1 < view.pivots) swing = Math.max(swing, -side * view.pivotPrice(back + 1));
      continue;
    }
    if (second > 0) {
      const height = swing + side * level;
      return (
        out.within(distance, limit) &&
        out.atLeast(height / level, SWING * view.sigma * Math.sqrt(span)) &&
        standAtLevel(view, out, side, second, back, height)
      );
    }
    out.within(distance, limit);
    second = back;
    if (back + 1 < view.pivots) swing = Math.max(swing, -side * view.pivotPrice(back + 1));
  }
  return false;
}

function standAtLevel(
  view: ChartView,
  out: Formation,
  side: 1 | -1,
  second: number,
  first: number,
  height: number,
): boolean {
  const a = view.pivotPrice(first);
  const b = view.pivotPrice(second);
  const c = view.pivotPrice(0);
  const outer = side > 0 ? Math.max(a, b, c) : Math.min(a, b, c);
  const farEnd = c - side * height;
  if (side * (c - view.close) <= 0) return false;
  out.isConfirmed = true;
  out.breaks = side > 0 ? -1 : 1;
  // The way back to where the swings between the touches went.
  out.height = Math.abs(farEnd - view.close);
  out.upperPrice = side > 0 ? outer : view.close;
  out.lowerPrice = side > 0 ? view.close : outer;
  if (side * (view.close - farEnd) <= 0) out.height = height;
  out.stopAbove = outer * (1 + STOP_BEYOND * view.sigma);
  out.stopBelow = outer * (1 - STOP_BEYOND * view.sigma);
  out.fromUs = view.pivotStartUs(first);
  out.formedAtUs = view.pivotEndUs(0);
  out.patience = QUIET_BARS;
  for (const back of [first, second, 0]) out.point(view.pivotStartUs(back), view.pivotPrice(back));
  return true;
}
