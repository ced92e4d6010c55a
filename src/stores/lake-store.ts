import { resolve } from 'node:path';
import { invariant, TickloomError } from '../base/index.ts';
import { CallWorker, nodeFileSystem, siblingModule } from '../host/index.ts';
import type { Cell, ColumnBatch } from './column-batch.ts';
import { type DataKind, type DataSet, dataSets } from './data-sets.ts';
import { DuckReader } from './duck-reader.ts';
import type { LakeState } from './lake-commit.ts';
import { UNFINISHED } from './lake-committer.ts';
import type { LakeManifest, LakePart } from './lake-manifest.ts';
import { readLakeState } from './lake-state.ts';
import type { LakeCommitCall, LakeOpenCall } from './lake-worker.ts';
import { compareText } from './row-order.ts';
import {
  type CheckedRange,
  checkKind,
  checkRange,
  type Page,
  pageOf,
  type RangeQuery,
  type RowOf,
  type Store,
  type StoreCounters,
} from './store.ts';
import { WriteBehind } from './write-behind.ts';

export const LAKE_KINDS = ['bars', 'trades', 'quotes', 'features'] as const;

export interface LakeStoreOptions {
  /** The data directory (`lake/`, `lake-staging/`, `lake-meta/` are made below it). */
  readonly directory: string;
  /** Names of the feature plan, in its order; they fix the columns of the features data set. */
  readonly featureNames?: readonly string[];
  /** Names this run in the files. */
  readonly run: string;
  /** `append` for live runs, `replace` for replays and imports: see {@link LakeCommit.mode}. */
  readonly mode: 'append' | 'replace';
  /** Rows at which a commit starts by itself (default 500,000). */
  readonly commitRows?: number;
  /** Rows waiting or under way at which `write` waits for the disk (policy `block`; default 2,000,000). */
  readonly maxPendingRows?: number;
  /** ZSTD level of new files (default 3; compaction uses 9). */
  readonly level?: number;
}

/** The Parquet lake. Files are written by a thread of its own; reads go through DuckDB and the manifests. */
export class LakeStore implements Store {
  readonly name = 'lake';
  readonly kinds: ReadonlySet<DataKind> = new Set(LAKE_KINDS);
  private readonly options: LakeStoreOptions;
  /** Absent in a store that is open for reading only. */
  private readonly worker: CallWorker | undefined;
  private readonly reader: DuckReader;
  private readonly root: string;
  private readonly schemas: Readonly<Record<DataKind, DataSet>>;
  private current: LakeState;
  private readonly pending: WriteBehind;

  private constructor(options: LakeStoreOptions, worker: CallWorker | undefined, state: LakeState) {
    this.options = options;
    this.worker = worker;
    this.root = `${resolve(options.directory)}/lake`;
    this.reader = new DuckReader(this.root);
    this.schemas = dataSets(options.featureNames ?? []);
    this.current = state;
    this.pending = new WriteBehind({
      commit: (batches, coveredSeq) => this.commit(batches, coveredSeq),
      isTaken: (error) => error instanceof TickloomError && error.code === UNFINISHED,
      commitRows: options.commitRows ?? 500_000,
      maxPendingRows: options.maxPendingRows ?? 2_000_000,
    });
  }

  /** Opens the lake, finishing what a crash cut off. @throws TickloomError `lake-damaged` or a system code. */
  static async open(options: LakeStoreOptions): Promise<LakeStore> {
    const worker = new CallWorker(siblingModule('lake-worker', import.meta.url));
    const schemas = dataSets(options.featureNames ?? []);
    const call: LakeOpenCall = {
      directory: resolve(options.directory),
      dataSets: LAKE_KINDS.filter((kind) => kind !== 'features' || options.featureNames !== undefined).map(
        (kind) => schemas[kind],
      ),
      level: options.level,
    };
    try {
      return new LakeStore(options, worker, await worker.call<LakeState>('open', call));
    } catch (error) {
      await worker.close();
      throw withFolder(error, call.directory);
    }
  }

