import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MergedReader } from '../../src/app/merged-reader.ts';
import { BAR_DATA, ColumnBatch, type DataSet, MemoryStore, TRADE_DATA } from '../../src/stores/index.ts';

type Cells = Readonly<Record<string, string | number>>;

async function storeOf(dataSet: DataSet, rows: readonly Cells[], timeframe?: string): Promise<MemoryStore> {
  const store = new MemoryStore();
  const batch = new ColumnBatch(dataSet, timeframe);
  for (const row of rows) batch.add(row);
  await store.write(batch);
  return store;
}

async function readAll(reader: MergedReader, kind: 'bars' | 'trades', limit: number): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.read(kind, {
      symbols: ['A'],
      limit,
      ...(kind === 'bars' ? { timeframe: '1m' } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

it('gives the trades of the store, and those after it, in order of time and then of the tape', async () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(times, fc.nat(60), fc.nat(60), fc.nat(9), fc.integer({ min: 1, max: 7 }), async (...given) => {
      const [list, a, b, beyond, limit] = given;
      const trades = list.map((ts, i) => ({ symbol: 'A', ts, price: 1, size: 1, action: 'trade', seq: i + 1 }));
      const covered = Math.min(a, trades.length);
      // What was replayed for the engine's sake begins somewhere before the end of what the store covers.
      const from = Math.min(b, covered);
      // A writer may have brought it further meanwhile.
      const older = await storeOf(TRADE_DATA, trades.slice(0, covered + beyond));
      const newer = await storeOf(TRADE_DATA, trades.slice(from));
      const found = (await readAll(new MergedReader(older, newer, covered), 'trades', limit)) as { seq: number }[];
      const expected = trades.toSorted((x, y) => x.ts - y.ts || x.seq - y.seq).map((trade) => trade.seq);
      expect(found.map((trade) => trade.seq)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

it('lets the newer form of a bar stand, and begins anew without a cursor', async () => {
  const bar = (start: number, revision: number): Cells => {
    return { symbol: 'A', start, open: 1, high: 1, low: 1, close: 1, volume: 1, revision };
  };
  const older = await storeOf(BAR_DATA, [bar(0, 0), bar(60, 0), bar(120, 3)], '1m');
  const newer = await storeOf(BAR_DATA, [bar(60, 1), bar(120, 0), bar(180, 0)], '1m');
  const reader = new MergedReader(older, newer, 0);
  await reader.read('bars', { symbols: ['A'], timeframe: '1m', limit: 1 });
  const rows = (await readAll(reader, 'bars', 2)) as { start: number; revision: number }[];
  expect(rows.map(({ start, revision }) => [start, revision])).toEqual([
    [0, 0],
    [60, 1],
    [120, 3],
    [180, 0],
  ]);
});
