import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBValue, DuckDBVector } from '@duckdb/node-api';
import { TickloomError } from '../base/index.ts';
import { EventBatch, EventKind, type Universe } from '../model/index.ts';
import type { ByteInterner } from './byte-interner.ts';
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
  /** Where each role stands among the columns, -1 where the file has none. */
  private readonly at: Readonly<Record<Exclude<Role, number>, number>>;
  private readonly numbersAt: readonly number[];
  private readonly symbolIds: TextIds;
  private readonly sourceIds: TextIds;
  private readonly exchangeIds: TextIds;
  private readonly conditionIds: TextIds;
  private readonly actions: readonly (EventKind | undefined)[];
  private vectors: readonly DuckDBVector[] = [];
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
    const at = (role: Role): number => opened.columns.findIndex((column) => column.role === role);
    this.at = {
      ts: at('ts'),
      recv: at('recv'),
      symbol: at('symbol'),
      source: at('source'),
      id: at('id'),
      exchange: at('exchange'),
      conditions: at('conditions'),
      action: at('action'),
    };
    this.numbersAt = layout.numbers.map((_, n) => at(n));
    const texts = (role: Role): readonly string[] => opened.columns[at(role)]?.texts ?? [];
    this.symbolIds = new TextIds(texts('symbol'), this.context.symbols);
    this.sourceIds = new TextIds(texts('source'), this.context.sources);
    this.exchangeIds = new TextIds(texts('exchange'), this.context.exchanges);
    this.conditionIds = new TextIds(texts('conditions'), this.context.conditions);
    this.actions = texts('action').map((text) => ACTIONS[text]);
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
      await nameTexts(connection, columns, file.path);
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
      const { rowCount } = chunk;
      this.vectors = this.columns.map((_, c) => chunk.getColumnVector(c));
      for (let row = 0; row < rowCount; row++) this.add(row);
      this.rowsDone += rowCount;
      this.bytesRead = Math.round((this.file.bytes * this.rowsDone) / Math.max(1, this.totalRows));
    } catch (error) {
      throw fileError(this.file.path, error);
    }
    return true;
  }

  rawOf(row: number): string {
    return JSON.stringify(Object.fromEntries(this.columns.map(({ name }, c) => [name, this.textAt(c, row)])));
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private add(row: number): void {
    const { batch, layout, context, at } = this;
    const tsEventUs = this.numberAt(at.ts, row);
    const known = this.numberAt(at.recv, row);
    const recvUs = known === known ? known : tsEventUs + context.timeframeUs;
    if (recvUs > this.recvUs) this.recvUs = recvUs;
    const engineUs = Number.isFinite(this.recvUs) ? this.recvUs : 0;
    const symbol = context.symbol >= 0 ? context.symbol : this.symbolOf(row);
    if (tsEventUs !== tsEventUs || symbol < 0) {
      this.malformed(row, symbol, engineUs);
      return;
    }
    const source = this.sourceIds.of(this.numberAt(at.source, row), context.source);
    const to = batch.begin(this.kindOf(row), symbol, source, tsEventUs, engineUs);
    batch.p0[to] = this.numberAt(this.numbersAt[0] ?? -1, row);
    batch.p1[to] = this.numberAt(this.numbersAt[1] ?? -1, row);
    if (layout.kind !== 'trades') this.moreNumbers(to, row);
    batch.exchange[to] = this.exchangeIds.of(this.numberAt(at.exchange, row), 0);
    batch.conditions[to] = this.conditionIds.of(this.numberAt(at.conditions, row), 0);
    const id = this.valueAt(at.id, row);
    if (typeof id === 'string' || typeof id === 'number') batch.setId(to, id);
  }

  private moreNumbers(to: number, row: number): void {
    const { batch, numbersAt } = this;
    batch.p2[to] = this.numberAt(numbersAt[2] ?? -1, row);
    batch.p3[to] = this.numberAt(numbersAt[3] ?? -1, row);
    if (this.layout.kind === 'quotes') return;
    batch.p4[to] = this.numberAt(numbersAt[4] ?? -1, row);
    batch.p5[to] = this.numberAt(numbersAt[5] ?? -1, row);
    batch.p6[to] = this.numberAt(numbersAt[6] ?? -1, row);
    batch.p7[to] = this.context.timeframeUs;
  }

  private kindOf(row: number): EventKind {
    return this.actions[this.numberAt(this.at.action, row)] ?? KIND_OF[this.layout.kind];
  }

  private malformed(row: number, symbol: number, us: number): void {
    const reason = symbol < 0 ? 'bad-symbol' : 'bad-time';
    const detail = `${this.file.path}, row ${this.rowsDone + row + 1}: it has no usable ${symbol < 0 ? 'symbol' : 'time'}`;
    const payload = { type: 'malformed', reason, detail, raw: this.rawOf(row) } as const;
    this.batch.addPayload(EventKind.Malformed, symbol, this.context.source, us, us, payload);
  }

  private valueAt(column: number, row: number): DuckDBValue {
    return column < 0 ? null : ((this.vectors[column] as DuckDBVector).getItem(row) ?? null);
  }

  /** A value as it stands in the file. */
  private textAt(column: number, row: number): DuckDBValue {
    const value = this.valueAt(column, row);
    const texts = this.columns[column]?.texts;
    return texts === undefined || typeof value !== 'number' ? value : (texts[value] ?? null);
  }

  private numberAt(column: number, row: number): number {
    const value = this.valueAt(column, row);
    return typeof value === 'number' ? value : Number.NaN;
  }

  private symbolOf(row: number): number {
    try {
      return this.symbolIds.of(this.numberAt(this.at.symbol, row), -1);
    } catch (error) {
      if (error instanceof TickloomError && error.code === 'bad-symbol') return -1;
      throw error;
    }
  }
}

