import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BarRow } from '../../src/api/index.ts';
import { readBarPage } from '../../src/api/routes/bar-page.ts';
import { formatMicros } from '../../src/base/index.ts';
import { Market } from './market.ts';

const MINUTE = 60_000_000;

function marketOf(count: number, hasForming: boolean): Market {
  const market = new Market();
  for (let i = 0; i < count; i++) market.closeBar(undefined, 'AAPL', '1m', market.nowUs + i * MINUTE, i + 1);
  if (hasForming) market.setForming('AAPL', '1m', market.nowUs + count * MINUTE, 99, 1);
  return market;
}

async function readAll(
  market: Market,
  query: { from?: string; to?: string; limit: number; closed?: boolean },
): Promise<{ pages: (readonly BarRow[])[] }> {
  const pages: (readonly BarRow[])[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readBarPage>> = await readBarPage(market.context(), 'AAPL', '1m', {
      ...query,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null && pages.length < 100);
  return { pages };
}

describe('pages of bars', () => {
  test('cover a range exactly once, in either direction, with no page above its limit and no empty page at the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.integer({ min: -1, max: 13 }), { nil: undefined }),
        fc.option(fc.integer({ min: -1, max: 13 }), { nil: undefined }),
        async (count, limit, hasForming, closed, from, to) => {
          if (from !== undefined && to !== undefined && from > to) return;
          const market = marketOf(count, hasForming);
          const at = (index: number): string => formatMicros(market.nowUs + index * MINUTE);
          const { pages } = await readAll(market, {
            limit,
            closed,
            ...(from === undefined ? {} : { from: at(from) }),
            ...(to === undefined ? {} : { to: at(to) }),
          });
          const total = count + (hasForming && !closed ? 1 : 0);
          const expected: string[] = [];
          for (let i = Math.max(0, from ?? 0); i < Math.min(total, to ?? total); i++) expected.push(at(i));
          const ordered = from === undefined ? [...pages].reverse() : pages;
          expect(ordered.flat().map((row) => row.start)).toEqual(expected);
          for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
          if (pages.length > 1) expect(pages[pages.length - 1]?.length).toBeGreaterThan(0);
          const finals = ordered.flat().filter((row) => !row.final);
          expect(finals.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  test('the array shape leaves the forming bar out unless it is asked for', async () => {
    const market = marketOf(2, true);
    const rows = async (query: object): Promise<number> =>
      (await readBarPage(market.context(), 'AAPL', '1m', query)).rows.length;
    expect(await rows({ shape: 'array' })).toBe(2);
    expect(await rows({ shape: 'array', closed: false })).toBe(3);
    expect(await rows({})).toBe(3);
    expect(await rows({ closed: true })).toBe(2);
  });

  test('a cursor of another query is refused by name', async () => {
    const market = marketOf(5, false);
    const page = await readBarPage(market.context(), 'AAPL', '1m', { limit: 2 });
    const cursor = page.nextCursor as string;
    await expect(readBarPage(market.context(), 'MSFT', '1m', { limit: 2, cursor })).rejects.toMatchObject({
      status: 400,
      errors: [{ pointer: '/cursor' }],
    });
  });

  test('a bar that closes while the page is read is there once, final', async () => {
    const market = marketOf(2, true);
    const context = market.context();
    const closing = {
      ...context,
      readBars: (query: Parameters<typeof context.readBars>[0]) => {
        market.closeBar(undefined, 'AAPL', '1m', market.nowUs + 2 * MINUTE, 3);
        return context.readBars(query);
      },
    };
    const page = await readBarPage(closing, 'AAPL', '1m', { limit: 10 });
    expect(page.rows.map((row) => row.final)).toEqual([true, true, true]);
  });
});
