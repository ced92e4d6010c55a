import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { BAR_DATA, ColumnBatch, dataSets, LakeStore, QUOTE_DATA } from '../../src/stores/index.ts';

const START = 1_767_225_600_000_000;
const MINUTE = 60_000_000;

function bars(from: number, count: number, timeframe = '1m'): ColumnBatch {
  const batch = new ColumnBatch(BAR_DATA, timeframe);
  for (let i = from; i < from + count; i++) {
    for (const symbol of ['A', 'B']) {
      batch.add({ symbol, start: START + i * MINUTE, open: 1, high: 1, low: 1, close: i, volume: 1, revision: 0 });
    }
  }
  return batch;
}

describe('lake store', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tickloom-lake-it's "));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (featureNames: readonly string[] = []): Promise<LakeStore> =>
    LakeStore.open({ directory, featureNames, run: 'r', mode: 'append' });
  const partsOf = (pattern: string): string[] => globSync(`lake/${pattern}`, { cwd: directory }).sort();

  it('lays files out by timeframe and UTC date, and nothing else under a root', async () => {
    const store = await open();
    await store.write(bars(0, 2_000));
    await store.write(bars(0, 1, '1h'));
    const quotes = new ColumnBatch(QUOTE_DATA);
    quotes.add({ symbol: 'A', ts: START - 1, bid: 1, bidSize: 1 });
    await store.write(quotes);
    await store.close();
    const ulid = '[0-9A-Z]{26}';
    const expected = [
      `bars/timeframe=1h/date=2026-01-01/part-${ulid}.parquet`,
      `bars/timeframe=1m/date=2026-01-01/part-${ulid}.parquet`,
      `bars/timeframe=1m/date=2026-01-02/part-${ulid}.parquet`,
      `quotes/date=2025-12-31/part-${ulid}.parquet`,
    ];
    const found = partsOf('**/*').filter((path) => path.includes('.'));
    expect(found).toHaveLength(4);
    for (const [i, path] of found.entries()) expect(path).toMatch(new RegExp(`^lake/${expected[i]}$`));
    expect(readdirSync(directory).sort()).toEqual(['lake', 'lake-meta', 'lake-staging']);
    expect(JSON.parse(readFileSync(join(directory, 'lake-meta', 'bars.json'), 'utf8'))).toMatchObject({
      schema: 'bars/1',
      state: 'ok',
      rows: 4_002,
      minUs: START,
      maxUs: START + 1_999 * MINUTE,
    });
  });

  it('is read by DuckDB from the bare folder with partitions, and by range through the store', async () => {
    const store = await open();
    await store.write(bars(0, 3_000));
    await store.flush();
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const root = directory.replaceAll("'", "''");
    const bare = await connection.runAndReadAll(
      `SELECT timeframe, date::VARCHAR, count(*)::INT, typeof(any_value(start)) FROM '${root}/lake/bars/**/*.parquet' GROUP BY ALL ORDER BY ALL`,
    );
    expect(bare.getRows()).toEqual([
      ['1m', '2026-01-01', 2_880, 'TIMESTAMP WITH TIME ZONE'],
      ['1m', '2026-01-02', 2_880, 'TIMESTAMP WITH TIME ZONE'],
      ['1m', '2026-01-03', 240, 'TIMESTAMP WITH TIME ZONE'],
    ]);
    const across = await store.read('bars', {
      timeframe: '1m',
      symbols: ['B'],
      fromUs: START + 1_438 * MINUTE,
      toUs: START + 1_442 * MINUTE,
    });
    expect(across.rows.map((row) => row.close)).toEqual([1_438, 1_439, 1_440, 1_441]);
    await store.close();
  });

  it('merges the small files of closed days into one a day, with the same rows', async () => {
    const store = await open();
    for (let i = 0; i < 6; i++) {
      await store.write(bars(i * 300, 300));
      await store.flush();
    }
    const before = await store.read('bars', { timeframe: '1m', limit: 10_000 });
    expect(partsOf('bars/**/*.parquet')).toHaveLength(7);
    expect(await store.compact('2026-01-02')).toBe(1);
    expect(partsOf('bars/**/date=2026-01-01/*.parquet')).toHaveLength(1);
    expect(partsOf('bars/**/date=2026-01-02/*.parquet')).toHaveLength(2);
    expect(await store.read('bars', { timeframe: '1m', limit: 10_000 })).toEqual(before);
    expect(await store.compact('2026-01-02')).toBe(0);
    await store.close();
  });

  it('answers while commits and compactions run', async () => {
    const store = await open();
    await store.write(bars(0, 100));
    await store.flush();
    const writing = (async () => {
      for (let i = 1; i < 8; i++) {
        await store.write(bars(i * 100, 100));
        await store.flush();
        await store.compact('2026-02-01');
      }
    })();
    for (let i = 0; i < 12; i++) {
      const page = await store.read('bars', { timeframe: '1m', symbols: ['A'], limit: 100 });
      expect(page.rows.map((row) => row.close)).toEqual(Array.from({ length: 100 }, (_, k) => k));
    }
    await writing;
    await store.close();
  });

  it('keeps feature vectors of another plan in a data set of their own', async () => {
    const write = async (names: readonly string[], value: number): Promise<void> => {
      const store = await open(names);
      const batch = new ColumnBatch(dataSets(names).features, '1m');
      batch.add({ symbol: 'A', start: START, revision: 0, [names[0] as string]: value });
      await store.write(batch);
      await store.flush();
      expect((await store.read('features', { timeframe: '1m' })).rows).toMatchObject([{ [names[0] as string]: value }]);
      await store.close();
    };
    await write(['sma_5'], 1);
    await write(['rsi_14', 'odd "name"'], 2);
    await write(['sma_5'], 3);
    expect(partsOf('features/**/*.parquet')).toHaveLength(1);
    expect(partsOf('features_v2/**/*.parquet')).toHaveLength(1);
  });

  it('names a damaged file and goes on with the others', async () => {
    const store = await open();
    await store.write(bars(0, 2_000));
    await store.flush();
    const damaged = partsOf('bars/**/date=2026-01-02/*.parquet')[0] as string;
    const whole = readFileSync(join(directory, damaged));
    const random = new Prng(3);
    const cases = [whole.subarray(0, whole.length - 7), whole.subarray(0, 40), Buffer.alloc(0)];
    for (let i = 0; i < 20; i++) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt32LE(random.u32(), flipped.length - 8); // The length of the footer.
      cases.push(flipped);
    }
    for (const bytes of cases) {
      writeFileSync(join(directory, damaged), bytes);
      await expect(store.read('bars', { timeframe: '1m', latest: true })).rejects.toMatchObject({
        code: 'lake-damaged',
      });
      expect((await store.read('bars', { timeframe: '1m', toUs: START + MINUTE })).rows).toHaveLength(2);
    }
    await store.close();
  });

  it('names a data directory that can not be written', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const opening = LakeStore.open({ directory: join(file, 'data'), run: 'r', mode: 'append' });
    await expect(opening).rejects.toThrow(/The lake in .*file.data can not be written/);
  });
});
