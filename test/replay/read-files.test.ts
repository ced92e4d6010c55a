import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventKind, type MalformedPayload, Universe } from '../../src/model/index.ts';
import { describeFile, findInputFiles, type InputHints, readFiles, verifyFiles } from '../../src/replay/index.ts';

const DATA = resolve(process.env['TICKLOOM_TEST_DATA'] ?? '../shared/data');

interface Row {
  readonly kind: number;
  readonly symbol: string;
  readonly seq: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  readonly numbers: readonly number[];
  readonly exchange: string;
  readonly conditions: string;
  readonly source: string;
  readonly id: string | undefined;
  readonly malformed: MalformedPayload | undefined;
  readonly raw: string | undefined;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickloom-replay-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function read(paths: readonly string[], hints: InputHints = {}): Promise<Row[]> {
  const universe = new Universe();
  const rows: Row[] = [];
  for await (const batch of readFiles({ files: await findInputFiles(paths, hints), universe })) {
    for (let row = 0; row < batch.length; row++) {
      const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
      const kind = batch.kind[row] as number;
      const width = kind === EventKind.Trade ? 2 : kind === EventKind.Quote ? 4 : kind === EventKind.SourceBar ? 8 : 0;
      rows.push({
        kind,
        symbol: (batch.symbol[row] as number) < 0 ? '' : universe.symbol(batch.symbol[row] as number),
        seq: batch.seq[row] as number,
        tsEventUs: batch.tsEventUs[row] as number,
        tsRecvUs: batch.tsRecvUs[row] as number,
        numbers: columns.slice(0, width).map((column) => column[row] as number),
        exchange: universe.exchanges.text(batch.exchange[row] as number),
        conditions: universe.conditions.text(batch.conditions[row] as number),
        source: universe.sources.text(batch.source[row] as number),
        id: batch.idOf(row),
        malformed: batch.payload[row] as MalformedPayload | undefined,
        raw: batch.rawOf?.(row),
      });
    }
  }
  return rows;
}

describe('paths', () => {
  it.each([
    ['ticks/SPY/2013-10-07.trades.csv.gz', 'SPY', 'trades', undefined, undefined],
    ['ticks/BTCUSD_PERP.binance-coinm/2024-08-08.quotes.csv.gz', 'BTCUSD_PERP', 'quotes', undefined, 'binance-coinm'],
    ['minute/SPY.csv.gz', 'SPY', 'bars', '1m', undefined],
    ['minute/SPY.2011-01.csv.gz', 'SPY', 'bars', '1m', undefined],
    ['minute/SPX.index.2019-11.csv.gz', 'SPX', 'bars', '1m', 'index'],
    ['hour/EURUSD.oanda.bid.csv.gz', 'EURUSD.BID', 'bars', '1h', 'oanda'],
    ['daily/AAPL.splitadjusted.csv.gz', 'AAPL.SPLITADJUSTED', 'bars', '1d', undefined],
    ['x/BRK.B.5m.csv', 'BRK.B', undefined, '5m', undefined],
    ['lake/bars/timeframe=1m/date=2026-01-30/part-01.parquet', undefined, 'bars', '1m', undefined],
    ['lake/trades/date=2026-01-30/part-01.parquet', undefined, 'trades', undefined, undefined],
  ])('%s', (path, symbol, kind, timeframe, venue) => {
    expect(describeFile(path, 1, {})).toMatchObject({ symbol, kind, timeframe, venue });
  });

  it('flags win, and what they may say is named', () => {
    const hints = { symbol: 'btc/usd', kind: 'bars', timeframe: '60m' };
    expect(describeFile('a/x.csv', 1, hints)).toMatchObject({ symbol: 'BTCUSD', kind: 'bars', timeframe: '1h' });
    expect(() => describeFile('a/x.csv', 1, { kind: 'ticks' })).toThrow('allowed: trades, quotes, bars');
  });
});

describe('readFiles', () => {
  it('reads trades with every optional column, quoted and guarded texts, CRLF and a byte-order mark', async () => {
    const path = await put(
      'ticks/AAPL/2024-01-02.trades.csv',
      '\ufeffts,price,size,exchange,conditions,id,recv,source\r\n' +
        `1700000000000.25,190.12,100,Q,"@,T",7,1700000000001,alpaca\r\n` +
        `2023-11-14T22:13:20.500001Z,190.13,,,'@,x-1,1700000000002,\r\n\r\n`,
    );
    const rows = await read([path]);
    expect(rows).toMatchObject([
      {
        kind: EventKind.Trade,
        symbol: 'AAPL',
        seq: 1,
        tsEventUs: 1_700_000_000_000_250,
        tsRecvUs: 1_700_000_000_001_000,
        numbers: [190.12, 100],
        exchange: 'Q',
        conditions: '@,T',
        source: 'alpaca',
        id: '7',
      },
      { tsEventUs: 1_700_000_000_500_001, numbers: [190.13, Number.NaN], conditions: '@', source: 'replay', id: 'x-1' },
    ]);
    expect(rows[0]?.raw).toContain('"@,T",7');
  });

  it('takes the running maximum of ts as receive time, so that an unsorted row is late', async () => {
    const path = await put('SPY.trades.csv', 'ts,price,size\n1000,1,1\n3000,2,1\n2000,3,1\n4000,4,1\n');
    const rows = await read([path]);
    expect(rows.map((row) => [row.tsEventUs, row.tsRecvUs])).toEqual([
      [1_000_000, 1_000_000],
      [3_000_000, 3_000_000],
      [2_000_000, 3_000_000],
      [4_000_000, 4_000_000],
    ]);
  });

  it('receives a bar at its end, not at the start that it is stamped with', async () => {
    const path = await put('minute/IBM.csv', 'ts,open,high,low,close,volume\n60000,1,2,0.5,1.5,10\n120000,1,2,1,2,\n');
    expect(await read([path])).toMatchObject([
      {
        tsEventUs: 60_000_000,
        tsRecvUs: 120_000_000,
        numbers: [1, 2, 0.5, 1.5, 10, Number.NaN, Number.NaN, 60_000_000],
      },
      { tsRecvUs: 180_000_000 },
    ]);
  });

  it('keeps rows that it cannot read as Malformed events with file, line, reason and raw text', async () => {
    const path = await put(
      'IBM.trades.csv',
      'ts,price,size\nts,price,size\n1000,1,1\n1000,0x10,1\n2000,1,5,1\n2000,"open,1\nabc,1,1\n2000,NaN,1\n2500,-4,-1\n1000,1\n',
    );
    const rows = await read([path]);
    const bad = rows.filter((row) => row.kind === EventKind.Malformed).map((row) => row.malformed as MalformedPayload);
    expect(bad.map(({ reason, raw }) => [reason, raw])).toEqual([
      ['bad-time', 'ts,price,size'],
      ['bad-number', '1000,0x10,1'],
      ['field-count', '2000,1,5,1'],
      ['field-count', '2000,"open,1'],
      ['bad-time', 'abc,1,1'],
      ['field-count', '1000,1'],
    ]);
    expect(bad[1]?.detail).toBe(`${path}:4: price "0x10" is no number`);
    expect(rows[0]).toMatchObject({ tsRecvUs: 1_000_000 });
    const good = rows.filter((row) => row.kind === EventKind.Trade);
    expect(good.map((row) => row.numbers)).toEqual([
      [1, 1],
      [Number.NaN, 1],
      [-4, -1],
    ]);
    expect(good[2]?.raw).toBe('2500,-4,-1');
  });

  it('merges files by (receive time, file, row), whatever their sizes, and keeps the raw text of every row', async () => {
    const times = fc.array(fc.nat(40), { maxLength: 60 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), async (all) => {
        const dir = `merge${n++}`;
        for (const [f, ts] of all.entries()) {
          const lines = ts.map((t, row) => `${t},${f},${row}\n`);
          await put(`${dir}/S${f}.trades.csv`, `ts,price,size\n${lines.join('')}`);
        }
        const expected = all.flatMap((ts, f) => {
          let recv = Number.NEGATIVE_INFINITY;
          return ts.map((t, row) => {
            recv = Math.max(recv, t);
            return { recv, f, row, raw: `${t},${f},${row}` };
          });
        });
        expected.sort((a, b) => a.recv - b.recv || a.f - b.f || a.row - b.row);
        const rows = await read([join(folder, dir)]);
        expect(rows.map(({ numbers, raw }) => [...numbers, raw])).toEqual(
          expected.map(({ f, row, raw }) => [f, row, raw]),
        );
        expect(rows.map((row) => row.seq)).toEqual(expected.map((_, i) => i + 1));
      }),
      { numRuns: 60 },
    );
  });

  it('does not follow links inside a folder, which may lead in circles', async () => {
    const path = await put('links/A.trades.csv', 'ts,price,size\n1,1,1\n');
    await symlink(dirname(path), join(dirname(path), 'circle'));
    await symlink(path, join(dirname(path), 'B.trades.csv'));
    expect((await findInputFiles([dirname(path)])).map((file) => file.path)).toEqual([path]);
    expect(await findInputFiles([join(dirname(path), 'B.trades.csv')])).toMatchObject([{ symbol: 'B' }]);
  });

  it('reads more files than it keeps open, and files larger than one chunk', async () => {
    for (let f = 0; f < 40; f++)
      await put(`many/S${f}.trades.csv`, `ts,price,size\n${1000 + f},${f},1\n${5000 - f},${f},2\n`);
    const large = Array.from({ length: 40_000 }, (_, i) => `${2000 + i / 100},${i % 977},${i}\n`).join('');
    await put('many/ZZ.trades.csv.gz', gzipSync(`ts,price,size\n${large}`));
    const rows = await read([join(folder, 'many')]);
    expect(rows.length).toBe(40_080);
    expect(rows.every((row, i) => i === 0 || row.tsRecvUs >= (rows[i - 1] as Row).tsRecvUs)).toBe(true);
    const sizes = rows.filter((row) => row.symbol === 'ZZ').map((row) => row.numbers[1]);
    expect(sizes).toEqual(Array.from({ length: 40_000 }, (_, i) => i));
    expect(rows.every((row) => row.raw?.endsWith(`,${row.numbers[1]}`))).toBe(true);
  });

  it('reads Parquet like CSV, in the layouts of single exports and of the lake', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const single = join(folder, 'MSFT.trades.parquet');
    const ts =
      'make_timestamptz((1700000000000000 + i * 1001)::BIGINT) AS ts, (100 + i / 100)::DOUBLE AS price, i AS size';
    await connection.run(
      `COPY (SELECT ${ts}, 'Q' AS exchange, i::VARCHAR AS id FROM range(5000) t(i)) TO '${single}' (FORMAT parquet)`,
    );
    const lake = await put('lake/trades/date=2023-11-14/keep.txt', '');
    const part = join(dirname(lake), 'part-1.parquet');
    await connection.run(
      `COPY (SELECT s AS symbol, ${ts}, make_timestamptz((1700000000000000 + i * 1001)::BIGINT) AS recv, CASE WHEN i = 3 THEN 'cancel' ELSE 'trade' END AS action, i AS seq ` +
        `FROM (VALUES ('A'), ('B')) v(s), range(10) t(i) ORDER BY s, i) TO '${part}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const rows = await read([single]);
    expect(rows.length).toBe(5_000);
    expect(rows[4_999]).toMatchObject({
      symbol: 'MSFT',
      tsEventUs: 1_700_000_000_000_000 + 4_999 * 1_001,
      numbers: [149.99, 4_999],
      exchange: 'Q',
      id: '4999',
    });
    const both = await read([part]);
    expect(both.map((row) => row.symbol).join('')).toBe('AB'.repeat(10));
    expect(both.filter((row) => row.kind === EventKind.Cancel).length).toBe(2);
    const bytes = gunzipSync(gzipSync(await import('node:fs').then((fs) => fs.readFileSync(single))));
    const cut = await put('CUT.trades.parquet', bytes.subarray(0, bytes.length - 100));
    await expect(verifyFiles(await findInputFiles([cut]))).rejects.toMatchObject({ code: 'bad-file', subject: cut });
  });
});

describe('files that cannot be trusted are named before anything is read', () => {
  const csv = `ts,price,size\n${'1000,1,1\n'.repeat(50_000)}`;

  it.each([
    ['cut', (gz: Buffer) => gz.subarray(0, gz.length - 20), 'is no sound gzip file'],
    [
      'crc',
      (gz: Buffer) => Buffer.concat([gz.subarray(0, -8), Buffer.from([1, 2, 3, 4]), gz.subarray(-4)]),
      'no sound gzip',
    ],
    ['plain', () => Buffer.from(csv), 'is no sound gzip file'],
    ['tail', (gz: Buffer) => Buffer.concat([gz, Buffer.alloc(100, 7)]), 'is no sound gzip file'],
    ['zeros', (gz: Buffer) => Buffer.concat([gz, Buffer.alloc(100)]), 'behind the end of its gzip data'],
  ])('gzip: %s', async (name, damage, message) => {
    const path = await put(`${name}.trades.csv.gz`, damage(gzipSync(csv)));
    const files = await findInputFiles([path]);
    await expect(verifyFiles(files)).rejects.toThrow(message);
    await expect(verifyFiles(files)).rejects.toMatchObject({ code: 'bad-file', subject: path });
    await expect(read([path])).rejects.toMatchObject({ code: 'bad-file' });
  });

  it('a bomb stops at its ratio, a line without end at its length', async () => {
    const line = `ts,price,size\n${'1000,1,1\n'.repeat(9_000_000)}`;
    const bomb = await put('BOMB.trades.csv.gz', gzipSync(line, { level: 9 }));
    await expect(verifyFiles(await findInputFiles([bomb]))).rejects.toThrow('inflates more than 100:1 after 64 MiB');
    const long = await put('LONG.trades.csv', `ts,price,size\n${'1'.repeat(3_000_000)}`);
    await expect(read([long])).rejects.toThrow('longer than 1048576 bytes');
  });

  it('a wrong header names what was found and what is allowed; a missing flag names the flag', async () => {
    const wrong = await put('AAPL.trades.csv', 'time,last,qty\n1,2,3\n');
    await expect(verifyFiles(await findInputFiles([wrong]))).rejects.toThrow(
      /AAPL\.trades\.csv: the header "time,last,qty" does not fit\. Allowed are trades: ts, price, size/,
    );
    const utf16 = await put('X.csv', Buffer.from('ts,price,size\n', 'utf16le'));
    await expect(verifyFiles(await findInputFiles([utf16]))).rejects.toThrow('UTF-16');
    const empty = await put('E.csv', '');
    await expect(verifyFiles(await findInputFiles([empty]))).rejects.toMatchObject({ code: 'bad-header' });
    const bars = await put('b/AAPL.csv', 'ts,open,high,low,close\n');
    await expect(verifyFiles(await findInputFiles([bars]))).rejects.toThrow('--timeframe');
    await expect(findInputFiles([join(folder, 'absent')])).rejects.toMatchObject({ code: 'usage' });
    await expect(findInputFiles([await put('a.json', '{}')])).rejects.toThrow('is none of .csv, .csv.gz and .parquet');
  });
});

describe.skipIf(!existsSync(join(DATA, 'ticks')))('the real data of TICKLOOM_TEST_DATA', () => {
  it('gives the numbers of a naive reader, row by row', async () => {
    const path = join(DATA, 'ticks/IBM/2013-10-07.quotes.csv.gz');
    const { readFileSync } = await import('node:fs');
    const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1);
    const rows = await read([path]);
    expect(rows.length).toBe(lines.length);
    const naive = createHash('sha256');
    const ours = createHash('sha256');
    const number = (text: string | undefined): number =>
      text === undefined || text === '' ? Number.NaN : Number(text);
    for (const line of lines) {
      const [ts, bid, bidSize, ask, askSize, exchange, , conditions] = line.split(',');
      naive.update(
        `${Number(ts) * 1_000},${[bid, bidSize, ask, askSize].map(number)},${exchange},${conditions},${line}\n`,
      );
    }
    for (const row of rows) {
      ours.update(`${row.tsEventUs},${row.numbers},${row.exchange},${row.conditions},${row.raw}\n`);
    }
    expect(ours.digest('hex')).toBe(naive.digest('hex'));
  });
});
