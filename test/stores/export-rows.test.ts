import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Reason } from '../../src/quality/index.ts';
import {
  type Cell,
  ColumnBatch,
  checkExportKind,
  type DataKind,
  dataSets,
  type ExportRequest,
  exportRows,
  MemoryStore,
  type Store,
} from '../../src/stores/index.ts';

const START = 1_767_225_600_000_000;
const SCHEMAS = dataSets(['sma_5']);

class TextSink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function storeOf(kind: DataKind, rows: readonly Record<string, Cell>[]): Promise<Store> {
  const store = new MemoryStore();
  const batch = new ColumnBatch(SCHEMAS[kind], SCHEMAS[kind].hasTimeframe ? '1m' : undefined);
  for (const row of rows) batch.add(row);
  await store.write(batch);
  return store;
}

function request(kind: 'bars' | 'trades' | 'quotes' | 'features', more: Partial<ExportRequest> = {}): ExportRequest {
  return {
    kind,
    dataSet: SCHEMAS[kind],
    symbol: 'A',
    format: 'csv',
    out: '-',
    times: 'ms',
    columns: 'default',
    ...(SCHEMAS[kind].hasTimeframe ? { timeframe: '1m' } : {}),
    ...more,
  };
}

async function csvOf(store: Store, asked: ExportRequest): Promise<string[]> {
  const stdout = new TextSink();
  const { rows } = await exportRows(store, asked, stdout);
  const lines = stdout.text.split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(rows + 1);
  return lines;
}

const BAR = {
  symbol: 'A',
  start: START,
  end: START + 60_000_000,
  open: 0.1,
  high: 0.30000000000000004,
  low: 1e-7,
  close: 0.2,
  volume: 12,
  vwap: 1 / 3,
  trades: 3,
  revision: 1,
  source: 'demo',
  quality: 0.5,
};

function trade(i: number, more: Record<string, Cell> = {}): Record<string, Cell> {
  return { symbol: 'A', ts: START + i * 1_000, price: 10 + i, size: 1, exchange: 'N', action: 'trade', ...more };
}