  /**
   * Opens the lake beside whoever writes it, or where nothing may be written: what is committed now, and nothing is
   * changed. @throws TickloomError `lake-damaged`
   */
  static async openForReading(directory: string, featureNames?: readonly string[]): Promise<LakeStore> {
    const state = await readLakeState(nodeFileSystem, resolve(directory));
    const base = { directory, run: 'reader', mode: 'append' } as const;
    return new LakeStore(featureNames === undefined ? base : { ...base, featureNames }, undefined, state);
  }

  /** The manifests, what is missing, and the tape sequence up to which the lake holds everything. */
  state(): LakeState {
    return this.current;
  }

  get featureNames(): readonly string[] {
    return this.options.featureNames ?? [];
  }

  get coveredSeq(): number {
    return this.current.coveredSeq;
  }

  async write(batch: ColumnBatch): Promise<void> {
    checkKind(this, batch.dataSet.kind);
    invariant(this.worker !== undefined, 'a lake that is open for reading is not written to');
    await this.pending.add(batch);
  }

  /** Commits what waits. @param coveredSeq tape sequence up to which everything was written to this store. */
  async flush(coveredSeq = 0): Promise<void> {
    await this.pending.flush(coveredSeq > this.coveredSeq ? coveredSeq : 0);
  }

  private async commit(batches: readonly ColumnBatch[], coveredSeq: number): Promise<void> {
    const { run, mode, directory } = this.options;
    invariant(this.worker !== undefined, 'a lake that is open for reading commits nothing');
    const call: LakeCommitCall = { batches: batches.map((batch) => batch.toParts()), run, mode, coveredSeq };
    try {
      this.current = await this.worker.call<LakeState>('commit', call);
    } catch (error) {
      throw withFolder(error, directory);
    }
  }

  /** Merges the small files of every date before `beforeDate` (`YYYY-MM-DD`, UTC); returns the partitions merged. */
  async compact(beforeDate: string): Promise<number> {
    await this.pending.idle();
    invariant(this.worker !== undefined, 'a lake that is open for reading is not compacted');
    const { merged, state } = await this.worker.call<{ merged: number; state: LakeState }>('compact', { beforeDate });
    this.current = state;
    return merged;
  }

  async read<Kind extends DataKind>(kind: Kind, query: RangeQuery): Promise<Page<RowOf[Kind]>> {
    const range = checkRange(this, kind, query);
    await this.pending.idle();
    const rows = await this.readOnce(kind, range).catch((error: unknown) => {
      // A part may have been merged into another between choosing the files and reading them: choose again, once.
      if (error instanceof TickloomError && error.code === 'lake-damaged') return this.readOnce(kind, range);
      throw error;
    });
    const { time } = this.schemas[kind];
    return pageOf(rows, range, (row) => row[time] as number) as Page<unknown> as Page<RowOf[Kind]>;
  }

  private async readOnce(kind: DataKind, range: CheckedRange): Promise<Record<string, Cell>[]> {
    const dataSet = this.schemas[kind];
    const waiting = this.waitingRows(dataSet, range);
    // A waiting removal can take a committed row out of the page: fetch as many more as there may be.
    const found = await this.committed(dataSet, range, dataSet.key.length === 0 ? 0 : waiting.length);
    const rows = waiting.length === 0 ? found : merged([...found, ...waiting], dataSet);
    return range.latest ? rows.slice(-range.limit) : rows.slice(range.skip, range.skip + range.limit + 1);
  }

  /** Rows of the range that no commit has begun with. */
  private waitingRows(dataSet: DataSet, range: CheckedRange): Record<string, Cell>[] {
    const out: Record<string, Cell>[] = [];
    for (const batch of this.pending.waiting) {
      if (batch.dataSet.kind !== dataSet.kind || batch.timeframe !== range.timeframe) continue;
      const times = batch.numbers(dataSet.time);
      for (let i = 0; i < batch.length; i++) {
        const us = times[i] as number;
        if (us < range.fromUs || us >= range.toUs) continue;
        const row = batch.row(i);
        if (range.symbols === undefined || range.symbols.includes(String(row['symbol']))) out.push(row);
      }
    }
    return out;
  }

