import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inTradeOrder } from '../../src/stores/trade-order.ts';

type Row = Readonly<Record<string, string | number>>;

async function ordered(rows: readonly Row[]) {
  const found = [];
  async function* all(): AsyncGenerator<Row> {
    yield* rows;
  }
  for await (const row of inTradeOrder(all())) found.push(row);
  return found;
}

it('however trades of one instant arrive, they stand by the ids of their source', async () => {
  const trade = fc.record({ ts: fc.integer({ min: 1, max: 6 }), n: fc.bigInt({ min: 0n, max: 2n ** 70n }) });
  const trades = fc.uniqueArray(trade, { selector: ({ ts, n }) => `${ts} ${n}`, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(trades, fc.infiniteStream(fc.nat()), async (list, draws) => {
      const sorted = list.toSorted((a, b) => a.ts - b.ts || (a.n < b.n ? -1 : 1));
      const keyed = list.map((each) => ({ each, draw: draws.next().value as number }));
      const shuffled = keyed.toSorted((a, b) => a.each.ts - b.each.ts || a.draw - b.draw).map(({ each }) => each);
      const found = await ordered(shuffled.map(({ ts, n }) => ({ ts, source: 's', id: String(n) })));
      expect(found.map(({ ts, id }) => `${ts} ${id}`)).toEqual(sorted.map(({ ts, n }) => `${ts} ${n}`));
    }),
  );
});

it('trades without such ids keep the order of arrival behind those with them; sources are not mixed', async () => {
  const rows = [
    { ts: 1, id: 'b' },
    { ts: 1, source: 'x', id: '12' },
    { ts: 1, source: 'y', id: '2' },
    { ts: 1, id: 'a' },
    { ts: 1, source: 'x', id: '9' },
    { ts: 2, source: 'x', id: '3' },
  ];
  expect((await ordered(rows)).map(({ id }) => id)).toEqual(['9', '12', '2', 'b', 'a', '3']);
});
