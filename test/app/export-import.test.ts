import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTickloom } from '../support/run-tickloom.ts';
import { userEnvironment } from '../support/user-environment.ts';

/** 2026-01-30T14:30:00Z, in the regular session of US equities. */
const START_MS = 1_769_783_400_000;
const TRADES = Array.from({ length: 300 }, (_, i) => ({
  ts: START_MS + i * 997,
  price: 100 + (i % 17) / 8,
  size: 1 + (i % 5),
}));
const TRADES_CSV = `ts,price,size,exchange,conditions\n${TRADES.map(({ ts, price, size }) => `${ts},${price},${size},N,`).join('\n')}\n`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-data-'));
  writeFileSync(join(folder, 'AAPL.trades.csv'), TRADES_CSV);
  writeFileSync(
    join(folder, 'AAPL.quotes.csv'),
    `ts,bid,bidSize,ask,askSize\n${TRADES.map(({ ts, price }) => `${ts},${price - 0.01},5,${price + 0.01},7`).join('\n')}\n`,
  );
  writeFileSync(
    join(folder, 'MSFT.5m.csv.gz'),
    gzipSync(`ts,open,high,low,close,volume\n${START_MS},10,12,9,11,500\n`),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string) => runTickloom(line.split(' '), { cwd: folder });

interface ImportReport {
  readonly files: number;
  readonly events: number;
  readonly trades: number;
  readonly quotes: number;
  readonly bars: number;
  readonly quarantined: number;
  readonly first_ts: string | null;
}

describe('import', () => {
  test('brings trades, quotes and bars in, and the same again changes nothing', async () => {
    const line = 'import AAPL.trades.csv AAPL.quotes.csv MSFT.5m.csv.gz --data-dir once --json';
    for (let i = 0; i < 2; i++) {
      const { code, stdout, stderr } = await run(line);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const report = JSON.parse(stdout) as ImportReport;
      expect(report).toMatchObject({ files: 3, events: 601, trades: 300, quotes: 300, bars: 1, quarantined: 0 });
      expect(report.first_ts).toBe('2026-01-30T14:30:00Z');
    }
    const [trades, bars, quotes] = await Promise.all([
      run('export --symbol aapl --kind trades --out - --data-dir once'),
      run('export --symbol MSFT --kind bars --timeframe 5m --ts iso --out - --data-dir once'),
      run('export --symbol AAPL --kind quotes --timeframe 1m --out - --data-dir once'),
    ]);
    expect(trades).toMatchObject({ code: 0, stdout: TRADES_CSV, stderr: '' });
    expect(bars.stdout).toBe(
      'ts,open,high,low,close,volume,vwap,trades,revision,source,quality\n2026-01-30T14:30:00Z,10,12,9,11,500,,,0,replay,1\n',
    );
    expect(quotes.stdout.split('\n').length).toBe(1 + 5 + 1);
  }, 60_000);

  test('keeps bad rows in quarantine and counts them', async () => {
    writeFileSync(
      join(folder, 'BAD.trades.csv'),
      `ts,price,size\n${START_MS},5,1\nyesterday,5,1\n${START_MS},-5,1\n${START_MS},NaN,1\n${START_MS},5,-1\n1,2\n`,
    );
    const { code, stdout } = await run('import BAD.trades.csv --data-dir bad --json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ events: 6, trades: 1, quarantined: 5 });
  });

  test.each([
    [
      'a wrong header',
      'X.trades.csv',
      'a,b\n1,2\n',
      /the header "a,b" does not fit\. Allowed are trades: ts, price, size/,
      1,
    ],
    [
      'a cut gzip',
      'X.trades.csv.gz',
      gzipSync(TRADES_CSV).subarray(0, 500),
      /X\.trades\.csv\.gz is no sound gzip file/,
      1,
    ],
    ['a cut Parquet file', 'X.trades.parquet', Buffer.from('PAR1 and then nothing'), /X\.trades\.parquet/, 1],
    ['bars of unknown length', 'X.bars.csv', 'ts,open,high,low,close\n', /give it with --timeframe, for example 1m/, 2],
  ] as const)('refuses %s and leaves nothing behind', async (_what, name, content, explanation, status) => {
    const cwd = mkdtempSync(join(folder, 'refused-'));
    writeFileSync(join(cwd, name), content);
    writeFileSync(join(cwd, 'A.trades.csv'), TRADES_CSV);
    const { code, stdout, stderr } = await runTickloom(['import', 'A.trades.csv', name, '--json'], { cwd });
    expect(stderr).toMatch(explanation);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: status, stdout: '' });
    expect(readdirSync(cwd).sort()).toEqual(['A.trades.csv', name]);
  });
});

