import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Cell,
  ColumnBatch,
  type DataKind,
  dataSets,
  type RangeQuery,
  STORE_BACK_ENDS,
  type Store,
} from '../../src/stores/index.ts';

const FEATURES = ['sma_20', 'rsi_14'];
const SCHEMAS = dataSets(FEATURES);
const START = 1_767_225_600_000_000;
const MINUTE = 60_000_000;

type Row = Record<string, Cell>;

/** A full row of every kind; `i` moves the time, `symbol` names it. */
const SAMPLES: Readonly<Record<DataKind, (symbol: string, i: number) => Row>> = {
  bars: (symbol, i) => ({
    symbol,
    start: START + i * MINUTE,
    end: START + (i + 1) * MINUTE,
    open: 100 + i / 3,
    high: 101 + i,
    low: 99.1,
    close: 100.123456789,
    volume: 0.1 + i,
    vwap: 1 / 3 + i,
    trades: 3 + i,
    revision: i % 3,
    source: 'demo',
    quality: 0.75,
  }),
  trades: (symbol, i) => ({
    symbol,
    ts: START + i * MINUTE + 1,
    recv: START + i * MINUTE + 250,
    price: 10.01 + i,
    size: 100,
    exchange: 'N',
    conditions: '@,T',
    id: i % 2 === 0 ? String(9_007_199_254_740_000 + i) : `t-${i}`,
    action: 'trade',
    source: 'demo',
    seq: 1000 + i,
    quality: 1,
    reasons: 5,
  }),
  quotes: (symbol, i) => ({
    symbol,
    ts: START + i * MINUTE,
    recv: START + i * MINUTE,
    bid: 9.99,
    bidSize: 3,
    ask: 10.01,
    askSize: 4,
    exchange: 'Q',
    conditions: 'R',
    source: 'demo',
    seq: i + 1,
    quality: 0.5,
    reasons: 2,
  }),
  features: (symbol, i) => ({ symbol, start: START + i * MINUTE, revision: 0, sma_20: i / 7, rsi_14: 50 - i }),
  quarantine: (symbol, i) => ({
    symbol,
    ts: START + i * MINUTE,
    recv: START + i * MINUTE + 9,
    source: 'files',
    event: 'trade',
    reason: 'bad-price',
    detail: 'price is -1',
    raw: `1,"two",'three'\n💥 ${i}`,
    seq: 77 + i,
  }),
  gaps: (symbol, i) => ({
    symbol,
    from: START + i * MINUTE,
    to: START + (i + 1) * MINUTE,
    source: 'demo',
    state: 'missing',
    cause: 'disconnect',
    recovered: 12,
    id: i + 1,
  }),
};

/** What a later version of a row changes. */
const CHANGES: Readonly<Record<DataKind, Row>> = {
  bars: { close: 42.5, revision: 1 },
  trades: { price: 42.5 },
  quotes: { bid: 42.5 },
  features: { rsi_14: 42.5, revision: 1 },
  quarantine: { detail: 'another' },
  gaps: { state: 'backfilled' },
};

function batchOf(kind: DataKind, rows: readonly Row[], timeframe = '1m'): ColumnBatch {
  const batch = new ColumnBatch(SCHEMAS[kind], SCHEMAS[kind].hasTimeframe ? timeframe : undefined, 2);
  for (const row of rows) batch.add(row);
  return batch;
}

function shown(kind: DataKind, row: Row, timeframe = '1m'): Row {
  return SCHEMAS[kind].hasTimeframe ? { ...row, timeframe } : row;
}

function withTimeframe(kind: DataKind, query: RangeQuery = {}): RangeQuery {
  return SCHEMAS[kind].hasTimeframe ? { timeframe: '1m', ...query } : query;
}