describe('export', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tickloom-export-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('writes bars under the documented header, numbers in their shortest exact form, missing as empty', async () => {
    const { vwap: _vwap, quality: _quality, ...bare } = { ...BAR, start: START + 60_000_000 };
    expect(await csvOf(await storeOf('bars', [BAR, bare]), request('bars'))).toEqual([
      'ts,open,high,low,close,volume,vwap,trades,revision,source,quality',
      '1767225600000,0.1,0.30000000000000004,1e-7,0.2,12,0.3333333333333333,3,1,demo,0.5',
      '1767225660000,0.1,0.30000000000000004,1e-7,0.2,12,,3,1,demo,',
    ]);
  });

  it('writes trades with fractions of milliseconds, and ids only where the tape has them', async () => {
    const rows = [trade(0), trade(0, { ts: START + 1 }), trade(0, { ts: START + 1_250, conditions: '20002000' })];
    expect(await csvOf(await storeOf('trades', rows), request('trades'))).toEqual([
      'ts,price,size,exchange,conditions',
      '1767225600000,10,1,N,',
      '1767225600000.001,10,1,N,',
      '1767225600001.25,10,1,N,20002000',
    ]);
    expect(await csvOf(await storeOf('trades', [trade(0, { id: '17' })]), request('trades', { times: 'iso' }))).toEqual(
      ['ts,price,size,exchange,conditions,id', '2026-01-01T00:00:00Z,10,1,N,,17'],
    );
    const full = trade(0, { id: '17', recv: START + 5, seq: 9, source: 'demo', quality: 1 });
    expect(await csvOf(await storeOf('trades', [full]), request('trades', { columns: 'all' }))).toEqual([
      'ts,price,size,exchange,conditions,id,recv,source,seq,quality',
      '1767225600000,10,1,N,,17,1767225600000.005,demo,9,1',
    ]);
  });

  it('shows trades as corrected and leaves cancelled ones out', async () => {
    const rows = [
      trade(0, { id: '1' }),
      trade(1, { id: '2' }),
      trade(2, { id: '3' }),
      trade(5, { id: '2', price: 99, size: 7, action: 'correction' }),
      { symbol: 'A', ts: START + 90_000_000, id: '3', action: 'cancel' },
    ];
    const asked = request('trades', { toUs: START + 60_000_000 });
    expect(await csvOf(await storeOf('trades', rows), asked)).toEqual([
      'ts,price,size,exchange,conditions,id',
      '1767225600000,10,1,N,,1',
      '1767225600001,99,7,N,,2',
    ]);
  });

  it('makes formulas text and quotes what RFC 4180 wants quoted', async () => {
    const texts = ['=1+1', '+1', '-1', '@,T', '\tx', 'a"b', 'a,b', 'a\nb', "'q", '2-1'];
    const rows = texts.map((conditions, i) => trade(i, { price: 1, conditions }));
    const stdout = new TextSink();
    await exportRows(await storeOf('trades', rows), request('trades'), stdout);
    const cells = texts.map((_, i) => `${1_767_225_600_000 + i},1,1,N,`);
    const written = ["'=1+1", "'+1", "'-1", '"\'@,T"', "'\tx", '"a""b"', '"a,b"', '"a\nb"', "'q", '2-1'];
    expect(stdout.text).toBe(
      `ts,price,size,exchange,conditions\n${cells.map((head, i) => `${head}${written[i]}\n`).join('')}`,
    );
  });

  it('thins quotes to the last of each minute, stamped with its start', async () => {
    const quote = (seconds: number, bid: number): Record<string, Cell> => {
      return { symbol: 'A', ts: START + seconds * 1_000_000, bid, bidSize: 1, ask: bid + 1, askSize: 2 };
    };
    const store = await storeOf('quotes', [quote(0, 1), quote(59.999, 2), quote(60, 3), quote(200, 4)]);
    expect(await csvOf(store, request('quotes', { timeframe: '1m' }))).toEqual([
      'ts,bid,bidSize,ask,askSize',
      '1767225600000,2,1,3,2',
      '1767225660000,3,1,4,2',
      '1767225780000,4,1,5,2',
    ]);
    expect(await csvOf(store, request('quotes'))).toHaveLength(5);
    const marked = { ...quote(210, 9), reasons: Reason.Suspicious, conditions: '1;suspicious' };
    const withMarked = await storeOf('quotes', [quote(0, 1), quote(200, 4), marked, quote(260, 5)]);
    expect(await csvOf(withMarked, request('quotes', { timeframe: '1m' }))).toEqual([
      'ts,bid,bidSize,ask,askSize',
      '1767225600000,1,1,2,2',
      '1767225780000,4,1,5,2',
      '1767225840000,5,1,6,2',
    ]);
    expect(await csvOf(withMarked, request('quotes'))).toHaveLength(5);
    await expect(exportRows(store, request('quotes', { timeframe: '1d' }), new TextSink())).rejects.toThrow(
      'not to 1d',
    );
  });

  it('writes features with one column each', async () => {
    const store = await storeOf('features', [{ symbol: 'A', start: START, revision: 0, sma_5: 1.5 }]);
    expect(await csvOf(store, request('features'))).toEqual(['ts,revision,sma_5', '1767225600000,0,1.5']);
  });

  it('pages through more rows than a store gives at once, in all formats', async () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => trade(i, { id: String(i) }));
    const store = await storeOf('trades', rows);
    const lines = await csvOf(store, request('trades'));
    expect(lines).toHaveLength(25_001);
    expect(lines.at(-1)).toBe('1767225624999,25009,1,N,,24999');

    const gz = join(directory, 'x.csv.gz');
    await exportRows(store, request('trades', { out: gz }), new TextSink());
    expect(gunzipSync(readFileSync(gz)).toString()).toBe(`${lines.join('\n')}\n`);

    const parquet = join(directory, 'x.parquet');
    await exportRows(store, request('trades', { out: parquet, format: 'parquet' }), new TextSink());
    const file = new Uint8Array(readFileSync(parquet)).buffer;
    const read = await parquetReadObjects({ file, compressors });
    expect(read).toHaveLength(25_000);
    expect(read[24_999]).toEqual({
      ts: new Date(1_767_225_624_999),
      price: 25_009,
      size: 1,
      exchange: 'N',
      conditions: null,
      id: '24999',
    });
    expect(readdirSync(directory).sort()).toEqual(['x.csv.gz', 'x.parquet']);
  });

  it('leaves nothing behind when it fails, and keeps the file that was there', async () => {
    const out = join(directory, 'x.csv');
    const good = await storeOf('bars', [BAR]);
    await exportRows(good, request('bars', { out }), new TextSink());
    const before = readFileSync(out, 'utf8');
    const broken: Store = Object.assign(Object.create(good) as Store, {
      read: () => Promise.reject(new Error('the disk is gone')),
    });
    await expect(exportRows(broken, request('bars', { out }), new TextSink())).rejects.toThrow('the disk is gone');
    expect(readdirSync(directory)).toEqual(['x.csv']);
    expect(readFileSync(out, 'utf8')).toBe(before);
    const nowhere = join(directory, 'no', 'x.csv');
    await expect(exportRows(good, request('bars', { out: nowhere }), new TextSink())).rejects.toThrow(
      'its folder does not exist',
    );
  });

  it('names the kinds it knows', () => {
    expect(checkExportKind('quotes')).toBe('quotes');
    expect(() => checkExportKind('orders')).toThrow('allowed are bars, trades, quotes, features');
  });
});
