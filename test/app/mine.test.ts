import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { readPortfolio } from '../../src/patterns/index.ts';
import { runTickloom } from '../support/run-tickloom.ts';

const ROOT = join(import.meta.dirname, '../..');
const MINUTES = join(process.env.TICKLOOM_TEST_DATA ?? join(ROOT, '../shared/data'), 'minute');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-mine-'));
  const random = new Prng(3);
  const rows = ['ts,open,high,low,close,volume'];
  let price = 100;
  for (let i = 0; i < 30_000; i++) {
    const open = price;
    price *= Math.exp(0.0005 * random.gauss());
    const high = Math.max(open, price);
    const low = Math.min(open, price);
    rows.push(`${1_700_000_100_000 + 60_000 * i},${open},${high},${low},${price},${1 + (random.u32() % 100)}`);
  }
  writeFileSync(join(folder, 'BTCUSD.1m.csv.gz'), gzipSync(`${rows.join('\n')}\n`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mine = (...args: string[]) => runTickloom(['mine', ...args], { cwd: folder });

describe('tickloom mine', () => {
  test('writes a portfolio that can be read, the same each time, and tells what it was made of', async () => {
    const told = await mine('BTCUSD.1m.csv.gz', '--out', 'one.json', '--patterns', '4', '--horizon', '5', '--json');
    expect(told.stderr).not.toContain('tickloom:');
    expect(told.code).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({ symbols: ['BTCUSD'], timeframe: '15m', tested: 12, seed: 1 });
    const text = readFileSync(join(folder, 'one.json'), 'utf8');
    expect(readPortfolio(JSON.parse(text)).patterns.length).toBe(4);
    const again = await mine('BTCUSD.1m.csv.gz', '--out', '-', '--patterns', '4', '--horizon', '5');
    expect(again.stdout).toBe(text);
  });

  test.each([
    [['BTCUSD.1m.csv.gz'], "required option '--out <path>' not specified"],
    [['BTCUSD.1m.csv.gz', '--out', 'x.json', '--timeframe', '4h'], 'bars are too little history to mine'],
    [['BTCUSD.1m.csv.gz', '--out', 'x.json'], 'no pattern occurs often enough in so little history'],
    [['BTCUSD.1m.csv.gz', '--out', 'no/x.json', '--horizon', '5'], '--out no/x.json cannot be written'],
    [['nothing.csv', '--out', 'x.json'], 'nothing.csv'],
    [['BTCUSD.1m.csv.gz', '--out', 'x.json', '--patterns', '1001'], '--patterns is 1001; at most 1000 is allowed'],
    [['BTCUSD.1m.csv.gz', '--out', 'x.json', '--patterns', '0'], 'a whole number above 0 is expected'],
  ])('%j is refused with a reason', async (args, reason) => {
    const { stderr, code } = await mine(...args);
    expect(stderr).toContain(reason);
    expect(code).toBe(2);
  });
});

describe.skipIf(!existsSync(MINUTES))('the example portfolio', () => {
  test('is what the documented command makes of the recorded minutes', async () => {
    const files = readdirSync(MINUTES).filter((name) => name.endsWith('.nse.csv.gz'));
    const paths = files.map((name) => join(MINUTES, name));
    const { stdout, code } = await mine('--config', join(ROOT, 'examples/nse.yaml'), ...paths, '--out', '-');
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(join(ROOT, 'examples/portfolio.json'), 'utf8'));
  }, 120_000);
});
