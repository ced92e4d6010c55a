import type { HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const HALF_HOUR_US = 1_800_000_000;
const FOUR_HOURS_US = 8 * HALF_HOUR_US;

/** Samples of the provider's documents. */
export const COINGECKO_CASE: AdapterCase = {
  id: 'coingecko',
  wanted: ['BTCUSD', 'ETHEUR'],
  plan: 'demo',
  foreignSymbol: 'AAPL',
  frames: [],
  answers: [
    {
      title: 'prices with their own time; a coin that is not listed',
      ask: (adapter) => adapter.poll?.query(['BTCUSD', 'ETHEUR']) as HistoryQuery,
      path: '/api/v3/simple/price',
      query: { ids: 'bitcoin,ethereum', vs_currencies: 'usd,eur', include_last_updated_at: 'true' },
      body: '{"bitcoin":{"usd":67187.3358936566,"usd_market_cap":1317802988326.25,"last_updated_at":1711356300}}',
      rows: [{ kind: 'trade', symbol: 'BTCUSD', tsUs: 1_711_356_300_000_000, values: [67_187.3358936566, 0] }],
      outcomes: [{ type: 'error', code: 'not found', message: 'ethereum is not listed', remedy: 'symbol' }],
    },
    {
      title: 'candles bear the time of their end; the last is still open',
      ask: (adapter) =>
        adapter.history?.bars?.({ symbol: 'BTCUSD', fromUs: 1.7e15, toUs: 1.8e15 }, FOUR_HOURS_US) as HistoryQuery,
      path: '/api/v3/coins/bitcoin/ohlc',
      query: { vs_currency: 'usd', days: 30 },
      body: '[[1709395200000,61942,62211,61721,61845],[1709409600000,61828,62139,61726,62139],[1709410000000,62139,62140,62139,62140]]',
      rows: [
        {
          kind: 'bar',
          symbol: 'BTCUSD',
          tsUs: 1_709_395_200_000_000 - FOUR_HOURS_US,
          values: [61_942, 62_211, 61_721, 61_845, Number.NaN, Number.NaN, Number.NaN, FOUR_HOURS_US],
        },
        {
          kind: 'bar',
          symbol: 'BTCUSD',
          tsUs: 1_709_395_200_000_000,
          values: [61_828, 62_139, 61_726, 62_139, Number.NaN, Number.NaN, Number.NaN, FOUR_HOURS_US],
        },
      ],
    },
  ],
  refusals: [
    { title: 'unknown coin', answer: { status: 404, text: '{"error":"coin not found"}' }, remedy: 'symbol' },
    {
      title: 'too far back',
      answer: {
        status: 401,
        text: '{"error":{"status":{"timestamp":"2024-03-30T07:22:29.427+00:00","error_code":10012,"error_message":"Your request exceeds the allowed time range."}}}',
      },
      remedy: 'symbol',
    },
    {
      title: 'key at the wrong host',
      answer: { status: 400, text: '{"error":{"status":{"error_code":10010,"error_message":"wrong host"}}}' },
      remedy: 'stop',
    },
    {
      title: 'limit, with a pause of zero',
      answer: {
        status: 429,
        text: '{"status":{"error_code":429,"error_message":"You\'ve exceeded the Rate Limit."}}',
        headers: { 'retry-after': '0' },
      },
      remedy: 'wait',
      retryAfterMs: 60_000,
    },
    {
      title: 'limit with status 200',
      answer: { text: '{"status":{"error_code":429,"error_message":"You\'ve exceeded the Rate Limit."}}' },
      remedy: 'wait',
      retryAfterMs: 60_000,
    },
    { title: 'blocked', answer: { status: 403, text: '<html></html>' }, remedy: 'wait' },
    { title: 'server', answer: { status: 503, text: '<html></html>' }, remedy: 'retry' },
  ],
};
