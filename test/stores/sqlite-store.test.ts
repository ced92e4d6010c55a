import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BAR_DATA,
  ColumnBatch,
  checkSqliteFile,
  isSafeSqlite,
  SqliteStore,
  sqliteVersion,
} from '../../src/stores/index.ts';

const START = 1_767_225_600_000_000;

function bars(count: number, symbols = 1): ColumnBatch {
  const batch = new ColumnBatch(BAR_DATA, '1m');
  for (let i = 0; i < count; i++) {
    const start = START + Math.floor(i / symbols) * 60_000_000;
    batch.add({ symbol: `S${i % symbols}`, start, open: 1, high: 2, low: 1, close: i, volume: 1, revision: 0 });
  }
  return batch;
}

describe('SQLite store', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tickloom-sqlite-'));
    path = join(directory, 'tickloom.db');
  });

  afterEach(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true, force: true });
  });

  it('runs on a SQLite without the WAL-reset race', () => {
    expect(isSafeSqlite(sqliteVersion())).toBe(true);
    expect(isSafeSqlite('3.51.2')).toBe(false);
    expect(isSafeSqlite('3.51.3')).toBe(true);
    expect(isSafeSqlite('3.52')).toBe(true);
    expect(isSafeSqlite('4.0.0')).toBe(true);
  });

  it('uses WAL, strict tables and the key as the row order', async () => {
    const store = await SqliteStore.open({ path });
    await store.write(bars(10));
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    const list = database.prepare("SELECT name, wr, strict FROM pragma_table_list WHERE name IN ('bars','gaps')").all();
    expect(list.map((row) => ({ ...row }))).toEqual(
      expect.arrayContaining([
        { name: 'bars', wr: 1, strict: 1 },
        { name: 'gaps', wr: 1, strict: 1 },
      ]),
    );
    const plan = database
      .prepare(
        "EXPLAIN QUERY PLAN SELECT * FROM bars WHERE symbol = 'A' AND timeframe = '1m' AND start >= 5 ORDER BY start",
      )
      .all();
    expect(plan).toHaveLength(1);
    expect(String(plan[0]?.['detail'])).toContain('PRIMARY KEY (symbol=? AND timeframe=? AND start>?)');
    database.close();
    checkSqliteFile(path);
  });

  it('keeps small texts and the tape position over a restart', async () => {
    const store = await SqliteStore.open({ path });
    await store.setMeta('event_base', '1000');
    await store.write(bars(3));
    await store.flush(77);
    await store.close();
    const again = await SqliteStore.open({ path });
    expect([again.meta('event_base'), again.meta('nothing'), again.coveredSeq]).toEqual(['1000', undefined, 77]);
    await again.close();
  });

  it('blocks writes at its bound and loses none', async () => {
    const store = await SqliteStore.open({ path, maxPendingRows: 100, commitRows: 1_000_000 });
    for (let i = 0; i < 20; i++) {
      const batch = new ColumnBatch(BAR_DATA, '1m');
      for (let k = 0; k < 30; k++) {
        const start = START + (i * 30 + k) * 60_000_000;
        batch.add({ symbol: 'A', start, open: 1, high: 1, low: 1, close: 1, volume: 1, revision: 0 });
      }
      await store.write(batch);
      expect(store.counters().rowsPending).toBeLessThan(100);
    }
    expect(store.counters().commits).toBeGreaterThanOrEqual(4);
    expect((await store.read('bars', { timeframe: '1m', limit: 10_000 })).rows).toHaveLength(600);
    await store.close();
  });

  it('names a file that is locked by another program, keeps the rows, and writes them when it is free', async () => {
    const store = await SqliteStore.open({ path, busyTimeoutMs: 20 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await store.write(bars(5));
    await expect(store.flush()).rejects.toMatchObject({ code: 'store-locked', subject: path });
    expect(store.counters()).toMatchObject({ rowsPending: 5, commitFailures: 1 });
    other.exec('ROLLBACK');
    other.close();
    await store.flush();
    expect((await store.read('bars', { timeframe: '1m' })).rows).toHaveLength(5);
    await store.close();
  });

  it('names a file that is no database or is damaged', async () => {
    writeFileSync(path, 'this is a text file, and one long enough to look like a page of something else');
    await expect(SqliteStore.open({ path })).rejects.toMatchObject({ code: 'store-corrupt', subject: path });
    rmSync(path);
    const store = await SqliteStore.open({ path });
    await store.write(bars(5_000, 50));
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 3 * 4096, bytes.length - 4096);
    writeFileSync(path, bytes);
    expect(() => checkSqliteFile(path)).toThrow('damaged');
    // The write-ahead log beside it says that it was not closed properly, so opening checks it.
    writeFileSync(`${path}-wal`, '');
    await expect(SqliteStore.open({ path })).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('refuses the tables of a later version', async () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(SqliteStore.open({ path })).rejects.toMatchObject({ code: 'store-newer' });
  });

  it('names a folder that is not there', async () => {
    await expect(SqliteStore.open({ path: join(directory, 'no', 'such', 'x.db') })).rejects.toMatchObject({
      code: 'store-readonly',
    });
  });

  it('says that the disk is full, writes nothing of the transaction, and goes on when there is room', async () => {
    const store = await SqliteStore.open({ path, commitRows: 1_000_000 });
    await store.write(bars(10));
    await store.flush();
    const database = new DatabaseSync(path);
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
    database.close();
    await store.close();
    // SQLite reports a full disk through the same code when a database may not grow beyond its page limit.
    const { SqliteWriter } = await import('../../src/stores/sqlite-writer.ts');
    const writer = new SqliteWriter(path, 100, 'append', pages + 2);
    expect(() => writer.commit([bars(5_000, 7)], 5)).toThrow('the disk is full');
    writer.close();
    const again = await SqliteStore.open({ path });
    expect((await again.read('bars', { timeframe: '1m', limit: 10_000 })).rows).toHaveLength(10);
    expect(again.coveredSeq).toBe(0);
    await again.write(bars(5_000, 7));
    await again.close();
  });
});
