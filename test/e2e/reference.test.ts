import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { csvRows, DATA, exported, hasData, replay, scratch } from './tickloom.ts';

type Row = Readonly<Record<string, string>>;
type Fields = readonly string[];

const PRICES: Fields = ['open', 'high', 'low', 'close'];

function tradeFiles(symbol: string): string[] {
  const folder = join(DATA, 'ticks', symbol);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.trades.csv.gz'))
    .map((name) => join(folder, name));
}

/** Days of the New York date as the tick files name them: 04:00 to 20:00, daylight time in all of them. */
function daysOf(symbol: string, kind: 'trades' | 'quotes'): { readonly from: number; readonly to: number }[] {
  return readdirSync(join(DATA, 'ticks', symbol))
    .filter((name) => name.includes(`.${kind}.`))
    .map((name) => {
      const midnight = Date.parse(`${name.slice(0, 10)}T00:00:00-04:00`);
      return { from: midnight, to: midnight + 86_400_000 };
    });
}

/** The reference minutes of the days that there are ticks of. */
function reference(name: string, days: readonly { readonly from: number; readonly to: number }[]): Row[] {
  const rows = csvRows(gunzipSync(readFileSync(join(DATA, 'minute', `${name}.csv.gz`))).toString('utf8'));
  return rows.filter(({ ts }) => days.some(({ from, to }) => Number(ts) >= from && Number(ts) < to));
}

/** Share of reference rows whose fields ours has with equal values; a row that we do not have is unequal. */
function equalShare(reference: readonly Row[], ours: readonly Row[], fields: Fields): number {
  const byStart = new Map(ours.map((row) => [Number(row['ts']), row]));
  const equal = reference.filter((row) => {
    const mine = byStart.get(Number(row['ts']));
    return mine !== undefined && fields.every((field) => Number(mine[field]) === Number(row[field]));
  });
  return equal.length / reference.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}

const RULES = ['sip', 'algoseek', 'all'] as const;

describe.skipIf(!hasData)('minute bars against the vendor’s own (needs TICKLOOM_TEST_DATA)', () => {
  it.each(['IBM', 'BAC', 'SPY'])(
    '%s: volume under the default rules, prices under the vendor’s',
    async (symbol) => {
      const expected = reference(symbol, daysOf(symbol, 'trades'));
      expect(expected.length).toBeGreaterThan(1_000);
      const shares: Record<string, { prices: number; volume: number }> = {};
      for (const rules of RULES) {
        using folder = scratch();
        await replay(folder.path, tradeFiles(symbol), '--set', `bars.condition_rules=${rules}`);
        const bars = await exported(folder.path, symbol, 'bars', '--timeframe', '1m');
        const share = { prices: equalShare(expected, bars, PRICES), volume: equalShare(expected, bars, ['volume']) };
        shares[rules] = share;
        const each = PRICES.map((field) => `${field} ${percent(equalShare(expected, bars, [field]))}`).join(', ');
        console.info(
          `${symbol} ${rules}: ${expected.length} reference minutes, ${bars.length} of ours; ` +
            `all four prices ${percent(share.prices)} (${each}), volume ${percent(share.volume)}`,
        );
      }
      expect(shares['sip']?.volume).toBeGreaterThanOrEqual(0.99);
      expect(shares['algoseek']?.prices).toBeGreaterThanOrEqual(symbol === 'SPY' ? 0.95 : 0.98);
    },
    180_000,
  );
});

describe.skipIf(!hasData)('the last quote of each minute (needs TICKLOOM_TEST_DATA)', () => {
  it.each(['IBM', 'BAC'])(
    '%s: bid and ask equal the vendor’s closes',
    async (symbol) => {
      using folder = scratch();
      const quotes = join(DATA, 'ticks', symbol);
      const files = readdirSync(quotes).filter((name) => name.includes('.quotes.'));
      await replay(
        folder.path,
        files.map((name) => join(quotes, name)),
      );
      const minutes = await exported(folder.path, symbol, 'quotes', '--timeframe', '1m');
      for (const side of ['bid', 'ask']) {
        const expected = reference(`${symbol}.${side}`, daysOf(symbol, 'quotes'));
        const ours = minutes.map((row) => ({ ts: row['ts'] ?? '', close: row[side] ?? '' }));
        const share = equalShare(expected, ours, ['close']);
        console.info(`${symbol} ${side}: ${expected.length} reference minutes, equal ${percent(share)}`);
        expect(expected.length).toBeGreaterThan(1_000);
        expect(share).toBeGreaterThanOrEqual(0.999);
      }
    },
    120_000,
  );
});
