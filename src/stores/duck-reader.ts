import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { TickloomError } from '../base/index.ts';
import { type Cell, ColumnBatch } from './column-batch.ts';
import type { ColumnSpec, DataSet } from './data-sets.ts';

/** A filter and page over Parquet files; text and numbers travel as parameters, never inside the statement. */
export interface PartQuery {
  readonly symbols: readonly string[] | undefined;
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
  readonly offset: number;
  readonly isDescending: boolean;
}

/** Files read by one statement: its fixed cost is that of reading several small files. */
const FILES_PER_QUERY = 64;

/**
 * Reads Parquet files with an embedded DuckDB that may open files below one folder only, with a memory bound and its
 * configuration locked. Opened on first use, so that a process that never reads the lake never loads it.
 */
export class DuckReader {
  private readonly folder: string;
  private opening: Promise<DuckDBInstance> | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A connection of its own for each query: a second query on the same one would cut the first off. */
  private async connect(): Promise<DuckDBConnection> {
    this.opening ??= this.open();
    return (await this.opening).connect();
  }

  private async open(): Promise<DuckDBInstance> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' });
    const connection = await instance.connect();
    await connection.run(`SET allowed_directories = [${quoted(`${this.folder}/`)}]; SET temp_directory = ''`);
    // Files are cached by the operating system; a second cache grows with every file ever read.
    await connection.run('SET enable_external_file_cache = false');
    await connection.run('SET enable_external_access = false; SET lock_configuration = true');
    connection.closeSync();
    return instance;
  }

  /** All rows of the files, in the order of the paths. */
  async readAll(dataSet: DataSet, timeframe: string | undefined, paths: readonly string[]): Promise<ColumnBatch> {
    const batch = new ColumnBatch(dataSet, timeframe, 4_096);
    for (let from = 0; from < paths.length; from += FILES_PER_QUERY) {
      const some = paths.slice(from, from + FILES_PER_QUERY);
      const [only] = some;
      const subject = some.length === 1 && only !== undefined ? only : this.folder;
      // Sorting fills the chunks: unsorted, each file gives one of full size however few its rows, and its memory is
      // freed late because the garbage collector does not see it.
      const place = `list_position([${some.map(quoted).join(', ')}], filename)`;
      const order = some.length === 1 ? '' : ` ORDER BY ${place}, file_row_number`;
      await this.run(`SELECT ${selection(dataSet)} FROM ${source(some)}${order}`, [], batch, subject);
    }
    return batch;
  }

  /** The rows of a range in (time, symbol, tape order), or the reverse. */
  async query(
    dataSet: DataSet,
    timeframe: string | undefined,
    paths: readonly string[],
    query: PartQuery,
  ): Promise<ColumnBatch> {
    const batch = new ColumnBatch(dataSet, timeframe);
    const { symbols } = query;
    const time = identifier(dataSet.time);
    const conditions: string[] = [];
    const parameters: DuckDBValue[] = [];
    if (Number.isFinite(query.fromUs)) {
      parameters.push(BigInt(Math.ceil(query.fromUs)));
      conditions.push(`${time} >= make_timestamptz($${parameters.length}::BIGINT)`);
    }
    if (Number.isFinite(query.toUs)) {
      parameters.push(BigInt(Math.ceil(query.toUs)));
      conditions.push(`${time} < make_timestamptz($${parameters.length}::BIGINT)`);
    }
    if (symbols !== undefined) {
      const marks = symbols.map((symbol) => `$${parameters.push(symbol)}`);
      conditions.push(marks.length === 0 ? 'false' : `symbol IN (${marks.join(', ')})`);
    }
    const direction = query.isDescending ? 'DESC' : 'ASC';
    const order = [time, 'symbol', 'filename', 'file_row_number'].map((key) => `${key} ${direction}`).join(', ');
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const tail = `ORDER BY ${order} LIMIT ${query.limit} OFFSET ${query.offset}`;
    await this.run(
      `SELECT ${selection(dataSet)} FROM ${source(paths)} ${where} ${tail}`,
      parameters,
      batch,
      this.folder,
    );
    return batch;
  }

  /** The symbols in the files, ascending. */
  async symbols(paths: readonly string[]): Promise<readonly string[]> {
    if (paths.length === 0) return [];
    const only: DataSet = {
      kind: 'trades',
      version: 0,
      columns: [{ name: 'symbol', type: 'text', isOptional: false }],
      time: 'symbol',
      key: [],
      hasTimeframe: false,
    };
    const batch = new ColumnBatch(only);
    await this.run(`SELECT DISTINCT symbol FROM ${source(paths)} ORDER BY symbol`, [], batch, this.folder);
    return Array.from({ length: batch.length }, (_, i) => String(batch.cell(i, 0)));
  }

  private async run(sql: string, parameters: DuckDBValue[], batch: ColumnBatch, subject: string): Promise<void> {
    const connection = await this.connect();
    try {
      const result = await connection.stream(sql, parameters);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        const columns = chunk.getColumns();
        const base = batch.length;
        for (let i = 0; i < chunk.rowCount; i++) batch.begin();
        for (let k = 0; k < columns.length; k++) {
          const values = columns[k] as readonly DuckDBValue[];
          for (let i = 0; i < values.length; i++) batch.setCell(base + i, k, cellOf(values[i]));
        }
      }
    } catch (cause) {
      const detail = cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause);
      throw new TickloomError('lake-damaged', `A file of the lake can not be read: ${detail}`, { subject, cause });
    } finally {
      connection.closeSync();
    }
  }

  async close(): Promise<void> {
    const instance = await this.opening;
    this.opening = undefined;
    instance?.closeSync();
  }
}

function cellOf(value: DuckDBValue | undefined): Cell {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}

function selection(dataSet: DataSet): string {
  return dataSet.columns.map(selected).join(', ');
}

/** Integers and times as doubles: all are below 2^53, and one type a column keeps the reading simple. */
function selected(spec: ColumnSpec): string {
  const name = identifier(spec.name);
  switch (spec.type) {
    case 'time':
      return `epoch_us(${name})::DOUBLE`;
    case 'int64':
    case 'int32':
      return `${name}::DOUBLE`;
    default:
      return name;
  }
}

function source(paths: readonly string[]): string {
  const list = paths.map(quoted).join(', ');
  return `read_parquet([${list}], hive_partitioning = false, filename = true, file_row_number = true)`;
}

/** Column names come from our schemas and feature plans; quoting keeps any of them a name. */
function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
