import type { BarAssembly } from './bar-assembly.ts';
import { BAR_FIELDS } from './bar-fields.ts';
import { HEAD_FIELDS, type SeriesLayout } from './symbol-state.ts';

const { END, BID, ASK, BID_SIZE, ASK_SIZE, SPREAD_SUM, SPREAD_COUNT } = BAR_FIELDS;
const { LAST_BID, LAST_ASK, LAST_BID_SIZE, LAST_ASK_SIZE } = HEAD_FIELDS;

/** Adds the last quote of a symbol to the current bar of a root; without one its spread waits for the next bar. */
export function noteQuote(assembly: BarAssembly, hotRow: number, root: number): void {
  const layout = assembly.layout.series[root] as SeriesLayout;
  const { hot } = assembly;
  const current = hotRow + layout.current;
  const isOpen = hot[current + END] !== Number.NEGATIVE_INFINITY;
  if (isOpen) copyQuote(hot, hotRow, current);
  const spread = (hot[hotRow + LAST_ASK] as number) - (hot[hotRow + LAST_BID] as number);
  if (spread !== spread) return;
  const sum = isOpen ? current + SPREAD_SUM : hotRow + layout.waitingSpread;
  const count = isOpen ? current + SPREAD_COUNT : hotRow + layout.waitingSpread + 1;
  hot[sum] = (hot[sum] as number) + spread;
  hot[count] = (hot[count] as number) + 1;
}

/** A new bar begins with the quote that stood before it. */
export function carryQuote(assembly: BarAssembly, hotRow: number, root: number): void {
  const { hot } = assembly;
  const current = hotRow + (assembly.layout.series[root] as SeriesLayout).current;
  const bid = hot[current + BID] as number;
  if (bid !== bid && hot[current + END] !== Number.NEGATIVE_INFINITY) copyQuote(hot, hotRow, current);
}

/** Writes the last quote of a symbol into the record of a bar. */
function copyQuote(hot: Float64Array, hotRow: number, at: number): void {
  hot[at + BID] = hot[hotRow + LAST_BID] as number;
  hot[at + ASK] = hot[hotRow + LAST_ASK] as number;
  hot[at + BID_SIZE] = hot[hotRow + LAST_BID_SIZE] as number;
  hot[at + ASK_SIZE] = hot[hotRow + LAST_ASK_SIZE] as number;
}
