import type { ChartView } from '../chart-view.ts';
import type { Formation } from '../formation.ts';
import { stopBeyondPivots } from './stop-levels.ts';

/** Sides: +1 for tops (they break down), -1 for bottoms. */
export type Side = 1 | -1;

const SHORTEST = 10;
const LONGEST = 150;
/** Limits in units of sigma * sqrt(bars of the formation); set so that noise shows each pattern rarely. */
const DOUBLE_LEVEL = 0.06;
const DOUBLE_DEPTH = 1;
const TRIPLE_LEVEL = 0.16;
const TRIPLE_DEPTH = 0.6;
const SHOULDER_LEVEL = 0.3;
const NECKLINE_LEVEL = 0.4;
const HEAD_HEIGHT = 0.4;
/**
 * The move into the formation is at least this many times its height, and the extreme before it does not lie beyond the
 * formation: a bounce within a fall makes no top.
 */
const PRIOR_MOVE = 1;
/** The shorter half of a head and shoulders is at least this share of the longer one. */
const SYMMETRY = 0.4;

/** Two extremes at one level, `side` up or down, with a swing between them. Pivots: 2, 1 (neckline), 0. */
export function doubleExtreme(view: ChartView, out: Formation, side: Side): boolean {
  if (view.newestKind !== side || view.pivots < 5) return false;
  const bars = view.ordinal - view.pivotOrdinal(2);
  const span = view.pivotOrdinal(0) - view.pivotOrdinal(2);
  if (span < SHORTEST || bars > LONGEST) return false;
  const unit = view.sigma * Math.sqrt(span);
  const first = view.pivotPrice(2);
  const neck = view.pivotPrice(1);
  const second = view.pivotPrice(0);
  const level = (first + second) / 2;
  const depth = (side * (level - neck)) / level;
  const prior = (side * (first - view.pivotPrice(3))) / level;
  if (side * (view.pivotPrice(4) - level) > 0) return false;
  if (!out.within(Math.abs(first - second) / level, DOUBLE_LEVEL * unit)) return false;
  if (!out.atLeast(depth, DOUBLE_DEPTH * unit) || !out.atLeast(prior, PRIOR_MOVE * depth)) return false;
  const outer = side > 0 ? Math.max(first, second) : Math.min(first, second);
  return stand(view, out, side, outer, neck, 0, Math.abs(level - neck), 3);
}

/** Three extremes at one level. Pivots: 4, 3, 2, 1, 0; the neckline is the further of 3 and 1. */
export function tripleExtreme(view: ChartView, out: Formation, side: Side): boolean {
  if (view.newestKind !== side || view.pivots < 7) return false;
  const span = view.pivotOrdinal(0) - view.pivotOrdinal(4);
  if (span < SHORTEST || view.ordinal - view.pivotOrdinal(4) > LONGEST) return false;
  const unit = view.sigma * Math.sqrt(span);
  const a = view.pivotPrice(4);
  const b = view.pivotPrice(2);
  const c = view.pivotPrice(0);
  const level = (a + b + c) / 3;
  const spread = (Math.max(a, b, c) - Math.min(a, b, c)) / level;
  if (!out.within(spread, TRIPLE_LEVEL * unit)) return false;
  const near =
    side > 0 ? Math.max(view.pivotPrice(3), view.pivotPrice(1)) : Math.min(view.pivotPrice(3), view.pivotPrice(1));
  const neck =
    side > 0 ? Math.min(view.pivotPrice(3), view.pivotPrice(1)) : Math.max(view.pivotPrice(3), view.pivotPrice(1));
  const depth = (side * (level - near)) / level;
  const prior = (side * (a - view.pivotPrice(5))) / level;
  if (side * (view.pivotPrice(6) - level) > 0) return false;
  if (!out.atLeast(depth, TRIPLE_DEPTH * unit) || !out.atLeast(prior, PRIOR_MOVE * depth)) return false;
  const outer = side > 0 ? Math.max(a, b, c) : Math.min(a, b, c);
  return stand(view, out, side, outer, neck, 0, Math.abs(level - neck), 5);
}

/** Shoulder, head, shoulder with a neckline through the swings between. Pivots: 4, 3, 2 (head), 1, 0. */
export function shoulders(view: ChartView, out: Formation, side: Side): boolean {
  if (view.newestKind !== side || view.pivots < 7) return false;
  const left = view.pivotOrdinal(2) - view.pivotOrdinal(4);
  const right = view.pivotOrdinal(0) - view.pivotOrdinal(2);
  if (left + right < SHORTEST || view.ordinal - view.pivotOrdinal(4) > LONGEST) return false;
  if (!out.atLeast(Math.min(left, right) / Math.max(left, right), SYMMETRY)) return false;
  const unit = view.sigma * Math.sqrt(left + right);
  const head = view.pivotPrice(2);
  const leftShoulder = view.pivotPrice(4);
  const rightShoulder = view.pivotPrice(0);
  const meanShoulder = (leftShoulder + rightShoulder) / 2;
  const neckSlope = (view.pivotPrice(1) - view.pivotPrice(3)) / (view.pivotOrdinal(1) - view.pivotOrdinal(3));
  const neckAtHead = view.pivotPrice(3) + neckSlope * (view.pivotOrdinal(2) - view.pivotOrdinal(3));
  const neckNow = view.pivotPrice(1) + neckSlope * (view.ordinal - view.pivotOrdinal(1));
  if (!out.within(Math.abs(leftShoulder - rightShoulder) / head, SHOULDER_LEVEL * unit)) return false;
  if (!out.within(Math.abs(view.pivotPrice(1) - view.pivotPrice(3)) / head, NECKLINE_LEVEL * unit)) return false;
  const outer = side > 0 ? Math.max(leftShoulder, rightShoulder) : Math.min(leftShoulder, rightShoulder);
  if (!out.atLeast((side * (head - outer)) / head, HEAD_HEIGHT * unit)) return false;
  const height = side * (head - neckAtHead);
  if (side * (view.pivotPrice(6) - head) > 0) return false;
  if (!(side * (leftShoulder - view.pivotPrice(5)) >= side * (meanShoulder - neckAtHead))) return false;
  return stand(view, out, side, outer, neckNow, neckSlope, height, 5);
}

/** Fills in what the reversals have in common; false when the close is already beyond a line. */
function stand(
  view: ChartView,
  out: Formation,
  side: Side,
  outer: number,
  neckNow: number,
  neckSlope: number,
  height: number,
  pivots: number,
): boolean {
  if (side * (view.close - neckNow) <= 0 || side * (outer - view.close) <= 0) return false;
  out.breaks = side > 0 ? -1 : 1;
  out.upperPrice = side > 0 ? outer : neckNow;
  out.lowerPrice = side > 0 ? neckNow : outer;
  if (side > 0) out.lowerSlope = neckSlope;
  else out.upperSlope = neckSlope;
  out.height = height;
  stopBeyondPivots(view, out);
  out.fromUs = view.pivotStartUs(pivots - 1);
  out.formedAtUs = view.pivotEndUs(0);
  out.patience = view.ordinal - view.pivotOrdinal(pivots - 1);
  for (let back = pivots - 1; back >= 0; back--) out.point(view.pivotStartUs(back), view.pivotPrice(back));
  return true;
}
