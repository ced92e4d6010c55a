import type { Adapter, HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 1_440 * MINUTE_US;
const OPENING_US = 1_788_528_600_000_000;

function today(adapter: Adapter): HistoryQuery {
  return adapter.poll?.query(['TSLA']) as HistoryQuery;
}

/** Recorded answers of public test suites, cut. */
export const YAHOO_CASE: AdapterCase = {
  id: 'yahoo',
  wanted: ['TSLA', 'BRK.B', 'EURUSD', 'BTCUSD', 'NAS100', 'XAUUSD'],
  foreignSymbol: '1234',
  frames: [],
  answers: [
    {
      title: 'minutes: a candle of nulls is none, the last row is the closing print',
      ask: today,
      path: '/v8/finance/chart/TSLA',
      query: { range: '1d', interval: '1m' },
      body: '{"chart":{"result":[{"meta":{"currency":"USD","symbol":"TSLA","regularMarketTime":1788552000,"exchangeTimezoneName":"America/New_York"},"timestamp":[1788528600,1788528660,1788528720,1788552000],"indicators":{"quote":[{"open":[360.0,359.5,null,354.1],"high":[361.0,360.2,null,354.4],"low":[359.0,358.8,null,353.9],"close":[359.6,359.9,null,354.08],"volume":[1200,null,null,0]}]}}],"error":null}}',
      rows: [
        {
          kind: 'bar',
          symbol: 'TSLA',
          tsUs: OPENING_US,
          values: [360, 361, 359, 359.6, 1_200, Number.NaN, Number.NaN, MINUTE_US],
        },
        {
          kind: 'bar',
          symbol: 'TSLA',
          tsUs: OPENING_US + MINUTE_US,
          values: [359.5, 360.2, 358.8, 359.9, Number.NaN, Number.NaN, Number.NaN, MINUTE_US],
        },
      ],
    },
    {
      title: 'nothing in the range: no stamps',
      ask: today,
      path: '/v8/finance/chart/TSLA',
      body: '{"chart":{"result":[{"meta":{},"indicators":{"quote":[{}]}}],"error":null}}',
      rows: [],
    },
    {
      title: 'days are stamped with their opening; a second row of the day is passed over',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'NAS100', fromUs: OPENING_US, toUs: OPENING_US + DAY_US },
          DAY_US,
        ) as HistoryQuery,
      path: '/v8/finance/chart/%5ENDX',
      query: { period1: 1_788_528_600, period2: 1_788_615_000, interval: '1d' },
      body: '{"chart":{"result":[{"meta":{"regularMarketTime":1788552000},"timestamp":[1788528600,1788552000],"indicators":{"quote":[{"open":[1,1],"high":[3,3],"low":[1,1],"close":[2,2],"volume":[5,5]}]}}],"error":null}}',
      rows: [
        {
          kind: 'bar',
          symbol: 'NAS100',
          tsUs: 1_788_494_400_000_000,
          values: [1, 3, 1, 2, 5, Number.NaN, Number.NaN, DAY_US],
        },
      ],
    },
    {
      title: 'minutes of a month go week by week',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'EURUSD', fromUs: OPENING_US, toUs: OPENING_US + 30 * DAY_US },
          MINUTE_US,
        ) as HistoryQuery,
      path: '/v8/finance/chart/EURUSD%3DX',
      query: { period2: 1_788_528_600 + 7 * 86_400 },
      body: '{"chart":{"result":[{"meta":{},"indicators":{"quote":[{}]}}],"error":null}}',
      rows: [],
      next: { path: '/v8/finance/chart/EURUSD%3DX', query: { period1: 1_788_528_600 + 7 * 86_400 } },
    },
  ],
  refusals: [
    {
      title: 'unknown symbol with status 200',
      answer: {
        text: '{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}',
      },
      remedy: 'symbol',
    },
    {
      title: 'range too long',
      answer: {
        status: 422,
        text: '{"chart":{"result":null,"error":{"code":"Unprocessable Entity","description":"1h data not available"}}}',
      },
      remedy: 'symbol',
    },
    {
      title: 'limit as text',
      answer: { status: 429, text: 'Edge: Too Many Requests' },
      remedy: 'wait',
      retryAfterMs: 300_000,
    },
    { title: 'a page of consent', answer: { text: '<html></html>' }, remedy: 'wait' },
    { title: 'server', answer: { status: 503, text: '<html></html>' }, remedy: 'retry' },
  ],
};
