import type { HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
const SEPTEMBER_24_US = 1_569_283_200 * SECOND_US;

/** Samples of the provider's documents and of recorded answers. */
export const FINNHUB_CASE: AdapterCase = {
  id: 'finnhub',
  wanted: ['TSLA', 'AAPL', 'BTCUSD', 'EURUSD'],
  foreignSymbol: 'XAUUSDX_',
  frames: [
    {
      title: 'trades of several symbols; one is not in use',
      frame:
        '{"data":[{"c":["1","8","24","12"],"p":122.1,"s":"TSLA","t":1672348887195,"v":1},{"c":null,"p":16500.5,"s":"BINANCE:BTCUSDT","t":1672348887200,"v":0.015},{"p":1,"s":"MSFT","t":1672348887200,"v":1}],"type":"trade"}',
      rows: [
        {
          kind: 'trade',
          symbol: 'TSLA',
          tsUs: 1_672_348_887_195_000,
          values: [122.1, 1],
          conditions: '@,F,T,I',
        },
        { kind: 'trade', symbol: 'BTCUSD', tsUs: 1_672_348_887_200_000, values: [16_500.5, 0.015] },
      ],
    },
    {
      title: 'price update of a currency: a quote without sizes',
      frame: '{"data":[{"c":null,"p":1.0661,"s":"OANDA:EUR_USD","t":1672348887195,"v":0}],"type":"trade"}',
      rows: [
        {
          kind: 'quote',
          symbol: 'EURUSD',
          tsUs: 1_672_348_887_195_000,
          values: [1.0661, Number.NaN, 1.0661, Number.NaN],
        },
      ],
    },
    { title: 'ping', frame: '{"type":"ping"}', outcomes: [{ type: 'alive' }] },
    {
      title: 'too many symbols',
      frame: '{"msg":"Subscribing to too many symbols","type":"error"}',
      outcomes: [{ type: 'error', code: 'error', message: 'Subscribing to too many symbols', remedy: 'symbol' }],
    },
    {
      title: 'a trade with other names',
      frame: '{"type":"trade","data":[{"price":"one","symbol":"AAPL"}]}',
      rejects: [{ reason: 'bad-row', detail: 'trade' }],
    },
    {
      title: 'a type that nobody documents',
      frame: '{"type":"novelty","data":{"a":[1,2]}}',
      rejects: [{ reason: 'unknown-shape', detail: 'message type "novelty"' }],
    },
  ],
  answers: [
    {
      title: 'quote: seconds',
      ask: (adapter) => adapter.poll?.query(['AAPL']) as HistoryQuery,
      path: '/api/v1/quote',
      query: { symbol: 'AAPL' },
      body: '{"c":260.49,"d":1.59,"dp":0.6141,"h":261.12,"l":256.07,"o":259,"pc":258.9,"t":1775764800}',
      rows: [{ kind: 'trade', symbol: 'AAPL', tsUs: 1_775_764_800_000_000, values: [260.49, 0] }],
    },
    {
      title: 'quote of an unknown symbol: zeros',
      ask: (adapter) => adapter.poll?.query(['AAPL']) as HistoryQuery,
      path: '/api/v1/quote',
      body: '{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":0}',
      rows: [],
      outcomes: [{ type: 'error', code: 'not found', message: 'AAPL has no quote', remedy: 'symbol' }],
    },
    {
      title: 'daily candles: midnight of the exchange, in two requests',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'AAPL', fromUs: SEPTEMBER_24_US, toUs: SEPTEMBER_24_US + 30 * DAY_US },
          DAY_US,
        ) as HistoryQuery,
      path: '/api/v1/stock/candle',
      query: { resolution: 'D', from: 1_569_283_200, to: 1_571_702_399 },
      body: '{"c":[217.68,221.03],"h":[222.49,221.5],"l":[217.19,217.1402],"o":[221.03,218.55],"s":"ok","t":[1569297600,1569369600],"v":[33463820,24018876]}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: 1_569_297_600_000_000,
          values: [221.03, 222.49, 217.19, 217.68, 33_463_820, Number.NaN, Number.NaN, DAY_US],
        },
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: 1_569_384_000_000_000,
          values: [218.55, 221.5, 217.1402, 221.03, 24_018_876, Number.NaN, Number.NaN, DAY_US],
        },
      ],
      next: { path: '/api/v1/stock/candle', query: { from: 1_571_702_400 } },
    },
    {
      title: 'no candles',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'BTCUSD', fromUs: SEPTEMBER_24_US, toUs: SEPTEMBER_24_US + DAY_US },
          60 * SECOND_US,
        ) as HistoryQuery,
      path: '/api/v1/crypto/candle',
      query: { symbol: 'BINANCE:BTCUSDT', resolution: '1' },
      body: '{"s":"no_data"}',
      rows: [],
    },
  ],
  refusals: [
    { title: 'wrong key', answer: { status: 401, text: '{"error":"Invalid API key."}' }, remedy: 'stop' },
    {
      title: 'another plan',
      answer: { status: 403, text: '{"error":"You don\'t have access to this resource."}' },
      remedy: 'symbol',
    },
    {
      title: 'limit',
      answer: {
        status: 429,
        text: '{"error":"API limit reached. Please try again later. Remaining Limit: 0"}',
        headers: { 'x-ratelimit-reset': '1669680030', date: 'Tue, 29 Nov 2022 00:00:00 GMT' },
      },
      remedy: 'wait',
      retryAfterMs: 30_000,
    },
    {
      title: 'limit with status 200',
      answer: { text: '{"error":"API limit reached. Please try again later. Remaining Limit: 0"}' },
      remedy: 'wait',
    },
    {
      title: 'empty key',
      answer: { status: 429, text: '{"error":"API limit reached. Please sign up for a free account."}' },
      remedy: 'stop',
    },
    { title: 'redirect to a page', answer: { status: 302, text: '<html></html>' }, remedy: 'stop' },
    { title: 'server', answer: { status: 502, text: '<html></html>' }, remedy: 'retry' },
  ],
};
