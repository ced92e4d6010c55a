import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findInputFiles, readActions } from '../../src/replay/index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-actions-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string, symbol?: string, name = 'actions.csv') {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  const [file] = await findInputFiles([path]);
  if (file === undefined) throw new Error('no file');
  return readActions({ file, symbol, midnight: (_symbol, date) => Date.parse(`${date}T04:00:00Z`) * 1_000 });
}

describe('files of splits and dividends', () => {
  test('are read by column name, with or without times of announcement', async () => {
    const text = [
      '\uFEFFsymbol,kind,ex_date,value,known,id',
      'AAPL,split,2020-08-31,4:1,2020-07-30T20:30:00Z,',
      '"AAPL",Dividend,2020-08-07,0.82,,q3',
      'BRK-B,split,2010-01-21,50,1263427200000,',
      '',
    ].join('\r\n');
    const actions = await read(text, undefined, 'a.csv.gz');
    const exUs = Date.parse('2020-08-31T04:00:00Z') * 1_000;
    const knownUs = Date.parse('2020-07-30T20:30:00Z') * 1_000;
    expect(actions[0]).toEqual({ symbol: 'AAPL', kind: 'split', exUs, value: 4, knownUs, id: '', source: 'file' });
    expect(actions[1]).toMatchObject({ kind: 'dividend', value: 0.82, id: 'q3' });
    expect(actions[1]?.knownUs).toBe(actions[1]?.exUs);
    expect(actions[2]?.knownUs).toBe(1_263_427_200_000_000);
  });

  test('may leave the symbol to the caller', async () => {
    expect(await read('kind,ex_date,value\nsplit,2014-06-09,7\n', 'AAPL')).toMatchObject([
      { symbol: 'AAPL', value: 7 },
    ]);
  });

  test.each([
    ['kind,ex_date,value\n', /line 1: no column symbol \(or give --symbol\)/],
    ['symbol,kind,value\n', /line 1: no column ex_date/],
    ['symbol,kind,ex_date,value\nA,split,2020-02-30,4\n', /line 2: ex_date "2020-02-30" is no date/],
    ['symbol,kind,ex_date,value\nA,merger,2020-02-03,4\n', /line 2: kind "merger"; allowed: split, dividend/],
    ['symbol,kind,ex_date,value\nA,split,2020-02-03,4:0\n', /line 2: value "4:0"; allowed for a split/],
    ['symbol,kind,ex_date,value\nA,dividend,2020-02-03,4:1\n', /line 2: value "4:1"; allowed for a dividend/],
    ['symbol,kind,ex_date,value\nA,dividend,2020-02-03,-1\n', /line 2: value "-1"/],
    ['symbol,kind,ex_date,value\nA,dividend,2020-02-03,0x10\n', /line 2: value "0x10"/],
    ['symbol,kind,ex_date,value,known\n\nA,split,2020-02-03,4,soon\n', /line 3: known "soon"/],
    ['symbol,kind,ex_date,value\nA,split,2020-02-03\n', /line 2: 3 fields under a header of 4/],
    ['symbol,kind,ex_date,value\nA B,split,2020-02-03,4\n', /line 2: "A B" is no symbol/],
  ])('that say something impossible are refused by line: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