  /** Rows of the files, date by date, until the page is full. */
  private async committed(dataSet: DataSet, range: CheckedRange, spare: number): Promise<Record<string, Cell>[]> {
    const manifest = this.manifestOf(dataSet);
    const wanted = (range.latest ? range.limit : range.skip + range.limit + 1) + spare;
    const out: Record<string, Cell>[] = [];
    const dates = byDate(manifest?.parts ?? [], range, new Set(this.current.missing), this.folderOf(manifest));
    if (range.latest) dates.reverse();
    for (const paths of dates) {
      const batch = await this.reader.query(dataSet, range.timeframe, paths, {
        symbols: range.symbols,
        fromUs: range.fromUs,
        toUs: range.toUs,
        limit: wanted - out.length,
        offset: 0,
        isDescending: range.latest,
      });
      for (let i = 0; i < batch.length; i++) out.push(batch.row(i));
      if (out.length >= wanted) break;
    }
    return range.latest ? out.reverse() : out;
  }

  /** Symbols that have committed rows of a kind (and timeframe), ascending. */
  async symbols(kind: DataKind, timeframe?: string): Promise<readonly string[]> {
    const manifest = this.manifestOf(this.schemas[kind]);
    const folder = this.folderOf(manifest);
    const paths = (manifest?.parts ?? [])
      .filter((part) => timeframe === undefined || part.timeframe === timeframe)
      .map((part) => `${folder}/${part.path}`);
    const missing = new Set(this.current.missing);
    return this.reader.symbols(paths.filter((path) => !missing.has(path)));
  }

  private manifestOf(dataSet: DataSet): LakeManifest | undefined {
    const columns = dataSet.columns.map((spec) => spec.name).join();
    return this.current.manifests.find(
      (manifest) => manifest.schema === `${dataSet.kind}/${dataSet.version}` && manifest.columns.join() === columns,
    );
  }

  private folderOf(manifest: LakeManifest | undefined): string {
    return `${this.root}/${manifest?.name ?? ''}`;
  }

  counters(): StoreCounters {
    return this.pending.counters();
  }

  /** Commits what waits and ends the thread. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.reader.close();
      await this.worker?.close();
    }
  }
}

/** Paths of the parts that can hold rows of the range, grouped by date, dates ascending. */
function byDate(
  parts: readonly LakePart[],
  range: CheckedRange,
  missing: ReadonlySet<string>,
  folder: string,
): string[][] {
  const groups = new Map<string, string[]>();
  for (const part of parts) {
    const path = `${folder}/${part.path}`;
    if (part.timeframe !== range.timeframe || part.minUs >= range.toUs || part.maxUs < range.fromUs) continue;
    if (missing.has(path)) continue;
    const group = groups.get(part.date);
    if (group === undefined) groups.set(part.date, [path]);
    else group.push(path);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, paths]) => paths);
}

/** Sorts rows by (time, symbol, arrival); of keyed rows with the same key only the last stays, unless it is a removal. */
function merged(rows: Record<string, Cell>[], { time, key, hasTimeframe }: DataSet): Record<string, Cell>[] {
  const sorted = rows.sort(
    (a, b) => (a[time] as number) - (b[time] as number) || compareText(String(a['symbol']), String(b['symbol'])),
  );
  if (key.length === 0) return sorted;
  return sorted.filter((row, i) => {
    const next = sorted[i + 1];
    if (next !== undefined && key.every((name) => next[name] === row[name])) return false;
    return !hasTimeframe || row['revision'] !== undefined;
  });
}

function withFolder(error: unknown, folder: string): unknown {
  if (!(error instanceof TickloomError) || !/^E[A-Z]+$/.test(error.code)) return error;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    EACCES: 'no permission to write',
    EIO: 'the disk reports a failure',
  };
  const reason = reasons[error.code] ?? error.message;
  return new TickloomError(error.code, `The lake in ${folder} can not be written: ${reason}.`, {
    subject: folder,
    cause: error,
  });
}
