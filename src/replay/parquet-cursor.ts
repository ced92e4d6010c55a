import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { TickloomError } from '../base/index.ts';
import { EventBatch, EventKind, type Universe } from '../model/index.ts';
import type { InputFile } from './input-file.ts';
import { RowContext } from './row-context.ts';
import { CURSOR_ROWS, type RowCursor } from './row-cursor.ts';
import { type RowLayout, readLayout } from './row-layout.ts';

const encoder = new TextEncoder();
const KIND_OF = { trades: EventKind.Trade, quotes: EventKind.Quote, bars: EventKind.SourceBar } as const;
const ACTIONS: Readonly<Record<string, EventKind>> = {
  trade: EventKind.Trade,
  correction: EventKind.Correction,
  cancel: EventKind.Cancel,
};

/**
 * A Parquet file as events, read by an embedded DuckDB that may open files beside it only. Files of the lake hold many
 * symbols, sorted for reading: they are put back into the order of the tape.
 */
export class ParquetCursor implements RowCursor {
  readonly batch = new EventBatch(CURSOR_ROWS);
  position = 0;
  bytesRead = 0;
  private readonly file: InputFile;
  private readonly layout: RowLayout;
  private readonly context: RowContext;
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly result: DuckDBResult;
  private readonly columns: readonly Selected[];
  private readonly columnOf: ReadonlyMap<Role, number>;
  private rows: readonly (readonly DuckDBValue[])[] = [];
  private rowsDone = 0;
  private readonly totalRows: number;
  private recvUs = Number.NEGATIVE_INFINITY;
  private isClosed = false;

  private constructor(file: InputFile, layout: RowLayout, universe: Universe, opened: Opened) {
    this.file = file;
    this.layout = layout;
    this.context = new RowContext(file, layout, universe);
    this.instance = opened.instance;
    this.connection = opened.connection;
    this.result = opened.result;
    this.columns = opened.columns;
    this.columnOf = new Map(opened.columns.map(({ role }, c) => [role, c]));
    this.totalRows = opened.totalRows;
  }

  /** @throws TickloomError `bad-file` for what is no sound Parquet file, `bad-header` for other columns than wanted. */
  static async open(file: InputFile, universe: Universe): Promise<ParquetCursor> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
    const connection = await instance.connect();
    try {
      await connection.run(`SET allowed_directories = [${quoted(`${dirname(resolve(file.path))}/`)}]`);
      await connection.run("SET temp_directory = ''; SET TimeZone = 'UTC'");
      await connection.run('SET enable_external_access = false; SET lock_configuration = true');
      const { names, types } = await describe(connection, file.path);
      const layout = readLayout(file, names);
      const columns = selectColumns(layout, names, types);
      const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${source(file.path)}`);
      const totalRows = (counted.getRows()[0]?.[0] ?? 0) as number;
      const list = columns.map((column) => column.sql).join(', ');
      const result = await connection.stream(`SELECT ${list} FROM ${source(file.path)} ${order(layout, names)}`);
      return new ParquetCursor(file, layout, universe, { instance, connection, result, columns, totalRows });
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw fileError(file.path, error);
    }
  }

  async load(): Promise<boolean> {
    const { batch } = this;
    batch.clear();
    this.position = 0;
    try {
      const chunk = await this.result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return false;
      this.rows = chunk.getColumns();
      for (let row = 0; row < chunk.rowCount; row++) this.add(row);
      this.rowsDone += chunk.rowCount;
      this.bytesRead = Math.round((this.file.bytes * this.rowsDone) / Math.max(1, this.totalRows));
    } catch (error) {
      throw fileError(this.file.path, error);
    }
    return true;
  }

  rawOf(row: number): string {
    return JSON.stringify(Object.fromEntries(this.columns.map(({ name }, c) => [name, this.rows[c]?.[row] ?? null])));
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private add(row: number): void {
    const { batch, layout, context } = this;
    const value = (role: Role): DuckDBValue => this.rows[this.columnOf.get(role) ?? -1]?.[row] ?? null;
    const tsEventUs = numberOf(value('ts'));
    const known = numberOf(value('recv'));
    const recvUs = known === known ? known : tsEventUs + context.timeframeUs;
    if (recvUs > this.recvUs) this.recvUs = recvUs;
    const at = Number.isFinite(this.recvUs) ? this.recvUs : 0;
    const symbol = context.symbol >= 0 ? context.symbol : this.symbolOf(value('symbol'));
    if (tsEventUs !== tsEventUs || symbol < 0) {
      const reason = symbol < 0 ? 'bad-symbol' : 'bad-time';
      const detail = `${this.file.path}, row ${this.rowsDone + row + 1}: it has no usable ${symbol < 0 ? 'symbol' : 'time'}`;
      const payload = { type: 'malformed', reason, detail, raw: this.rawOf(row) } as const;
      batch.addPayload(EventKind.Malformed, symbol, context.source, at, at, payload);
      return;
    }
    const kind = ACTIONS[String(value('action'))] ?? KIND_OF[layout.kind];
    const to = batch.begin(kind, symbol, this.idOf(value('source'), context.sources, context.source), tsEventUs, at);
    const numbers = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6];
    for (let n = 0; n < layout.numbers.length; n++) (numbers[n] as Float64Array)[to] = numberOf(value(n));
    if (layout.kind === 'bars') batch.p7[to] = context.timeframeUs;
    batch.exchange[to] = this.idOf(value('exchange'), context.exchanges, 0);
    batch.conditions[to] = this.idOf(value('conditions'), context.conditions, 0);
    const id = value('id');
    if (typeof id === 'string' || typeof id === 'number') batch.setId(to, id);
  }

  private symbolOf(value: DuckDBValue): number {
    try {
      return this.idOf(value, this.context.symbols, -1);
    } catch (error) {
      if (error instanceof TickloomError && error.code === 'bad-symbol') return -1;
      throw error;
    }
  }

  private idOf(value: DuckDBValue, interner: RowContext['sources'], whenEmpty: number): number {
    if (typeof value !== 'string' || value === '') return whenEmpty;
    const bytes = encoder.encode(value);
    return interner.idOf(bytes, 0, bytes.length);
  }
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly result: DuckDBResult;
  readonly columns: readonly Selected[];
  readonly totalRows: number;
}

/** What a selected column is for; a number is the index in {@link RowLayout.numbers}. */
type Role = 'ts' | 'recv' | 'symbol' | 'source' | 'id' | 'exchange' | 'conditions' | 'action' | number;

interface Selected {
  readonly role: Role;
  readonly name: string;
  readonly sql: string;
}

async function describe(connection: DuckDBConnection, path: string): Promise<{ names: string[]; types: string[] }> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source(path)}`);
  const rows = described.getRows().filter((row) => row[0] !== 'file_row_number');
  return { names: rows.map((row) => String(row[0])), types: rows.map((row) => String(row[1])) };
}