for (const backEnd of STORE_BACK_ENDS) {
  describe(`store ${backEnd.name}`, () => {
    let directory: string;
    let store: Store;
    const open = (): Promise<Store> =>
      backEnd.open({ directory, featureNames: FEATURES, run: 'test-run', mode: 'append' });

    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'tickloom-store-'));
      store = await open();
    });

    afterEach(async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    });

    it('declares the kinds it holds, and refuses others by name', async () => {
      expect([...store.kinds].sort()).toEqual([...backEnd.kinds].sort());
      for (const kind of Object.keys(SCHEMAS) as DataKind[]) {
        if (store.kinds.has(kind)) continue;
        await expect(store.read(kind, withTimeframe(kind))).rejects.toThrow(`holds no ${kind}`);
      }
    });

    describe.each(backEnd.kinds)('%s', (kind) => {
      const sample = SAMPLES[kind];
      const schema = SCHEMAS[kind];

      it('gives back every column as it was written, before and after a flush', async () => {
        const rows = [sample('AAPL', 0), sample('AAPL', 1)];
        await store.write(batchOf(kind, rows));
        const expected = rows.map((row) => shown(kind, row));
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(expected);
        await store.flush();
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(expected);
      });

      it('leaves missing cells out', async () => {
        const full = sample('AAPL', 0);
        const bare = Object.fromEntries(
          schema.columns.filter((spec) => !spec.isOptional).map((spec) => [spec.name, full[spec.name]]),
        );
        if (bare['symbol'] === undefined) bare['symbol'] = 'AAPL';
        await store.write(batchOf(kind, [bare]));
        await store.flush();
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual([shown(kind, bare)]);
      });

      it('reads half-open ranges, ascending, of the symbols asked for', async () => {
        const rows = [3, 1, 0, 2].flatMap((i) => [sample('MSFT', i), sample('AAPL', i)]);
        await store.write(batchOf(kind, rows));
        await store.flush();
        const first = sample('AAPL', 1)[schema.time] as number;
        const last = sample('AAPL', 3)[schema.time] as number;
        const range = withTimeframe(kind, { fromUs: first, toUs: last });
        const seen = (await store.read(kind, range)).rows.map((row) => [
          (row as Row)['symbol'],
          (row as unknown as Row)[schema.time],
        ]);
        expect(seen).toEqual(
          [1, 2].flatMap((i) => ['AAPL', 'MSFT'].map((symbol) => [symbol, sample(symbol, i)[schema.time]])),
        );
        const one = await store.read(kind, { ...range, symbols: ['MSFT'] });
        expect(one.rows).toEqual([1, 2].map((i) => shown(kind, sample('MSFT', i))));
        expect((await store.read(kind, { ...range, symbols: ['NONE'] })).rows).toEqual([]);
        expect((await store.read(kind, { ...range, symbols: [] })).rows).toEqual([]);
        expect((await store.read(kind, { ...range, toUs: first })).rows).toEqual([]);
      });

      it('gives the latest rows, ascending', async () => {
        await store.write(
          batchOf(
            kind,
            [0, 1, 2, 3].map((i) => sample('AAPL', i)),
          ),
        );
        const page = await store.read(kind, withTimeframe(kind, { latest: true, limit: 2 }));
        expect(page.rows).toEqual([2, 3].map((i) => shown(kind, sample('AAPL', i))));
        expect(page.nextCursor).toBeUndefined();
      });

      it('replaces rows of the same key, or keeps every row where there is none', async () => {
        const old = sample('AAPL', 0);
        const renewed: Row = { ...old, ...CHANGES[kind] };
        await store.write(batchOf(kind, [old, sample('AAPL', 1)]));
        await store.flush();
        await store.write(batchOf(kind, [renewed]));
        const expected = schema.key.length > 0 ? [renewed, sample('AAPL', 1)] : [old, renewed, sample('AAPL', 1)];
        const shownRows = expected.map((row) => shown(kind, row));
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(shownRows);
        await store.flush();
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(shownRows);
      });

      if (schema.hasTimeframe) {
        it('takes removed rows out, and brings back what is written after', async () => {
          await store.write(
            batchOf(
              kind,
              [0, 1, 2].map((i) => sample('AAPL', i)),
            ),
          );
          await store.flush();
          const removal = batchOf(kind, []);
          for (const i of [0, 1]) removal.addRemoval('AAPL', sample('AAPL', i)['start'] as number);
          removal.add(sample('AAPL', 1));
          await store.write(removal);
          const expected = [1, 2].map((i) => shown(kind, sample('AAPL', i)));
          expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(expected);
          await store.flush();
          expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(expected);
        });
      }

      it('pages through equal times without loss or repeat', async () => {
        const rows = ['A', 'B', 'C', 'D', 'E'].flatMap((symbol) => [0, 0, 1].map((i) => sample(symbol, i)));
        const wanted = schema.key.length > 0 ? 10 : 15;
        await store.write(batchOf(kind, rows));
        await store.flush();
        const all = (await store.read(kind, withTimeframe(kind))).rows;
        expect(all).toHaveLength(wanted);
        const seen: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.read(kind, withTimeframe(kind, { limit: 3, ...(cursor ? { cursor } : {}) }));
          seen.push(...page.rows);
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(seen).toEqual(all);
      });

      it('answers questions asked at the same time as it answers them one by one', async () => {
        await store.write(
          batchOf(
            kind,
            [0, 1, 2].flatMap((i) => ['A', 'B', 'C'].map((symbol) => sample(symbol, i))),
          ),
        );
        await store.flush();
        const ask = (symbol: string): Promise<unknown> => store.read(kind, withTimeframe(kind, { symbols: [symbol] }));
        const together = await Promise.all(['A', 'B', 'C', 'A'].map(ask));
        for (const [i, symbol] of ['A', 'B', 'C', 'A'].entries()) {
          expect(together[i]).toEqual(await ask(symbol));
          expect(together[i]).toMatchObject({ rows: [{ symbol }, { symbol }, { symbol }] });
        }
      });

      it('refuses impossible questions by naming what is allowed', async () => {
        const range = withTimeframe(kind);
        await expect(store.read(kind, { ...range, limit: 10_001 })).rejects.toThrow('1 to 10000');
        await expect(store.read(kind, { ...range, limit: 0 })).rejects.toThrow('1 to 10000');
        await expect(store.read(kind, { ...range, fromUs: 2, toUs: 1 })).rejects.toThrow('half-open');
        await expect(store.read(kind, { ...range, cursor: "x'; DROP TABLE bars;--" })).rejects.toThrow('cursor');
        if (schema.hasTimeframe) await expect(store.read(kind, {})).rejects.toThrow('timeframe');
      });

      it('takes symbols literally', async () => {
        await store.write(batchOf(kind, [sample('AAPL', 0)]));
        await store.flush();
        for (const symbol of ["A'; COPY (SELECT 1) TO 'pwned.csv';--", "A' OR '1'='1", '"; DROP TABLE bars;--']) {
          expect((await store.read(kind, withTimeframe(kind, { symbols: [symbol] }))).rows).toEqual([]);
        }
        expect((await store.read(kind, withTimeframe(kind))).rows).toHaveLength(1);
      });

      if (!backEnd.isDurable) return;
      it('still holds its rows after closing and opening', async () => {
        await store.write(batchOf(kind, [sample('BRK.B', 0), sample('0700', 1)]));
        await store.close();
        store = await open();
        const expected = [sample('BRK.B', 0), sample('0700', 1)].map((row) => shown(kind, row));
        expect((await store.read(kind, withTimeframe(kind))).rows).toEqual(expected);
      });
    });

    if (!backEnd.kinds.includes('bars')) return;
    it('keeps timeframes apart', async () => {
      await store.write(batchOf('bars', [SAMPLES.bars('AAPL', 0)], '1m'));
      await store.write(batchOf('bars', [SAMPLES.bars('AAPL', 0), SAMPLES.bars('AAPL', 5)], '5m'));
      await store.flush();
      expect((await store.read('bars', { timeframe: '1m' })).rows).toHaveLength(1);
      expect((await store.read('bars', { timeframe: '5m' })).rows).toHaveLength(2);
      expect((await store.read('bars', { timeframe: '1h' })).rows).toHaveLength(0);
    });

    it('answers as the model does for any sequence of bar writes', async () => {
      const write = fc.array(fc.record({ symbol: fc.constantFrom('A', 'B'), i: fc.nat(4000), close: fc.double() }), {
        maxLength: 8,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.record({ rows: write, flush: fc.boolean() }), { maxLength: 5 }), async (steps) => {
          const local = mkdtempSync(join(tmpdir(), 'tickloom-model-'));
          const tested = await backEnd.open({ directory: local, featureNames: FEATURES, run: 'r', mode: 'append' });
          const model = new Map<string, Row>();
          for (const step of steps) {
            const rows = step.rows.map(
              ({ symbol, i, close }): Row => ({
                ...SAMPLES.bars(symbol, i),
                close: Number.isNaN(close) || Object.is(close, -0) ? 0 : close,
              }),
            );
            for (const row of rows) model.set(`${row['symbol']} ${row['start']}`, shown('bars', row));
            await tested.write(batchOf('bars', rows));
            if (step.flush) await tested.flush();
          }
          const expected = [...model.values()].sort(
            (a, b) => Number(a['start']) - Number(b['start']) || (String(a['symbol']) < String(b['symbol']) ? -1 : 1),
          );
          expect((await tested.read('bars', { timeframe: '1m' })).rows).toEqual(expected);
          await tested.close();
          rmSync(local, { recursive: true, force: true });
        }),
        { numRuns: 8 },
      );
    });
  });
}
