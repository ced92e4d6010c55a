import type { FileSystem } from '../host/index.ts';
import type { ColumnBatch } from './column-batch.ts';
import type { DataSet } from './data-sets.ts';
import type { LakeManifest } from './lake-manifest.ts';

/** Reads Parquet files of one data set back into a batch, in the order of the paths. */
export type PartReader = (
  dataSet: DataSet,
  timeframe: string | undefined,
  paths: readonly string[],
) => Promise<ColumnBatch>;

/** Files that are synced, moved or removed at a time: enough that syncs share the journal commits of the disk. */
export const PARALLEL_FILES = 32;

export interface LakeOptions {
  /** The data directory: the lake is `lake/`, `lake-staging/` and `lake-meta/` below it. */
  readonly directory: string;
  readonly files: FileSystem;
  /** A fresh ULID. */
  readonly newName: () => string;
  readonly readParts: PartReader;
  /** ZSTD level. */
  readonly level?: number;
  /** Files being synced at a time (default {@link PARALLEL_FILES}). */
  readonly parallelFiles?: number;
}

export interface LakeCommit {
  readonly batches: readonly ColumnBatch[];
  /** Names the run in the files; rows of one run never replace each other where they have no key. */
  readonly run: string;
  /**
   * `append` adds rows; `replace` first takes out what earlier runs stored for the same symbols and sources on the same
   * dates (for data sets without a key; keyed rows always replace their like).
   */
  readonly mode: 'append' | 'replace';
  /** All rows of tape events up to this sequence number are in the lake after the commit. */
  readonly coveredSeq?: number;
}

/** What is in the lake. */
export interface LakeState {
  readonly manifests: readonly LakeManifest[];
  readonly coveredSeq: number;
  /** Files that the manifests name and that are gone. Reads leave them out. */
  readonly missing: readonly string[];
}
