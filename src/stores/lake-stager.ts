import type { BoundedTasks } from './bounded-tasks.ts';
import type { ColumnBatch } from './column-batch.ts';
import type { DataSet } from './data-sets.ts';
import { createUnsynced } from './durable-file.ts';
import type { LakeCommit, LakeOptions } from './lake-commit.ts';
import { type LakeManifest, type LakePart, partitionPath } from './lake-manifest.ts';
import { groupOf, groupsOf, partitions, rowsByDate, timeRange } from './lake-rows.ts';
import type { ParquetColumnEncoder } from './parquet-column.ts';
import { columnEncoders, writeParquet } from './parquet-writer.ts';
import { addNothing, lastOfEachKey, sortedRows } from './row-order.ts';

/** A file of a commit that is not in its place yet. */
export interface StagedPart {
  readonly name: string;
  readonly staged: string;
  readonly part: LakePart;
}

/** What a commit is going to do. */
export interface CommitPlan {
  readonly staged: StagedPart[];
  readonly removals: { name: string; path: string }[];
  /** The syncs of the staged files. */
  readonly syncs: BoundedTasks;
}

interface KeptEncoders {
  readonly level: number;
  readonly columns: string;
  readonly encoders: readonly ParquetColumnEncoder[];
}

/** Partitions whose stored rows are merged with new ones in one go. */
interface MergeGroup {
  readonly rows: Uint32Array[];
  readonly olds: LakePart[];
  cells: number;
}

/** Cells of stored and new rows that are merged at a time, where a single partition has not more: 8 MB. */
const MERGE_GROUP_CELLS = 1_000_000;

/** Writes the files of a commit into the staging folder: new rows, and stored rows that new ones touch. */
export class LakeStager {
  private readonly options: LakeOptions;
  private readonly root: string;
  private readonly staging: string;
  private readonly encoders = new Map<string, KeptEncoders>();

  constructor(options: LakeOptions, root: string, staging: string) {
    this.options = options;
    this.root = root;
    this.staging = staging;
  }

  /** Stages the parts that a batch makes of the stored ones, as the commit's mode has it. */
  async stageBatch(batch: ColumnBatch, manifest: LakeManifest, commit: LakeCommit, plan: CommitPlan): Promise<void> {
    const { name } = manifest;
    const { key, columns } = batch.dataSet;
    const stored = partitions(manifest);
    let group: MergeGroup = { rows: [], olds: [], cells: 0 };
    for (const [date, rows] of rowsByDate(batch, sortedRows(batch))) {
      const parts = stored.get(partitionPath(batch.timeframe, date)) ?? [];
      const olds = supersededBy(batch, rows, parts, commit);
      if (olds.length === 0) {
        const own = key.length > 0 ? lastOfEachKey(batch, rows) : rows;
        await this.stagePart(batch, own, name, date, commit.run, plan);
      } else if (key.length === 0) await this.stageReplacement(batch, rows, manifest, date, olds, commit, plan);
      else {
        const cells = olds.reduce((sum, part) => sum + part.rows, rows.length) * columns.length;
        if (group.cells + cells > MERGE_GROUP_CELLS) {
          await this.stageMerged(batch, group, manifest, commit, plan);
          group = { rows: [], olds: [], cells: 0 };
        }
        group.rows.push(rows);
        group.olds.push(...olds);
        group.cells += cells;
      }
    }
    await this.stageMerged(batch, group, manifest, commit, plan);
  }

