import type { DatabaseSync } from 'node:sqlite';
import { invariant } from '../base/index.ts';
import { CallWorker, siblingModule } from '../host/index.ts';
import type { Cell, ColumnBatch } from './column-batch.ts';
import { type DataKind, dataSets } from './data-sets.ts';
import { explained, openForReading } from './sqlite-database.ts';
import { quoted, SQLITE_KINDS } from './sqlite-schema.ts';
import type { SqliteCommitCall, SqliteOpenCall } from './sqlite-worker.ts';
import {
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

export interface SqliteStoreOptions {
  /** The database file, for example `<data>/tickloom.db`. */
  readonly path: string;
  /** Waiting rows at which a transaction starts by itself (default 20,000). */
  readonly commitRows?: number;
  /** Rows waiting or under way at which `write` waits for the disk (policy `block`; default 500,000). */
  readonly maxPendingRows?: number;
  /** How long to wait for another program's lock (default 5,000). */
  readonly busyTimeoutMs?: number;
  /**
   * `replace` (replays and imports): what earlier runs quarantined of the same symbols and sources goes when the first
   * row of them comes. Default `append`. Keyed rows replace their like in both.
   */
  readonly mode?: 'append' | 'replace';
}

/**
 * Bars, quarantine and gaps in one SQLite file. A thread of its own writes (a transaction of some thousand rows takes
 * tens of milliseconds, which the tick path must not pay); reads are short and run on the caller's thread.
 */
export class SqliteStore implements Store {
  readonly name = 'sqlite';
  readonly kinds: ReadonlySet<DataKind> = new Set(SQLITE_KINDS);
  readonly path: string;
  /** Absent in a store that is open for reading only. */
  private readonly worker: CallWorker | undefined;
  private readonly reader: DatabaseSync;
  private readonly pending: WriteBehind;
  private readonly schemas = dataSets([]);

  private constructor(options: SqliteStoreOptions, worker: CallWorker | undefined) {
    this.path = options.path;
    this.worker = worker;
    this.reader = openForReading(options.path);
    this.pending = new WriteBehind({
      commit: (batches, coveredSeq) => this.commit(batches, coveredSeq),
      isTaken: () => false,
      commitRows: options.commitRows ?? 20_000,
      maxPendingRows: options.maxPendingRows ?? 500_000,
    });
  }

  /** Opens or creates the file. @throws TickloomError as {@link openForWriting}. */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const worker = new CallWorker(siblingModule('sqlite-worker', import.meta.url));
    const { path, busyTimeoutMs = 5_000, mode = 'append' } = options;
    const call: SqliteOpenCall = { path, busyTimeoutMs, mode };
    try {
      await worker.call('open', call);
      return new SqliteStore(options, worker);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Opens an existing file beside its writer; nothing is changed. @throws TickloomError as {@link openForReading}. */
  static openForReading(path: string): SqliteStore {
    return new SqliteStore({ path }, undefined);
  }

  /** The thread that writes. */
  private writer(): CallWorker {
    invariant(this.worker !== undefined, 'a database that is open for reading is not written to');
    return this.worker;
  }

  async write(batch: ColumnBatch): Promise<void> {
    checkKind(this, batch.dataSet.kind);
    this.writer();
    await this.pending.add(batch);
  }

  /** Commits what waits. @param coveredSeq tape sequence up to which everything was written to this store. */
  async flush(coveredSeq = 0): Promise<void> {
    await this.pending.flush(coveredSeq > this.coveredSeq ? coveredSeq : 0);
  }

  private commit(batches: readonly ColumnBatch[], coveredSeq: number): Promise<void> {
    const call: SqliteCommitCall = { batches: batches.map((batch) => batch.toParts()), coveredSeq };
    return this.writer().call('commit', call);
  }

  /** Tape sequence up to which the store holds everything. */
  get coveredSeq(): number {
    return Number(this.meta('covered_seq') ?? 0);
  }

  /** A small text kept under a name beside the tables. */
  meta(key: string): string | undefined {
    const row = explained(this.path, () => this.reader.prepare('SELECT value FROM meta WHERE key = ?').get(key));
    return row === undefined ? undefined : String(row['value']);
  }

  /** Keeps a small text under a name; committed on return. */
  async setMeta(key: string, value: string): Promise<void> {
    await this.writer().call('setMeta', [key, value]);
  }

  async read<Kind extends DataKind>(kind: Kind, query: RangeQuery): Promise<Page<RowOf[Kind]>> {
    const range = checkRange(this, kind, query);
    await this.flush();
    const dataSet = this.schemas[kind];
    const time = quoted(dataSet.time);
    const conditions: string[] = [];
    const parameters: (string | number)[] = [];
    if (range.symbols !== undefined) {
      conditions.push(`symbol IN (${range.symbols.map(() => '?').join(', ')})`);
      parameters.push(...range.symbols);
    }
    if (range.timeframe !== undefined) {
      conditions.push('timeframe = ?');
      parameters.push(range.timeframe);
    }
    if (Number.isFinite(range.fromUs)) {
      conditions.push(`${time} >= ?`);
      parameters.push(range.fromUs);
    }
    if (Number.isFinite(range.toUs)) {
      conditions.push(`${time} < ?`);
      parameters.push(range.toUs);
    }
    const direction = range.latest ? 'DESC' : 'ASC';
    // One symbol's rows lie in the order of the key; naming the symbol in the order would make SQLite sort them again.
    const keys = range.symbols?.length === 1 ? [time] : [time, 'symbol'];
    if (dataSet.key.length === 0) keys.push('rowid');
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const order = keys.map((key) => `${key} ${direction}`).join(', ');
    parameters.push(range.latest ? range.limit : range.limit + 1, range.skip);
    const names = dataSet.columns.map((spec) => spec.name);
    if (dataSet.hasTimeframe) names.push('timeframe');
    const sql = `SELECT ${names.map(quoted).join(', ')} FROM ${kind} ${where} ORDER BY ${order} LIMIT ? OFFSET ?`;
    const found = explained(this.path, () => {
      const statement = this.reader.prepare(sql);
      statement.setReturnArrays(true);
      return statement.all(...parameters) as unknown as (Cell | null)[][];
    });
    const rows = found.map((cells) => present(names, cells));
    if (range.latest) rows.reverse();
    return pageOf(rows, range, (row) => row[dataSet.time] as number) as Page<unknown> as Page<RowOf[Kind]>;
  }

  /** Symbols that have committed rows of a kind (and timeframe), ascending. */
  async symbols(kind: DataKind, timeframe?: string): Promise<readonly string[]> {
    checkKind(this, kind);
    const where = timeframe === undefined ? '' : 'WHERE timeframe = ?';
    const rows = explained(this.path, () =>
      this.reader
        .prepare(`SELECT DISTINCT symbol FROM ${kind} ${where} ORDER BY symbol`)
        .all(...(timeframe === undefined ? [] : [timeframe])),
    );
    return rows.map((row) => String(row['symbol']));
  }

  counters(): StoreCounters {
    return this.pending.counters();
  }

  async close(): Promise<void> {
    try {
      await this.flush();
      this.reader.close();
      await this.worker?.call('close', undefined);
    } finally {
      await this.worker?.close();
    }
  }
}

/** A row as an object, without its empty cells. */
function present(names: readonly string[], cells: readonly (Cell | null)[]): Record<string, Cell> {
  const row: Record<string, Cell> = {};
  for (let k = 0; k < names.length; k++) {
    const value = cells[k];
    if (value !== null) row[names[k] as string] = value;
  }
  return row;
}
