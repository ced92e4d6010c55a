import type { ChartView } from '../chart-view.ts';
import type { Formation } from '../formation.ts';
import { stopBeyondPivots } from './stop-levels.ts';

/** What a line of a channel does over the formation. */
export type LineCourse = 'rising' | 'flat' | 'falling';

/** The two lines of a channel through five pivots in a row, and which breaks count. */
export interface ChannelShape {
  readonly upper: LineCourse;
  readonly lower: LineCourse;
  /** Whether the lines come together. */
  readonly converges: boolean;
  /** +1 up, -1 down, 0 both. */
  readonly breaks: 1 | 0 | -1;
  /** How far the middle one of three points may lie from their line, in sigma * sqrt(n). */
  readonly fit: number;
  /** Largest rise of a flat line, in the same unit. */
  readonly flat: number;
  /** Least rise or fall of a line that is not flat. */
  readonly slope: number;
}

const SHORTEST = 15;
const LONGEST = 200;
/** The width where the lines converge is at most this share of what it was, and at least the other. */
const NARROWED = 0.65;
const APEX = 0.1;
/** The channel is at least this wide at its wide end, in sigma * sqrt(n). */
const LEAST_HEIGHT = 0.4;

/** Each of the four swings takes at least this share of the bars: no line rests on a spike beside a long swing. */
const SHORTEST_SWING = 0.1;

/** Five pivots between two lines: three of them on one line, two on the other. */
export function channel(view: ChartView, out: Formation, shape: ChannelShape): boolean {
  if (view.pivots < 5) return false;
  const from = view.pivotOrdinal(4);
  const span = view.pivotOrdinal(0) - from;
  if (span < SHORTEST || view.ordinal - from > LONGEST) return false;
  for (let back = 0; back < 4; back++) {
    if (view.pivotOrdinal(back) - view.pivotOrdinal(back + 1) < SHORTEST_SWING * span) return false;
  }
  const unit = view.sigma * Math.sqrt(span) * view.pivotPrice(2);
  const threeSlope = (view.pivotPrice(0) - view.pivotPrice(4)) / span;
  const middle = view.pivotPrice(4) + threeSlope * (view.pivotOrdinal(2) - from);
  if (!out.within(Math.abs(view.pivotPrice(2) - middle), shape.fit * unit)) return false;
  const twoSlope = (view.pivotPrice(1) - view.pivotPrice(3)) / (view.pivotOrdinal(1) - view.pivotOrdinal(3));
  const isHigh = view.newestKind > 0;
  const upperSlope = isHigh ? threeSlope : twoSlope;
  const lowerSlope = isHigh ? twoSlope : threeSlope;
  if (!follows(out, shape.upper, upperSlope * span, shape, unit)) return false;
  if (!follows(out, shape.lower, lowerSlope * span, shape, unit)) return false;
  const upperBack = isHigh ? 0 : 1;
  const lowerBack = isHigh ? 1 : 0;
  const upperNow = view.pivotPrice(upperBack) + upperSlope * (view.ordinal - view.pivotOrdinal(upperBack));
  const lowerNow = view.pivotPrice(lowerBack) + lowerSlope * (view.ordinal - view.pivotOrdinal(lowerBack));
  const widthNow = upperNow - lowerNow;
  const widthThen = widthNow - (upperSlope - lowerSlope) * (view.ordinal - from);
  if (!out.atLeast(widthThen, LEAST_HEIGHT * unit)) return false;
  if (shape.converges && !(widthNow <= NARROWED * widthThen && widthNow >= APEX * widthThen)) return false;
  if (!(view.close < upperNow && view.close > lowerNow)) return false;
  out.breaks = shape.breaks;
  out.upperPrice = upperNow;
  out.lowerPrice = lowerNow;
  out.upperSlope = upperSlope;
  out.lowerSlope = lowerSlope;
  out.height = widthThen;
  stopBeyondPivots(view, out);
  out.fromUs = view.pivotStartUs(4);
  out.formedAtUs = view.pivotEndUs(0);
  const closing = lowerSlope - upperSlope;
  const toApex = closing > 0 ? Math.floor(widthNow / closing) : LONGEST;
  out.patience = Math.max(1, Math.min(span, toApex));
  for (let back = 4; back >= 0; back--) out.point(view.pivotStartUs(back), view.pivotPrice(back));
  return true;
}

function follows(out: Formation, course: LineCourse, rise: number, shape: ChannelShape, unit: number): boolean {
  if (course === 'flat') return out.within(Math.abs(rise), shape.flat * unit);
  return out.atLeast(course === 'rising' ? rise : -rise, shape.slope * unit);
}
