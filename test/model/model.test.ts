import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EventBatch,
  EventKind,
  guessInstrument,
  normaliseSymbol,
  parseTimeframe,
  timeframeOfLength,
  Universe,
} from '../../src/model/index.ts';

describe('symbols', () => {
  it('reads the ways people write them', () => {
    expect(normaliseSymbol('btc/usd')).toBe('BTCUSD');
    expect(normaliseSymbol('BTC-USD')).toBe('BTCUSD');
    expect(normaliseSymbol('BTC/USDT:USDT')).toBe('BTCUSDT');
    expect(normaliseSymbol('brk.b')).toBe('BRK.B');
    expect(normaliseSymbol('0700')).toBe('0700');
  });

  it('refuses what could leave a folder or break a line', () => {
    for (const text of ['', '..', '../X', 'a/b/c', 'A\nB', 'A B', '\u0000', 'X'.repeat(33), '<img>']) {
      expect(() => normaliseSymbol(text), JSON.stringify(text)).toThrow(/is no symbol/);
    }
  });

  it('guesses asset class and calendar', () => {
    expect(guessInstrument('EURUSD')).toMatchObject({ assetClass: 'forex', calendar: 'forex', barBasis: 'mid' });
    expect(guessInstrument('XAUUSD')).toMatchObject({ assetClass: 'forex' });
    expect(guessInstrument('BTCUSDT')).toMatchObject({ assetClass: 'crypto', calendar: 'crypto' });
    expect(guessInstrument('AAPL')).toMatchObject({ assetClass: 'equity', calendar: 'us-equity' });
  });
});

describe('timeframes', () => {
  it('are canonical', () => {
    expect(parseTimeframe('60m').text).toBe('1h');
    expect(parseTimeframe('90s').text).toBe('90s');
    expect(parseTimeframe('120s').text).toBe('2m');
    expect(parseTimeframe('1M').unit).toBe('M');
    expect(timeframeOfLength(300_000_000).text).toBe('5m');
    expect(timeframeOfLength(86_400_000_000).text).toBe('1d');
  });

  it('name what is allowed when they are wrong', () => {
    for (const text of ['', '0m', '1x', '01m', '10000m', '1 m', '-1m']) {
      expect(() => parseTimeframe(text), text).toThrow(/one of s m h d w M/);
    }
  });
});

describe('universe', () => {
  it('gives dense ids in order of first sight and refuses beyond its bound', () => {
    const universe = new Universe(2);
    expect([universe.intern('A'), universe.intern('B'), universe.intern('A')]).toEqual([0, 1, 0]);
    expect(() => universe.intern('C')).toThrow(/More than 2 symbols/);
    expect(universe.symbol(1)).toBe('B');
    expect(universe.find('C')).toBeUndefined();
  });
});

describe('event batch', () => {
  it('keeps ids of any width', () => {
    const batch = new EventBatch(8);
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String), fc.string({ minLength: 1 })), (id) => {
        batch.clear();
        const row = batch.addTrade(0, 0, 1, 1, 2, 3);
        batch.setId(row, id);
        expect(batch.idOf(row)).toBe(id);
      }),
    );
  });

  it('forgets everything when cleared', () => {
    const batch = new EventBatch(4);
    batch.addPayload(EventKind.Status, -1, 0, 1, 1, { type: 'status', state: 'connected', reason: 'x' });
    batch.setId(0, 'abc');
    batch.clear();
    const row = batch.addTrade(0, 0, 1, 1, 2, 3);
    expect(batch.idOf(row)).toBeUndefined();
    expect(batch.payload[row]).toBeUndefined();
    expect(batch.length).toBe(1);
  });

  it('copies a row whole', () => {
    const from = new EventBatch(4);
    from.addTrade(0, 0, 0, 0, 1, 1);
    const row = from.addQuote(3, 2, 10, 11, 1.5, 100, 1.6, 200);
    from.setId(row, 'q-1');
    from.exchange[row] = 7;
    const to = new EventBatch(4);
    const copy = to.copyRow(from, row);
    expect([to.kind[copy], to.symbol[copy], to.source[copy], to.tsEventUs[copy], to.tsRecvUs[copy]]).toEqual([
      2, 3, 2, 10, 11,
    ]);
    expect([to.p0[copy], to.p1[copy], to.p2[copy], to.p3[copy], to.exchange[copy], to.idOf(copy)]).toEqual([
      1.5,
      100,
      1.6,
      200,
      7,
      'q-1',
    ]);
  });
});
