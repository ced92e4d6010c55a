import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { BarGrid, Calendars } from '../../src/calendar/index.ts';
import {
  completenessOf,
  expectedStarts,
  HistoryLedger,
  rangeWithout,
  STAGED_WIDTH,
  StagedBars,
} from '../../src/collector/index.ts';
import { parseTimeframe } from '../../src/model/index.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;
const US_EQUITY = new Calendars().get('us-equity');
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tickloom-history-'));
  folders.push(path);
  return path;
}

afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('ranges', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(20)).map(([fromUs, length]) => ({ fromUs, toUs: fromUs + length }));

  it('what is taken and what is left make up the whole, and do not overlap', () => {
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 8 }), (whole, taken) => {
        const left = rangeWithout(whole, taken);
        for (let at = whole.fromUs; at < whole.toUs; at++) {
          const isTaken = taken.some(({ fromUs, toUs }) => at >= fromUs && at < toUs);
          const holders = left.filter(({ fromUs, toUs }) => at >= fromUs && at < toUs).length;
          expect(holders).toBe(isTaken ? 0 : 1);
        }
      }),
    );
  });
});

describe('the ledger of history', () => {
  it('knows what was finished after a restart, and takes off a line that a crash cut', () => {
    const path = folder();
    const piece = { symbol: 'AAA', timeframe: '1m', source: 'alpaca', bars: 3, unreadable: 0 };
    const first = new HistoryLedger(path);
    first.finish({ ...piece, fromUs: 10, toUs: 20 });
    first.finish({ ...piece, fromUs: 20, toUs: 30 });
    appendFileSync(join(path, 'ledger.jsonl'), '{"type":"finished","symb');
    const second = new HistoryLedger(path);
    expect(second.finishedRanges('AAA', '1m')).toEqual([{ fromUs: 10, toUs: 30 }]);
    second.finish({ ...piece, fromUs: 40, toUs: 50 });
    expect(new HistoryLedger(path).finishedRanges('AAA', '1m')).toEqual([
      { fromUs: 10, toUs: 30 },
      { fromUs: 40, toUs: 50 },
    ]);
    expect(second.finishedRanges('AAA', '1d')).toEqual([]);
  });

  it('says which file is damaged', () => {
    const path = folder();
    new HistoryLedger(path).endJob();
    appendFileSync(join(path, 'ledger.jsonl'), 'no json\n');
    expect(() => new HistoryLedger(path)).toThrow(/ledger\.jsonl: line 2/);
  });
});

describe('staged bars', () => {
  it('come back bit by bit, symbols with points included', () => {
    const staged = new StagedBars(folder());
    const rows = Float64Array.from({ length: 2 * STAGED_WIDTH }, (_, i) => (i === 6 ? Number.NaN : i / 3));
    const piece = { source: 'polygon', symbol: 'BRK.B', timeframe: '1m', fromUs: 1, toUs: 9 };
    staged.write(piece, rows);
    const [file] = staged.list();
    expect(file).toMatchObject(piece);
    if (file === undefined) return;
    expect(staged.read(file)).toEqual(rows);
    staged.remove(file);
    expect(staged.list()).toEqual([]);
  });
});

describe('completeness', () => {
  /** 2026-11-26 is Thanksgiving, the 27th a half day. */
  const week = { fromUs: Date.UTC(2026, 10, 23) * 1_000, toUs: Date.UTC(2026, 10, 28, 12) * 1_000 };

  it('expects the bars of regular sessions: none on a holiday, half of them on a half day', () => {
    const minutes = expectedStarts(US_EQUITY, parseTimeframe('1m'), week);
    expect(minutes.length).toBe(3 * 390 + 210);
    expect(expectedStarts(US_EQUITY, parseTimeframe('15m'), week).length).toBe(3 * 26 + 14);
    expect(expectedStarts(US_EQUITY, parseTimeframe('1d'), week).length).toBe(4);
    const crypto = new Calendars().get('crypto');
    expect(expectedStarts(crypto, parseTimeframe('1h'), week).length).toBe(5 * 24 + 12);
  });

  it('names exactly the stretches that were taken out, with the reason of each', () => {
    const timeframe = parseTimeframe('15m');
    const all = expectedStarts(US_EQUITY, timeframe, week);
    const middle = all[30] as number;
    const piece = { symbol: 'AAA', timeframe: '15m', source: 'alpaca' };
    const finished = [{ ...piece, fromUs: week.fromUs, toUs: middle, bars: 1, unreadable: 0 }];
    const failed = [{ ...piece, fromUs: middle, toUs: week.toUs, code: 'http-failed', message: 'gone' }];
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(all.length - 1), { maxLength: 40 }), (missing) => {
        const present = new Set([...all].filter((_, i) => !missing.includes(i)));
        const input = {
          symbol: 'AAA',
          calendar: US_EQUITY,
          timeframe,
          range: week,
          present,
          quarantined: new Set<number>(),
        };
        const found = completenessOf({ ...input, finished, failed });
        expect(found.expected).toBe(all.length);
        expect(found.present).toBe(all.length - missing.length);
        const named = found.missing.flatMap(({ fromUs, bars, reason }) => {
          const first = all.indexOf(fromUs);
          return Array.from({ length: bars }, (_, i) => ({ at: first + i, reason }));
        });
        expect(named.map(({ at }) => at)).toEqual([...missing].sort((a, b) => a - b));
        const grid = new BarGrid(US_EQUITY, timeframe);
        const days = new Set([...present].map((startUs) => US_EQUITY.tradeDay(startUs)));
        for (const { at, reason } of named) {
          const startUs = all[at] as number;
          const ofDay = days.has(US_EQUITY.tradeDay(startUs)) ? 'no-trades' : 'provider-has-none';
          expect(reason).toBe(startUs < middle ? ofDay : 'failed');
        }
        for (const { fromUs, toUs } of found.missing) {
          grid.seek(toUs - 1);
          expect(grid.endUs).toBe(toUs);
          expect(fromUs).toBeLessThan(toUs);
        }
      }),
    );
  });

  it('tells a spent quota and refused bars from others', () => {
    const timeframe = parseTimeframe('1m');
    const range = { fromUs: week.fromUs, toUs: week.fromUs + DAY_US };
    const [first, second] = expectedStarts(US_EQUITY, timeframe, range) as unknown as [number, number];
    const failed = [{ symbol: 'A', timeframe: '1m', source: 's', ...range, code: 'quota-spent', message: 'spent' }];
    const quarantined = new Set([second]);
    const found = completenessOf({
      ...{ symbol: 'A', calendar: US_EQUITY, timeframe, range, present: new Set<number>(), quarantined, failed },
      finished: [],
    });
    expect(found.missing.map(({ reason, bars }) => [reason, bars])).toEqual([
      ['quota-spent', 1],
      ['quarantined', 1],
      ['quota-spent', 388],
    ]);
    expect(found.missing[1]).toMatchObject({ fromUs: first + MINUTE_US, toUs: first + 2 * MINUTE_US });
  });
});