function selectColumns(layout: RowLayout, names: readonly string[], types: readonly string[]): readonly Selected[] {
  const selected: Selected[] = [];
  const add = (role: Role, column: number, sql: (name: string, type: string) => string): void => {
    const name = names[column];
    if (name !== undefined) selected.push({ role, name, sql: sql(identifier(name), types[column] as string) });
  };
  const text = (name: string): string => `${name}::VARCHAR`;
  add('ts', layout.ts, timeSql);
  add('recv', layout.recv, timeSql);
  add('symbol', layout.symbol, text);
  add('source', layout.source, text);
  add('id', layout.id, text);
  add('exchange', layout.exchange, text);
  add('conditions', layout.conditions, text);
  if (layout.kind === 'trades') add('action', names.indexOf('action'), text);
  layout.numbers.forEach((column, n) => {
    add(n, column, (name) => `TRY_CAST(${name} AS DOUBLE)`);
  });
  return selected;
}

/** Microseconds: timestamps and dates as they are, numbers as epoch milliseconds, texts as RFC 3339. */
function timeSql(name: string, type: string): string {
  if (type.startsWith('TIMESTAMP') || type === 'DATE') return `epoch_us(${name})::DOUBLE`;
  if (type === 'VARCHAR') return `epoch_us(TRY_CAST(${name} AS TIMESTAMPTZ))::DOUBLE`;
  return `round(${name}::DOUBLE * 1000)`;
}

/** Files of many symbols are sorted by symbol; their rows go back into tape order, others stay as they are. */
function order(layout: RowLayout, names: readonly string[]): string {
  if (layout.symbol < 0) return 'ORDER BY file_row_number';
  const keys = [layout.recv < 0 ? layout.ts : layout.recv, names.indexOf('seq')].filter((column) => column >= 0);
  return `ORDER BY ${[...keys.map((column) => identifier(names[column] as string)), 'file_row_number'].join(', ')}`;
}

function numberOf(value: DuckDBValue): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function source(path: string): string {
  return `read_parquet(${quoted(resolve(path))}, hive_partitioning = false, file_row_number = true)`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function fileError(path: string, error: unknown): TickloomError {
  if (error instanceof TickloomError) return error;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  return new TickloomError('bad-file', `${path} is no sound Parquet file: ${message}`, { subject: path, cause: error });
}
