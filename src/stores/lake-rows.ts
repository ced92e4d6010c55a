import { US_PER_DAY } from '../base/index.ts';
import type { ColumnBatch } from './column-batch.ts';
import { columnIndex } from './data-sets.ts';
import { type LakeManifest, type LakePart, partitionPath } from './lake-manifest.ts';

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
  return [...groups.values()].map(([first, ...rest]) => {
    if (rest.length === 0) return first as ColumnBatch;
    const whole = (first as ColumnBatch).copy();
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

/** Splits ordered rows by the UTC date of their time, keeping their order. */
export function rowsByDate(batch: ColumnBatch, order: Uint32Array): Map<string, Uint32Array> {
  const times = batch.numbers(batch.dataSet.time);
  const counts = new Map<number, number>();
  for (const row of order) {
    const day = Math.floor((times[row] as number) / US_PER_DAY);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  if (counts.size === 1) return new Map([...counts.keys()].map((day) => [dateOfMicros(day * US_PER_DAY), order]));
  const groups = new Map([...counts].map(([day, count]) => [day, { rows: new Uint32Array(count), length: 0 }]));
  for (const row of order) {
    const group = groups.get(Math.floor((times[row] as number) / US_PER_DAY));
    if (group !== undefined) group.rows[group.length++] = row;
  }
  return new Map(
    [...groups].sort(([a], [b]) => a - b).map(([day, group]) => [dateOfMicros(day * US_PER_DAY), group.rows]),
  );
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