/** Ids of the texts of one column by their number in the file, each interned when it is first met. */
class TextIds {
  private readonly texts: readonly string[];
  private readonly interner: ByteInterner;
  private readonly known: Int32Array;

  constructor(texts: readonly string[], interner: ByteInterner) {
    this.texts = texts;
    this.interner = interner;
    this.known = new Int32Array(texts.length).fill(-1);
  }

  /** @param text number of the text; NaN where there is none */
  of(text: number, whenEmpty: number): number {
    if (text !== text || this.texts[text] === '') return whenEmpty;
    const known = this.known[text] as number;
    if (known >= 0) return known;
    const bytes = encoder.encode(this.texts[text]);
    const id = this.interner.idOf(bytes, 0, bytes.length);
    this.known[text] = id;
    return id;
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
  sql: string;
  /** The different texts of a text column that has them by number. */
  texts?: readonly string[];
}

/** Columns with few different texts: they come by number, so that a text is made once and not for every row. */
const NUMBERED: ReadonlySet<Role> = new Set(['symbol', 'source', 'exchange', 'conditions', 'action']);

/** Gives every such column an ENUM of its texts, and selects the number in it. */
async function nameTexts(connection: DuckDBConnection, columns: readonly Selected[], path: string): Promise<void> {
  for (const column of columns) {
    if (!NUMBERED.has(column.role)) continue;
    const type = `tickloom_${column.role}`;
    const from = `FROM ${source(path)} WHERE ${column.sql} IS NOT NULL`;
    const found = await connection.runAndReadAll(`SELECT DISTINCT ${column.sql} AS text ${from} ORDER BY text`);
    column.texts = found.getRows().map(([text]) => String(text));
    // An ENUM needs a member; the empty text stands for nothing in every column.
    const members = column.texts.length === 0 ? "('')" : `(SELECT DISTINCT ${column.sql} ${from} ORDER BY 1)`;
    await connection.run(`CREATE TYPE ${type} AS ENUM ${members}`);
    column.sql = `enum_code((${column.sql})::${type})::DOUBLE`;
  }
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
