import { US_PER_DAY } from '../base/index.ts';
import type { ColumnBatch } from './column-batch.ts';
import { columnIndex } from './data-sets.ts';
import { type LakeManifest, type LakePart, partitionPath } from './lake-manifest.ts';
import { compareText } from './row-order.ts';

/** One batch for each data set and timeframe. */
export function joined(batches: readonly ColumnBatch[]): readonly ColumnBatch[] {
  const groups = new Map<string, ColumnBatch[]>();
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const key = `${batch.dataSet.kind}/${batch.timeframe ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [batch]);
    else group.push(batch);
  }
  // Appending goes to a copy: a commit that fails is offered again with the batches it was given.
  return [...groups.values()].map((group) => {
    const [first, ...rest] = group;
    if (rest.length === 0) return first as ColumnBatch;
    const whole = (first as ColumnBatch).copy(group.reduce((sum, batch) => sum + batch.length, 0));
    for (const batch of rest) whole.append(batch);
    return whole;
  });
}

/** The parts of a manifest by partition. */
export function partitions(manifest: LakeManifest): Map<string, LakePart[]> {
  const groups = new Map<string, LakePart[]>();
  for (const part of manifest.parts) {
    const key = partitionPath(part.timeframe, part.date);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [part]);
    else group.push(part);
  }
  return groups;
}

/** Runs of neighbouring parts, by time, that together have at most `maxRows` rows; only those of two parts or more. */
export function mergeGroups(parts: readonly LakePart[], maxRows: number): LakePart[][] {
  const groups: LakePart[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const part of [...parts].sort((a, b) => a.minUs - b.minUs || compareText(a.path, b.path))) {
    rows += part.rows;
    if (rows > maxRows) {
      groups.push([part]);
      rows = part.rows;
    } else groups.at(-1)?.push(part);
  }
  return groups.filter((group) => group.length > 1);
}

/** Splits ordered rows by the UTC date of their time, keeping their order. */
export function rowsByDate(batch: ColumnBatch, order: Uint32Array): Map<string, Uint32Array> {
  const times = batch.numbers(batch.dataSet.time);
  // Rows come symbol by symbol in time order, so a date is a few stretches of them.
  const stretches = new Map<number, Uint32Array[]>();
  for (let from = 0; from < order.length; ) {
    const day = Math.floor((times[order[from] as number] as number) / US_PER_DAY);
    const to = stretchEnd(times, order, from, day * US_PER_DAY);
    const known = stretches.get(day);
    if (known === undefined) stretches.set(day, [order.subarray(from, to)]);
    else known.push(order.subarray(from, to));
    from = to;
  }
  return new Map(
    [...stretches].sort(([a], [b]) => a - b).map(([day, parts]) => [dateOfMicros(day * US_PER_DAY), inOne(parts)]),
  );
}

function stretchEnd(times: Float64Array | Int32Array, order: Uint32Array, from: number, dayUs: number): number {
  let to = from + 1;
  for (; to < order.length; to++) {
    const us = times[order[to] as number] as number;
    if (us < dayUs || us >= dayUs + US_PER_DAY) break;
  }
  return to;
}

function inOne(parts: readonly Uint32Array[]): Uint32Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The UTC date (`YYYY-MM-DD`) of a time: lake partitions before it are closed. */
export function dateOfMicros(us: number): string {
  return new Date(Math.floor(us / US_PER_DAY) * 86_400_000).toISOString().slice(0, 10);
}

/** Earliest and latest time of some rows. */
export function timeRange(batch: ColumnBatch, rows: Uint32Array): { minUs: number; maxUs: number } {
  const times = batch.numbers(batch.dataSet.time);
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const us = times[row] as number;
    if (us < minUs) minUs = us;
    if (us > maxUs) maxUs = us;
  }
  return { minUs, maxUs };
}

/** Symbol and source of a row: what a repeated import of the same data has in common with the first. */
export function groupOf(batch: ColumnBatch, row: number): string {
  const source = batch.cell(row, columnIndex(batch.dataSet, 'source'));
  return `${batch.cell(row, columnIndex(batch.dataSet, 'symbol'))}\n${source ?? ''}`;
}

/** The groups that some rows belong to. */
export function groupsOf(batch: ColumnBatch, rows: Uint32Array): Set<string> {
  const groups = new Set<string>();
  for (const row of rows) groups.add(groupOf(batch, row));
  return groups;
}