  /** Stages the parts that hold stored and new rows of some partitions, of each key the last. */
  private async stageMerged(
    batch: ColumnBatch,
    group: MergeGroup,
    manifest: LakeManifest,
    commit: LakeCommit,
    plan: CommitPlan,
  ): Promise<void> {
    if (group.rows.length === 0) return;
    const { name } = manifest;
    const merged = await this.options.readParts(batch.dataSet, batch.timeframe, this.paths(manifest, group.olds));
    const stored = merged.length;
    const oldsOf = Map.groupBy(group.olds, (part) => part.date);
    for (const rows of group.rows) for (const row of rows) merged.copyRow(batch, row);
    for (const [date, rows] of rowsByDate(merged, sortedRows(merged))) {
      const olds = oldsOf.get(date) ?? [];
      if (olds.length === 1 && addNothing(merged, rows, stored)) continue;
      await this.stagePart(merged, lastOfEachKey(merged, rows), name, date, commit.run, plan);
      for (const old of olds) plan.removals.push({ name, path: old.path });
    }
  }

  /** Stages rows without a key, and what stays of the stored parts that have rows of the same symbols and sources. */
  private async stageReplacement(
    batch: ColumnBatch,
    rows: Uint32Array,
    manifest: LakeManifest,
    date: string,
    olds: readonly LakePart[],
    commit: LakeCommit,
    plan: CommitPlan,
  ): Promise<void> {
    const { name } = manifest;
    const incoming = groupsOf(batch, rows);
    for (const old of olds) {
      const kept = await this.options.readParts(batch.dataSet, batch.timeframe, this.paths(manifest, [old]));
      const order = sortedRows(kept).filter((row) => !incoming.has(groupOf(kept, row)));
      if (order.length === kept.length) continue;
      if (order.length > 0) await this.stagePart(kept, order, name, date, old.run, plan);
      plan.removals.push({ name, path: old.path });
    }
    await this.stagePart(batch, rows, name, date, commit.run, plan);
  }

  paths(manifest: LakeManifest, parts: readonly LakePart[]): string[] {
    return parts.map((part) => `${this.root}/${manifest.name}/${part.path}`);
  }

  /** Stages rows of a batch as one part of a partition. */
  async stagePart(
    batch: ColumnBatch,
    rows: Uint32Array,
    name: string,
    date: string,
    run: string,
    plan: CommitPlan,
    level = this.options.level ?? 3,
  ): Promise<void> {
    if (rows.length === 0) return;
    const file = `part-${this.options.newName()}.parquet`;
    const staged = `${this.staging}/${file}`;
    const metadata = { tickloom_schema: `${batch.dataSet.kind}/${batch.dataSet.version}`, run_id: run };
    await plan.syncs.room();
    const { bytes, finish } = await createUnsynced(this.options.files, staged, async (write) => {
      await writeParquet(batch, rows, write, { encoders: this.encodersOf(batch.dataSet, level), metadata });
    });
    plan.syncs.start(finish);
    const range = timeRange(batch, rows);
    const path = `${partitionPath(batch.timeframe, date)}/${file}`;
    const timeframe = batch.timeframe === undefined ? {} : { timeframe: batch.timeframe };
    plan.staged.push({ name, staged, part: { path, ...timeframe, date, rows: rows.length, bytes, ...range, run } });
  }

  /** Encoders for one level are kept: parts are written one after the other. */
  private encodersOf(dataSet: DataSet, level: number): readonly ParquetColumnEncoder[] {
    const columns = dataSet.columns.map((spec) => spec.name).join();
    const known = this.encoders.get(dataSet.kind);
    if (known?.level === level && known.columns === columns) return known.encoders;
    const encoders = columnEncoders(dataSet, level);
    this.encoders.set(dataSet.kind, { level, columns, encoders });
    return encoders;
  }
}

/** Of a partition's parts, those that these rows touch. */
function supersededBy(
  batch: ColumnBatch,
  rows: Uint32Array,
  parts: readonly LakePart[],
  commit: LakeCommit,
): readonly LakePart[] {
  if (parts.length === 0) return parts;
  if (batch.dataSet.key.length === 0) {
    return commit.mode === 'append' ? [] : parts.filter((part) => part.run !== commit.run);
  }
  const { minUs, maxUs } = timeRange(batch, rows);
  return parts.filter((part) => part.minUs <= maxUs && part.maxUs >= minUs);
}
