import type { ChartView } from '../chart-view.ts';
import type { Formation } from '../formation.ts';

const FEWEST_BARS = 5;
const MOST_BARS = 20;
/** In bars from close to close: one bar is a jump, not a pole. */
const SHORTEST_POLE = 2;
const LONGEST_POLE = 10;
/** Least size of the pole in sigma * sqrt(bars of the pole). */
const POLE = 3;
/** The flag gives back at most this share of the pole, and its range is no more than that. */
const RETRACEMENT = 0.5;
/** How far beyond the flag's other end the stop stands, in standard deviations of a bar. */
const BEYOND = 0.5;

/**
 * A steep move (the pole) of at most ten bars and then five to twenty bars that lean against it, in a regression channel.
 * @param side +1 a pole up, -1 down.
 */
export function flag(view: ChartView, out: Formation, side: 1 | -1): boolean {
  const isLeg = view.leg === side;
  if (!isLeg && view.newestKind !== side) return false;
  const topOrdinal = isLeg ? view.extremeOrdinal : view.pivotOrdinal(0);
  const bars = view.ordinal - topOrdinal;
  if (bars < FEWEST_BARS || bars > MOST_BARS) return false;
  const top = isLeg ? view.extremePrice : view.pivotPrice(0);
  const far = isLeg ? view.counterPrice : view.extremePrice;
  const given = side * (top - far);
  // The pole is measured from close to close: a wick is no move.
  const topSlot = view.slotBack(bars);
  if (topSlot < 0) return false;
  const topClose = view.series.close[topSlot] as number;
  let start = -1;
  let startPrice = topClose;
  for (let back = bars + SHORTEST_POLE; back <= bars + LONGEST_POLE; back++) {
    const slot = view.slotBack(back);
    if (slot < 0) break;
    const price = view.series.close[slot] as number;
    if (side * (startPrice - price) > 0) {
      startPrice = price;
      start = back;
    }
  }
  if (start < 0) return false;
  const pole = side * (top - startPrice);
  if (!out.within(given, RETRACEMENT * pole)) return false;
  if (!out.atLeast(side * Math.log(topClose / startPrice), POLE * view.sigma * Math.sqrt(start - bars))) return false;
  return fitChannel(view, out, side, bars) && stand(view, out, side, { start, startPrice, top, far, bars, isLeg });
}

/** Lays a line through the closes of the flag and moves it out to its highs and to its lows. */
function fitChannel(view: ChartView, out: Formation, side: 1 | -1, bars: number): boolean {
  const { series } = view;
  let sum = 0;
  let weighted = 0;
  for (let back = 0; back < bars; back++) {
    const close = series.close[view.slotBack(back)] as number;
    sum += close;
    weighted -= back * close;
  }
  // x = -back runs from 1 - bars to 0.
  const meanX = (1 - bars) / 2;
  const slope = (weighted - meanX * sum) / ((bars * (bars * bars - 1)) / 12);
  if (side * slope > 0) return false;
  const now = sum / bars - slope * meanX;
  let above = 0;
  let below = 0;
  for (let back = 0; back < bars; back++) {
    const slot = view.slotBack(back);
    const line = now - slope * back;
    above = Math.max(above, (series.high[slot] as number) - line);
    below = Math.max(below, line - (series.low[slot] as number));
  }
  out.upperPrice = now + above;
  out.lowerPrice = now - below;
  out.upperSlope = slope;
  out.lowerSlope = slope;
  return true;
}

interface Pole {
  readonly start: number;
  readonly startPrice: number;
  readonly top: number;
  readonly far: number;
  readonly bars: number;
  readonly isLeg: boolean;
}

function stand(view: ChartView, out: Formation, side: 1 | -1, pole: Pole): boolean {
  const startUs = view.series.startUs[view.slotBack(pole.start)] as number;
  out.breaks = side;
  out.height = Math.abs(pole.top - pole.startPrice);
  out.stopAbove = pole.far * (1 + BEYOND * view.sigma);
  out.stopBelow = pole.far * (1 - BEYOND * view.sigma);
  out.fromUs = startUs;
  out.formedAtUs = view.endUs;
  out.patience = Math.max(1, MOST_BARS - pole.bars);
  out.point(startUs, pole.startPrice);
  out.point(pole.isLeg ? view.extremeStartUs : view.pivotStartUs(0), pole.top);
  out.point(view.startUs, view.close);
  return true;
}
