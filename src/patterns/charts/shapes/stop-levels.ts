import type { ChartView } from '../chart-view.ts';
import type { Formation } from '../formation.ts';

/** How far beyond a pivot a stop stands, in standard deviations of a bar. */
const BEYOND_PIVOT = 0.5;

/** Sets both stops beyond the newest high and the newest low among the known pivots (there must be two). */
export function stopBeyondPivots(view: ChartView, out: Formation): void {
  const isHigh = view.newestKind > 0;
  const high = view.pivotPrice(isHigh ? 0 : 1);
  const low = view.pivotPrice(isHigh ? 1 : 0);
  out.stopAbove = high * (1 + BEYOND_PIVOT * view.sigma);
  out.stopBelow = low * (1 - BEYOND_PIVOT * view.sigma);
}
