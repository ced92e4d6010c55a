import type { Timeframe } from '../model/index.ts';
import { BAR_FIELDS } from './bar-fields.ts';
import type { TimeframeTree } from './timeframe-tree.ts';

const { START, END, BAR_WIDTH } = BAR_FIELDS;

/** Fields at the head of a symbol's state; an object for the same reason as `BAR_FIELDS`. */
export const HEAD_FIELDS = {
  LAST_PRICE: 0,
  LAST_SIDE: 1,
  LAST_BID: 2,
  LAST_ASK: 3,
  LAST_BID_SIZE: 4,
  LAST_ASK_SIZE: 5,
} as const;
const HEAD_WIDTH = 6;

/** Children kept for rebuilding one parent; parents with more (a day of seconds) are repaired from the store instead. */
const MAX_CHILDREN = 512;

/** Where the parts of one timeframe lie in a symbol's hot row and in its ledgers. */
export interface SeriesLayout {
  /** In the hot row: the bar under construction. */
  readonly current: number;
  /** In the hot row: sum and number of quoted spreads that wait for the next bar (roots only). */
  readonly waitingSpread: number;
  /** In the ledgers: recent bars, a ring of records: its first slot, its length (two fields), its records, its capacity. */
  readonly first: number;
  readonly records: number;
  readonly capacity: number;
}

/**
 * How the state of one symbol is laid out. Hot, a row of one array for all symbols, because the trades of many symbols
 * come mixed and each further object is a cache miss: a head, then per timeframe the current record. Cold, an array of
 * its own: per timeframe the ledger of recent bars, which holds what may still close or be revised, and the children
 * that a parent still open to revision is rebuilt from.
 */
export interface StateLayout {
  readonly series: readonly SeriesLayout[];
  readonly hotWidth: number;
  readonly width: number;
}

export function stateLayout(
  timeframes: readonly Timeframe[],
  tree: TimeframeTree,
  closeDelayUs: number,
  revisionWindowUs: number,
): StateLayout {
  let hotWidth: number = HEAD_WIDTH;
  let width = 0;
  const series = timeframes.map(({ lengthUs }, i) => {
    const parents = (tree.consumers[i] ?? []).map((parent) => (timeframes[parent] as Timeframe).lengthUs);
    const children = Math.min(Math.ceil(Math.max(0, ...parents) / lengthUs), MAX_CHILDREN);
    const capacity = Math.ceil((closeDelayUs + revisionWindowUs) / lengthUs) + 3 + children;
    const current = hotWidth;
    const first = width;
    hotWidth += BAR_WIDTH + 2;
    width += 2 + capacity * BAR_WIDTH;
    return { current, waitingSpread: current + BAR_WIDTH, first, records: first + 2, capacity };
  });
  return { series, hotWidth, width };
}

/** Prepares the hot row that begins at `row` for a new symbol. */
export function openHotRow(hot: Float64Array, row: number, layout: StateLayout): void {
  for (let i = 0; i < HEAD_WIDTH; i++) hot[row + i] = Number.NaN;
  hot[row + HEAD_FIELDS.LAST_SIDE] = 0;
  for (const series of layout.series) clearCurrent(hot, row + series.current);
}

/** Leaves no bar under construction: no time lies in it and every time lies after it. Opening one clears the rest. */
export function clearCurrent(hot: Float64Array, current: number): void {
  hot[current + START] = Number.POSITIVE_INFINITY;
  hot[current + END] = Number.NEGATIVE_INFINITY;
}

export function ledgerLength(state: Float64Array, series: SeriesLayout): number {
  return state[series.first + 1] as number;
}

/** Offset of the i-th oldest record of a ledger. */
export function ledgerRecord(state: Float64Array, series: SeriesLayout, index: number): number {
  let slot = (state[series.first] as number) + index;
  if (slot >= series.capacity) slot -= series.capacity;
  return series.records + slot * BAR_WIDTH;
}

/** Index of the record that starts at `startUs`, or -1 - (the index where it would stand). */
export function findInLedger(state: Float64Array, series: SeriesLayout, startUs: number): number {
  const length = ledgerLength(state, series);
  if (length === 0 || (state[ledgerRecord(state, series, length - 1) + START] as number) < startUs) return -1 - length;
  let low = 0;
  let high = length;
  while (low < high) {
    // From the young end: late trades are mostly a bar or two late.
    const middle = high - low > 4 ? (low + high) >>> 1 : high - 1;
    if ((state[ledgerRecord(state, series, middle) + START] as number) < startUs) low = middle + 1;
    else high = middle;
  }
  const found = low < length && state[ledgerRecord(state, series, low) + START] === startUs;
  return found ? low : -1 - low;
}

/** Offset of the youngest record that ends at `endUs`, -1 when there is none. */
export function findByEnd(state: Float64Array, series: SeriesLayout, endUs: number): number {
  for (let i = ledgerLength(state, series) - 1; i >= 0; i--) {
    const at = ledgerRecord(state, series, i);
    const end = state[at + END] as number;
    if (end === endUs) return at;
    if (end < endUs) return -1;
  }
  return -1;
}

/** Makes room for a record at an index of a ledger that is not full; returns its offset. */
export function insertInLedger(state: Float64Array, series: SeriesLayout, index: number): number {
  const length = ledgerLength(state, series);
  state[series.first + 1] = length + 1;
  for (let i = length; i > index; i--) {
    const from = ledgerRecord(state, series, i - 1);
    copyRecord(state, from, state, ledgerRecord(state, series, i));
  }
  return ledgerRecord(state, series, index);
}

/** Copies a record: a loop, because the built-in costs several times as much on so few elements. */
export function copyRecord(source: Float64Array, from: number, target: Float64Array, to: number): void {
  for (let i = 0; i < BAR_WIDTH; i++) target[to + i] = source[from + i] as number;
}

/** Forgets the oldest record of a ledger. */
export function dropOldest(state: Float64Array, series: SeriesLayout): void {
  const first = (state[series.first] as number) + 1;
  state[series.first] = first === series.capacity ? 0 : first;
  state[series.first + 1] = ledgerLength(state, series) - 1;
}
