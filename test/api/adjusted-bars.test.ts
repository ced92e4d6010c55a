import fc from 'fast-check';
import type { Static } from 'typebox';
import { expect, test } from 'vitest';
import type { ActionList, BarRow } from '../../src/api/index.ts';
import { AdjustedBars } from '../../src/api/routes/adjusted-bars.ts';
import { readBarPage } from '../../src/api/routes/bar-page.ts';
import type { ActionListSchema } from '../../src/api/schemas/action-schemas.ts';
import { formatMicros } from '../../src/base/index.ts';
import type { CorporateAction } from '../../src/model/index.ts';
import { Market, serve } from './market.ts';

true satisfies Static<typeof ActionListSchema> extends ActionList ? true : false;

const MINUTE = 60_000_000;

function marketOf(count: number): Market {
  const market = new Market();
  for (let i = 0; i < count; i++) market.closeBar(undefined, 'AAPL', '1m', market.nowUs + i * MINUTE, 100 + i);
  return market;
}

function action(market: Market, kind: CorporateAction['kind'], bar: number, value: number): CorporateAction {
  const exUs = market.nowUs + bar * MINUTE;
  return { symbol: 'AAPL', kind, exUs, value, knownUs: exUs, id: '', source: 'file' };
}

test('pages of adjusted bars as of a time hold what one page holds, and nothing that had not ended', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 26 }),
      fc.boolean(),
      async (count, limit, halves, isForward) => {
        const market = marketOf(count);
        const actions = [action(market, 'dividend', 2, 1), action(market, 'split', 5, 4)];
        const context = { ...market.context(), actions: () => actions };
        const asOfUs = market.nowUs + (halves * MINUTE) / 2;
        const query = isForward ? { from: formatMicros(market.nowUs) } : {};
        const read = async (most: number): Promise<(readonly BarRow[])[]> => {
          const pages: (readonly BarRow[])[] = [];
          let cursor: string | null = null;
          do {
            const reader = new AdjustedBars(context, 'AAPL', { adjustment: 'all', asOfUs }, Number.NaN);
            const rest: object = cursor === null ? {} : { cursor };
            const page = await readBarPage(reader, 'AAPL', '1m', { ...query, limit: most, ...rest });
            pages.push(page.rows);
            cursor = page.nextCursor;
          } while (cursor !== null);
          return isForward ? pages : pages.reverse();
        };
        const rows = (await read(100)).flat();
        expect(rows).toHaveLength(Math.min(count, Math.floor(halves / 2)));
        const paged = await read(limit);
        expect(paged.flat()).toEqual(rows);
        for (const page of isForward ? paged.slice(0, -1) : paged.slice(1)) expect(page).toHaveLength(limit);
        rows.forEach((row, i) => {
          const split = i < 5 && halves >= 10 ? 4 : 1;
          const dividend = i < 2 && halves >= 4 ? 1 - 1 / (100 + Math.min(1, count - 1)) : 1;
          expect(row.close).toBeCloseTo(((100 + i) * dividend) / split, 9);
        });
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

test('a dividend above the price is told as a conflict, announcements are listed as they were known', async () => {
  const market = marketOf(4);
  const actions = [action(market, 'dividend', 2, 500)];
  const context = { ...market.context(), actions: () => actions };
  const reader = new AdjustedBars(context, 'AAPL', { adjustment: 'all', asOfUs: undefined }, market.nowUs + 9 * MINUTE);
  await expect(readBarPage(reader, 'AAPL', '1m', {})).rejects.toMatchObject({ status: 409, code: 'bad_action' });
});

test('announcements over HTTP: all, as of a time, none, and a time that is none', async () => {
  const market = marketOf(1);
  const own = market.context.bind(market);
  const split = action(market, 'split', 0, 4);
  market.context = () => ({ ...own(), actions: (symbol) => (symbol === 'AAPL' ? [split] : []) });
  const server = serve(market);
  const { url } = await server.listen();
  const get = async (path: string) => (await fetch(`${url}/api/v1/actions/${path}`)).json();
  const time = formatMicros(split.exUs);
  const row = { kind: 'split', ex: time, value: 4, known: time, id: '', source: 'file' };
  expect(await get('AAPL')).toEqual({ symbol: 'AAPL', actions: [row] });
  expect(await get(`AAPL?as_of=${time}`)).toEqual({ symbol: 'AAPL', actions: [row] });
  expect(await get('AAPL?as_of=2001-01-01')).toEqual({ symbol: 'AAPL', actions: [] });
  expect(await get('MSFT')).toEqual({ symbol: 'MSFT', actions: [] });
  expect(await get('AAPL?as_of=soon')).toMatchObject({ status: 400, errors: [{ pointer: '/as_of' }] });
  await server.close();
});
