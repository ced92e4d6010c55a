import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CorporateAction } from '../../src/model/index.ts';
import { ReferenceDatabase } from '../../src/stores/index.ts';

const SPLIT: CorporateAction = {
  symbol: 'AAPL',
  kind: 'split',
  exUs: 1_598_846_400_000_000,
  value: 4,
  knownUs: 1_596_140_000_000_000,
  id: '',
  source: 'file',
};

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-reference-'));
  path = join(folder, 'reference.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps every announcement across a restart, and the same again is no news', () => {
  const revised = { ...SPLIT, value: 5, knownUs: SPLIT.knownUs + 1 };
  const dividend: CorporateAction = { ...SPLIT, kind: 'dividend', value: 0.82, id: 'special' };
  const store = ReferenceDatabase.open(path);
  expect(store.putActions([SPLIT, revised, dividend])).toBe(3);
  expect(store.putActions([SPLIT, revised, dividend])).toBe(0);
  expect(store.putActions([{ ...SPLIT, value: 4.5 }])).toBe(1);
  store.close();
  const reader = ReferenceDatabase.openForReading(path);
  expect(reader.actions('AAPL')).toEqual([dividend, { ...SPLIT, value: 4.5 }, revised]);
  expect(reader.actions('MSFT')).toEqual([]);
  reader.close();
});

test('keeps all of a call or none of it', () => {
  const store = ReferenceDatabase.open(path);
  expect(() => store.putActions([SPLIT, { ...SPLIT, value: Number.NaN }])).toThrow(/reference\.db/);
  expect(store.actions('AAPL')).toEqual([]);
  store.close();
});

test('a damaged file and one of a newer program are refused by name, with what to do', () => {
  writeFileSync(
    path,
    'no database, but long enough to have a header of a hundred bytes in it, which is where SQLite looks first of all',
  );
  expect(() => ReferenceDatabase.open(path)).toThrow(/reference\.db is damaged .* import the files/);
  rmSync(path);
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 9');
  database.close();
  expect(() => ReferenceDatabase.open(path)).toThrow(/version 9; this program knows up to 1/);
});