describe('export', () => {
  beforeAll(async () => {
    const { code } = await run('replay AAPL.trades.csv --data-dir store --json');
    expect(code).toBe(0);
  }, 60_000);

  test('writes whole files, and says what in one document', async () => {
    const [csv, packed, parquet] = await Promise.all([
      run('export --symbol AAPL --kind bars --out bars.csv --data-dir store --json'),
      run('export --symbol AAPL --kind trades --out trades.csv.gz --data-dir store'),
      run('export --symbol AAPL --kind trades --format parquet --out AAPL.trades.parquet --data-dir store'),
    ]);
    expect(csv).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(csv.stdout)).toEqual({
      symbol: 'AAPL',
      kind: 'bars',
      timeframe: '1m',
      format: 'csv',
      out: 'bars.csv',
      rows: 5,
    });
    const lines = readFileSync(join(folder, 'bars.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('ts,open,high,low,close,volume,vwap,trades,revision,source,quality');
    const volume = lines.slice(1).reduce((sum, text) => sum + Number(text.split(',')[5]), 0);
    expect(volume).toBe(TRADES.reduce((sum, trade) => sum + trade.size, 0));
    expect(packed).toMatchObject({ code: 0, stdout: '300 trades of AAPL written to trades.csv.gz\n' });
    expect(gunzipSync(readFileSync(join(folder, 'trades.csv.gz'))).toString()).toBe(TRADES_CSV);
    expect(parquet.code).toBe(0);
    const back = await run('import AAPL.trades.parquet --data-dir back --json');
    expect(JSON.parse(back.stdout)).toMatchObject({ trades: 300, quarantined: 0 });
    const again = await run('export --symbol AAPL --kind trades --out - --data-dir back');
    expect(again.stdout).toBe(TRADES_CSV);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  }, 60_000);

  test('takes a half-open range', async () => {
    const from = new Date(START_MS + 997).toISOString();
    const to = new Date(START_MS + 3 * 997).toISOString();
    const { stdout } = await run(
      `export --symbol AAPL --kind trades --from ${from} --to ${to} --out - --data-dir store`,
    );
    const [header, ...rows] = TRADES_CSV.split('\n');
    expect(stdout).toBe(`${[header, ...rows.slice(1, 3)].join('\n')}\n`);
  });

  test.each([
    ['--symbol MSFT --kind trades', /store holds no trades of MSFT; it holds trades of AAPL\./],
    ['--symbol AAPL --kind quotes', /store holds no quotes of AAPL, nor of any other symbol\./],
    ['--symbol AAPL --kind bars --timeframe 7m', /store holds no 7m bars of AAPL/],
  ])('of what is not held says what is: %s', async (what, explanation) => {
    const { code, stdout, stderr } = await run(`export ${what} --out none.csv --data-dir store`);
    expect(stderr).toMatch(explanation);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(existsSync(join(folder, 'none.csv'))).toBe(false);
  });

  test('to where nothing can be written fails before anything is', async () => {
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o555);
    const isRoot = process.getuid?.() === 0;
    const targets: readonly (readonly [string, RegExp])[] = [
      ['nowhere/x.csv', /nowhere\/x\.csv can not be written: the folder nowhere does not exist/],
      ['AAPL.trades.csv/x.csv', /AAPL\.trades\.csv is no folder/],
      ['store', /store can not be written: it is there and no regular file/],
      ['/dev/null', /\/dev\/null can not be written: it is there and no regular file \(use - for standard output\)/],
      // The superuser may write anywhere.
      ...(isRoot ? [] : [['closed/x.csv', /closed\/x\.csv can not be written: no permission/] as const]),
    ];
    for (const [out, explanation] of targets) {
      const { code, stdout, stderr } = await run(`export --symbol AAPL --kind bars --out ${out} --data-dir store`);
      expect(stderr).toMatch(explanation);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    }
    expect(readFileSync(join(folder, 'AAPL.trades.csv'), 'utf8')).toBe(TRADES_CSV);
  }, 60_000);

  test('into a pipe whose reader stops early is no failure', async () => {
    const launcher = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));
    const args = [launcher, 'export', '--symbol', 'AAPL', '--kind', 'trades', '--out', '-', '--data-dir', 'store'];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: userEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
