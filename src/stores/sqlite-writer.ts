import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ColumnBatch } from './column-batch.ts';
import { columnIndex, type DataSet } from './data-sets.ts';
import { lastOfEachKey, sortedRows } from './row-order.ts';
import { explained, openForWriting } from './sqlite-database.ts';
import { quoted } from './sqlite-schema.ts';

/** Rows of one INSERT: more rows a statement cost fewer calls, and 32 x 14 columns stay far below SQLite's limit. */
const ROWS_PER_INSERT = 32;

/** Writes batches into the tables, one transaction a commit. */
export class SqliteWriter {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly inserts = new Map<string, { readonly one: StatementSync; readonly many: StatementSync }>();
  private readonly setMetaStatement: StatementSync;
  private readonly removeStatement: StatementSync;
  private readonly forgetStatement: StatementSync;
  private readonly mode: 'append' | 'replace';
  /** Symbols and sources whose quarantined rows are all of this run. */
  private renewed = new Set<string>();

  /**
   * @param mode `replace` takes out what earlier runs quarantined of the symbols and sources of this one
   * @param maxPages the file's bound in pages of 4 KiB; SQLite's own without it
   */
  constructor(path: string, busyTimeoutMs: number, mode: 'append' | 'replace' = 'append', maxPages?: number) {
    this.path = path;
    this.mode = mode;
    this.database = openForWriting(path, busyTimeoutMs);
    if (maxPages !== undefined) this.database.exec(`PRAGMA max_page_count = ${maxPages}`);
    this.setMetaStatement = this.database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    this.removeStatement = this.database.prepare('DELETE FROM bars WHERE symbol = ? AND timeframe = ? AND start = ?');
    this.forgetStatement = this.database.prepare('DELETE FROM quarantine WHERE symbol IS ? AND source IS ?');
  }

  /** Writes all batches, and the tape sequence they reach to, or nothing. */
  commit(batches: readonly ColumnBatch[], coveredSeq: number): void {
    explained(this.path, () => {
      const before = new Set(this.renewed);
      this.database.exec('BEGIN IMMEDIATE');
      try {
        for (const batch of batches) this.insert(batch);
        if (coveredSeq > 0) this.setMetaStatement.run('covered_seq', String(coveredSeq));
        this.database.exec('COMMIT');
      } catch (error) {
        // A full disk can end the transaction by itself; a second ROLLBACK would hide the first error.
        if (this.database.isTransaction) this.database.exec('ROLLBACK');
        this.renewed = before;
        throw error;
      }
    });
  }

  setMeta(key: string, value: string): void {
    explained(this.path, () => this.setMetaStatement.run(key, value));
  }

  /** Before the first rows of a symbol and source in this run: takes out what earlier runs quarantined of them. */
  private forgetEarlierRuns(batch: ColumnBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const symbol = batch.cell(i, columnIndex(batch.dataSet, 'symbol')) ?? null;
      const source = batch.cell(i, columnIndex(batch.dataSet, 'source')) ?? null;
      const group = `${symbol}\n${source}`;
      if (this.renewed.has(group)) continue;
      this.forgetStatement.run(symbol, source);
      this.renewed.add(group);
    }
  }

  private insert(batch: ColumnBatch): void {
    if (this.mode === 'replace' && batch.dataSet.kind === 'quarantine') this.forgetEarlierRuns(batch);
    const statements = this.statementsFor(batch.dataSet);
    const cells: (string | number | null)[] = [];
    let rows = 0;
    for (const row of this.rowsOf(batch)) {
      for (let k = 0; k < batch.columns.length; k++) cells.push(batch.cell(row, k) ?? null);
      if (batch.timeframe !== undefined) cells.push(batch.timeframe);
      if (++rows < ROWS_PER_INSERT) continue;
      statements.many.run(...cells);
      cells.length = 0;
      rows = 0;
    }
    const width = rows === 0 ? 0 : cells.length / rows;
    for (let i = 0; i < rows; i++) statements.one.run(...cells.slice(i * width, (i + 1) * width));
  }

  /** The rows to insert, in the order of the key; rows whose last word is a removal are deleted here. */
  private rowsOf(batch: ColumnBatch): Uint32Array {
    if (batch.dataSet.key.length === 0) return Uint32Array.from({ length: batch.length }, (_, i) => i);
    const order = sortedRows(batch);
    if (!batch.dataSet.hasTimeframe) return order;
    for (const row of order) {
      if (!batch.isRemoval(row)) continue;
      this.removeStatement.run(batch.cell(row, 0) ?? '', batch.timeframe ?? '', batch.cell(row, 1) ?? 0);
    }
    return lastOfEachKey(batch, order);
  }

  private statementsFor(dataSet: DataSet): { readonly one: StatementSync; readonly many: StatementSync } {
    const known = this.inserts.get(dataSet.kind);
    if (known !== undefined) return known;
    const names = dataSet.columns.map((spec) => quoted(spec.name));
    if (dataSet.hasTimeframe) names.push('timeframe');
    const head = `INSERT OR REPLACE INTO ${dataSet.kind} (${names.join(', ')}) VALUES `;
    const row = `(${names.map(() => '?').join(', ')})`;
    const made = {
      one: this.database.prepare(head + row),
      many: this.database.prepare(head + Array(ROWS_PER_INSERT).fill(row).join(', ')),
    };
    this.inserts.set(dataSet.kind, made);
    return made;
  }

  close(): void {
    explained(this.path, () => {
      this.database.exec('PRAGMA optimize');
      this.database.close();
    });
  }
}
