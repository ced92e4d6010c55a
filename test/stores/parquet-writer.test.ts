import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, ColumnBatch, type DataSet, DuckReader, sortedRows, writeParquet } from '../../src/stores/index.ts';

type Row = Record<string, Cell>;

/** One column of every type, required and optional. */
const DATA: DataSet = {
  kind: 'trades',
  version: 1,
  columns: [
    { name: 'symbol', type: 'text', isOptional: false },
    { name: 'ts', type: 'time', isOptional: false },
    { name: 'maybeTime', type: 'time', isOptional: true },
    { name: 'value', type: 'double', isOptional: false },
    { name: 'maybeValue', type: 'double', isOptional: true },
    { name: 'count', type: 'int32', isOptional: true },
    { name: 'seq', type: 'int64', isOptional: true },
    { name: 'text', type: 'text', isOptional: true },
    { name: 'id', type: 'id', isOptional: true },
  ],
  time: 'ts',
  key: [],
  hasTimeframe: false,
};

const MIN_US = -400_000_000_000_000;
const MAX_US = 4_000_000_000_000_000;
const double = fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
const price = fc.integer({ min: 1, max: 90_000 }).map((cents) => cents / 100);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const row: fc.Arbitrary<Row> = fc.record({
  symbol: fc.constantFrom('AAPL', 'BRK.B', '0700', 'BTCUSD'),
  ts: fc.integer({ min: MIN_US, max: MAX_US }),
  maybeTime: optional(fc.integer({ min: MIN_US, max: MAX_US })),
  value: fc.oneof(double, price),
  maybeValue: optional(fc.oneof(double, price, fc.constant(1))),
  count: optional(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  seq: optional(fc.maxSafeInteger().map((value) => Math.trunc(value / 4) + 0)),
  text: optional(fc.string({ unit: 'grapheme', minLength: 1 })),
  id: optional(fc.oneof(fc.maxSafeNat().map(String), fc.string({ minLength: 1 }))),
});

async function written(rows: readonly Row[], rowGroupRows: number): Promise<{ bytes: Uint8Array; sorted: Row[] }> {
  const batch = new ColumnBatch(DATA);
  for (const each of rows) batch.add(each);
  const order = sortedRows(batch);
  const parts: Buffer[] = [];
  await writeParquet(batch, order, async (bytes) => void parts.push(Buffer.from(bytes)), {
    rowGroupRows,
    metadata: { tickloom_schema: 'test/1', run_id: 'r-1' },
  });
  return { bytes: Buffer.concat(parts), sorted: [...order].map((at) => batch.row(at)) };
}

describe('parquet files', () => {
  let directory: string;
  let reader: DuckReader;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tickloom-parquet-'));
    reader = new DuckReader(directory);
  });

  afterAll(async () => {
    await reader.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function byDuckDb(bytes: Uint8Array): Promise<Row[]> {
    const path = join(directory, 'x.parquet');
    writeFileSync(path, bytes);
    const batch = await reader.readAll(DATA, undefined, [path]);
    return Array.from({ length: batch.length }, (_, i) => batch.row(i));
  }

  async function byHyparquet(bytes: Uint8Array): Promise<Row[]> {
    const file = new Uint8Array(bytes).buffer;
    const rows = await parquetReadObjects({ file, compressors });
    return rows.map((found) => {
      const out: Row = {};
      for (const spec of DATA.columns) {
        const value: unknown = found[spec.name];
        if (value === null || value === undefined) continue;
        if (spec.type === 'time') continue; // Its Date has milliseconds only; DuckDB checks the microseconds.
        out[spec.name] = typeof value === 'bigint' ? Number(value) : (value as Cell);
      }
      return out;
    });
  }

  const withoutTimes = (rows: readonly Row[]): Row[] =>
    rows.map((each) =>
      Object.fromEntries(Object.entries(each).filter(([name]) => name !== 'ts' && name !== 'maybeTime')),
    );

  it('read back bit for bit in DuckDB and hyparquet, for any rows and row-group size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 300 }), fc.integer({ min: 1, max: 400 }), async (rows, group) => {
        const { bytes, sorted } = await written(rows, group);
        expect(await byDuckDb(bytes)).toEqual(sorted);
        expect(await byHyparquet(bytes)).toEqual(withoutTimes(sorted));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps long columns with many, few and no distinct values', async () => {
    const rows = Array.from({ length: 25_000 }, (_, i): Row => {
      const base: Row = { symbol: `S${i % 7}`, ts: 1_767_225_600_000_000 + i * 1_000, value: 100 + Math.sin(i) };
      if (i % 3 === 0) base['text'] = `c${i % 11}`;
      if (i > 12_000) base['maybeValue'] = i % 5;
      if (i % 2 === 0) base['id'] = String(i);
      base['count'] = i % 1_000 === 0 ? 1 : 0;
      return base;
    });
    const { bytes, sorted } = await written(rows, 10_000);
    expect(await byDuckDb(bytes)).toEqual(sorted);
    expect(await byHyparquet(bytes)).toEqual(withoutTimes(sorted));
  });

  it('declare UTC microseconds, ZSTD, 10,000-row groups and the key-value metadata', async () => {
    const rows = Array.from({ length: 20_001 }, (_, i): Row => ({ symbol: 'A', ts: i, value: i }));
    const { bytes } = await written(rows, 10_000);
    const path = join(directory, 'meta.parquet');
    writeFileSync(path, bytes);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const ask = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson();
    expect(await ask(`SELECT column_type FROM (DESCRIBE SELECT ts FROM '${path}')`)).toEqual([
      ['TIMESTAMP WITH TIME ZONE'],
    ]);
    const groups = await ask(
      `SELECT DISTINCT row_group_num_rows, compression FROM parquet_metadata('${path}') ORDER BY ALL DESC`,
    );
    expect(groups).toEqual([
      ['10000', 'ZSTD'],
      ['1', 'ZSTD'],
    ]);
    const metadata = await ask(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}') ORDER BY 1`);
    expect(metadata).toEqual([
      ['run_id', 'r-1'],
      ['tickloom_schema', 'test/1'],
    ]);
    const stats = await ask(
      `SELECT stats_min_value, stats_max_value FROM parquet_metadata('${path}') WHERE path_in_schema = 'ts' ORDER BY row_group_id`,
    );
    expect(stats[1]).toEqual(['1970-01-01 00:00:00.01+00', '1970-01-01 00:00:00.019999+00']);
    expect(readFileSync(path).subarray(-4).toString()).toBe('PAR1');
  });
});
