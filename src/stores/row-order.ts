import type { ColumnBatch } from './column-batch.ts';
import { columnIndex } from './data-sets.ts';

/**
 * The rows of a batch in the lake's order: symbol (by code point), then time, then order of arrival. Rows of one symbol
 * usually arrive in time order already, so this is a counting sort over symbols with a check behind it.
 */
export function sortedRows(batch: ColumnBatch): Uint32Array {
  const symbols = batch.numbers('symbol') as Int32Array;
  const times = batch.numbers(batch.dataSet.time) as Float64Array;
  const names = batch.texts[columnIndex(batch.dataSet, 'symbol')] ?? [];
  const rank = rankOf(names);
  const start = new Uint32Array(names.length + 1);
  for (let i = 0; i < batch.length; i++) (start[(rank[symbols[i] as number] as number) + 1] as number)++;
  for (let r = 0; r < names.length; r++) start[r + 1] = (start[r + 1] as number) + (start[r] as number);
  const next = start.slice();
  const order = new Uint32Array(batch.length);
  for (let i = 0; i < batch.length; i++) {
    const r = rank[symbols[i] as number] as number;
    order[next[r] as number] = i;
    next[r] = (next[r] as number) + 1;
  }
  for (let r = 0; r < names.length; r++) {
    sortByTime(order.subarray(start[r] as number, start[r + 1] as number), times);
  }
  return order;
}

/**
 * Keeps, of rows that follow each other in `order` with the same symbol and time, only the one that arrived last, and
 * none where that one is a removal.
 */
export function lastOfEachKey(batch: ColumnBatch, order: Uint32Array): Uint32Array {
  const symbols = batch.numbers('symbol') as Int32Array;
  const times = batch.numbers(batch.dataSet.time) as Float64Array;
  const kept = new Uint32Array(order.length);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    const after = order[i + 1];
    if (after !== undefined && symbols[after] === symbols[row] && times[after] === times[row]) continue;
    if (!batch.isRemoval(row)) kept[count++] = row;
  }
  return kept.subarray(0, count);
}

/**
 * Whether, of rows in `order`, all those from `stored` on only repeat the row before them with the same symbol and time,
 * cell by cell: then storing them again changes nothing.
 */
export function addNothing(batch: ColumnBatch, order: Uint32Array, stored: number): boolean {
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (row < stored) continue;
    const before = order[i - 1];
    if (before === undefined) return false;
    // Symbol and time are columns too, so equal rows have equal keys.
    for (const column of batch.columns) if (!Object.is(column[before], column[row])) return false;
  }
  return true;
}

function rankOf(names: readonly string[]): Uint32Array {
  const sorted = names.map((_, id) => id).sort((a, b) => compareText(names[a] as string, names[b] as string));
  const rank = new Uint32Array(names.length);
  sorted.forEach((id, position) => {
    rank[id] = position;
  });
  return rank;
}

/** Order of texts by code unit: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortByTime(rows: Uint32Array, times: Float64Array): void {
  for (let i = 1; i < rows.length; i++) {
    if ((times[rows[i] as number] as number) < (times[rows[i - 1] as number] as number)) {
      rows.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
      return;
    }
  }
}
