import type { Adapter, HistoryQuery } from '../../../src/sources/index.ts';
import { type AdapterCase, SECRET } from '../adapter-case.ts';

const MINUTE_US = 60_000_000;
const AUGUST_11_US = 1_502_481_600_000_000;
const VALUES = { MSFT: [72.495, 72.53, 72.45, 72.5, 2_262_503, Number.NaN, Number.NaN, MINUTE_US] };

function newest(adapter: Adapter): HistoryQuery {
  return adapter.poll?.query(['MSFT']) as HistoryQuery;
}

/** Fixtures of clients and recorded answers; every refusal has status 200. */
export const ALPHAVANTAGE_CASE: AdapterCase = {
  id: 'alphavantage',
  wanted: ['MSFT'],
  plan: 'free',
  foreignSymbol: 'EURUSD',
  frames: [],
  answers: [
    {
      title: 'minutes in local time, newest first',
      ask: newest,
      path: '/query',
      query: { function: 'TIME_SERIES_INTRADAY', symbol: 'MSFT', interval: '1min', outputsize: 'compact' },
      body: '{"Meta Data":{"1. Information":"Intraday (1min) prices and volumes","2. Symbol":"MSFT","3. Last Refreshed":"2017-08-11 16:00:00","4. Interval":"1min","5. Output Size":"Compact","6. Time Zone":"US/Eastern"},"Time Series (1min)":{"2017-08-11 16:00:00":{"1. open":"72.4950","2. high":"72.5300","3. low":"72.4500","4. close":"72.5000","5. volume":"2262503"},"2017-08-11 15:59:00":{"1. open":"72.4950","2. high":"72.5300","3. low":"72.4500","4. close":"72.5000","5. volume":"2262503"}}}',
      rows: [
        { kind: 'bar', symbol: 'MSFT', tsUs: AUGUST_11_US - MINUTE_US, values: VALUES.MSFT },
        { kind: 'bar', symbol: 'MSFT', tsUs: AUGUST_11_US, values: VALUES.MSFT },
      ],
    },
    {
      title: 'history goes by months of New York',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'MSFT', fromUs: AUGUST_11_US, toUs: AUGUST_11_US + 40 * 1_440 * MINUTE_US },
          MINUTE_US,
        ) as HistoryQuery,
      path: '/query',
      query: { month: '2017-08', outputsize: 'full', adjusted: 'false' },
      body: '{"Meta Data":{"6. Time Zone":"US/Eastern"},"Time Series (1min)":{}}',
      rows: [],
      next: { path: '/query', query: { month: '2017-09' } },
    },
    {
      title: 'days, with numbered meta data of another order and a volume as a number',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'MSFT', fromUs: AUGUST_11_US, toUs: AUGUST_11_US + 1 },
          1_440 * MINUTE_US,
        ) as HistoryQuery,
      path: '/query',
      query: { function: 'TIME_SERIES_DAILY' },
      body: '{"Meta Data":{"5. Time Zone":"US/Eastern"},"Time Series (Daily)":{"2017-08-11":{"1. open":"71.61","2. high":"72.70","3. low":"71.28","4. close":"72.50","5. volume":21121250}}}',
      rows: [
        {
          kind: 'bar',
          symbol: 'MSFT',
          tsUs: 1_502_424_000_000_000,
          values: [71.61, 72.7, 71.28, 72.5, 21_121_250, Number.NaN, Number.NaN, 1_440 * MINUTE_US],
        },
      ],
    },
  ],
  refusals: [
    {
      title: 'bad symbol',
      answer: { text: '{"Error Message":"Invalid API call. Please retry or visit the documentation for X."}' },
      remedy: 'symbol',
    },
    {
      title: 'wrong key',
      answer: { text: '{"Error Message":"the parameter apikey is invalid or missing. Please claim"}' },
      remedy: 'stop',
    },
    {
      title: 'the day is spent; the text repeats the key',
      answer: {
        text: `{"Information":"We have detected your API key as ${SECRET} and our standard API rate limit is 25 requests per day."}`,
      },
      remedy: 'spent',
    },
    {
      title: 'burst, which speaks of the day too',
      answer: {
        text: '{"Information":"Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (1 request per second). (25 requests per day)"}',
      },
      remedy: 'wait',
      retryAfterMs: 2_000,
    },
    {
      title: 'old limit of the minute',
      answer: { text: '{"Note":"Our standard API call frequency is 5 calls per minute and 500 calls per day."}' },
      remedy: 'wait',
      retryAfterMs: 60_000,
    },
    { title: 'premium', answer: { text: '{"Information":"This is a premium endpoint."}' }, remedy: 'symbol' },
    {
      title: 'demo key',
      answer: { text: '{"Information":"The **demo** API key is for demo purposes only."}' },
      remedy: 'stop',
    },
    { title: 'outage', answer: { text: '{}' }, remedy: 'retry' },
    { title: 'outage with a page', answer: { text: '<html></html>' }, remedy: 'retry' },
  ],
};
