import type { Adapter, HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 1_440 * MINUTE_US;
const APRIL_23_US = 1_587_654_000_000_000;

function minutes(adapter: Adapter): HistoryQuery {
  const range = { symbol: 'AAPL', fromUs: APRIL_23_US, toUs: APRIL_23_US + 60 * MINUTE_US };
  return adapter.history?.bars?.(range, MINUTE_US) as HistoryQuery;
}

/** Samples of the provider's documents and of its clients. */
export const TWELVEDATA_CASE: AdapterCase = {
  id: 'twelvedata',
  wanted: ['AAPL', 'EURUSD', 'BTCUSD'],
  plan: 'pro',
  foreignSymbol: 'BTCXYZ_',
  frames: [
    {
      title: 'subscription',
      frame:
        '{"event":"subscribe-status","status":"ok","success":[{"symbol":"AAPL","exchange":"NASDAQ","country":"United States","type":"Common Stock"}],"fails":null}',
      outcomes: [{ type: 'subscribed' }],
    },
    {
      title: 'subscription in part',
      frame: '{"event":"subscribe-status","status":"ok","success":[{"symbol":"AAPL"}],"fails":[{"symbol":"VIX"}]}',
      outcomes: [{ type: 'error', code: 'fails', message: 'not accepted: VIX', remedy: 'symbol', isWhole: false }],
    },
    {
      title: 'price without a volume',
      frame:
        '{"event":"price","symbol":"AAPL","currency":"USD","exchange":"NASDAQ","type":"Common Stock","timestamp":1643972766,"price":172.87}',
      rows: [{ kind: 'trade', symbol: 'AAPL', tsUs: 1_643_972_766_000_000, values: [172.87, 0] }],
    },
    {
      title: 'price of a currency',
      frame:
        '{"event":"price","symbol":"EUR/USD","currency_base":"Euro","currency_quote":"US Dollar","type":"Physical Currency","timestamp":1643972766,"price":1.14445,"bid":1.1444,"ask":1.1445}',
      rows: [
        {
          kind: 'quote',
          symbol: 'EURUSD',
          tsUs: 1_643_972_766_000_000,
          values: [1.1444, Number.NaN, 1.1445, Number.NaN],
        },
      ],
    },
    { title: 'heartbeat', frame: '{"event":"heartbeat","status":"ok"}', outcomes: [{ type: 'alive' }] },
    {
      title: 'an event that nobody documents',
      frame: '{"event":"novelty"}',
      rejects: [{ reason: 'unknown-shape', detail: 'event "novelty"' }],
    },
    {
      title: 'a price that is a word',
      frame: '{"event":"price","symbol":"AAPL","timestamp":1643972766,"price":"high"}',
      rejects: [{ reason: 'bad-row', detail: 'price' }],
    },
  ],
  answers: [
    {
      title: 'minutes, numbers as text',
      ask: minutes,
      path: '/time_series',
      query: {
        symbol: 'AAPL',
        interval: '1min',
        start_date: '2020-04-23 15:00:00',
        end_date: '2020-04-23 15:59:59',
        timezone: 'UTC',
        order: 'asc',
      },
      body: '{"meta":{"symbol":"AAPL","interval":"1min","currency":"USD","exchange_timezone":"America/New_York","exchange":"NASDAQ","mic_code":"XNAS","type":"Common Stock"},"values":[{"datetime":"2020-04-23 15:59:00","open":"275.23001","high":"275.25000","low":"274.92999","close":"275.01001","volume":"393317"}],"status":"ok"}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: APRIL_23_US + 59 * MINUTE_US,
          values: [275.23001, 275.25, 274.92999, 275.01001, 393_317, Number.NaN, Number.NaN, MINUTE_US],
        },
      ],
    },
    {
      title: 'the running minute is left for the next answer; a date that comes twice counts once, the newer row',
      ask: minutes,
      path: '/time_series',
      recvUs: APRIL_23_US + 2 * MINUTE_US + 1,
      body: '{"values":[{"datetime":"2020-04-23 15:00:00","open":"1","high":"2","low":"1","close":"1"},{"datetime":"2020-04-23 15:00:00","open":"1","high":"2","low":"1","close":"2"},{"datetime":"2020-04-23 15:02:00","open":"1","high":"2","low":"1","close":"1"}],"status":"ok"}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: APRIL_23_US,
          values: [1, 2, 1, 2, Number.NaN, Number.NaN, Number.NaN, MINUTE_US],
        },
      ],
    },
    {
      title: 'days: midnight of the exchange, walked in stretches',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'AAPL', fromUs: APRIL_23_US, toUs: APRIL_23_US + 6_000 * DAY_US },
          DAY_US,
        ) as HistoryQuery,
      path: '/time_series',
      query: { interval: '1day', outputsize: 5_000 },
      body: '{"values":[{"datetime":"2020-04-24","open":"1","high":"2","low":"1","close":"2","volume":"5"}],"status":"ok"}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: 1_587_700_800_000_000,
          values: [1, 2, 1, 2, 5, Number.NaN, Number.NaN, DAY_US],
        },
      ],
      next: { path: '/time_series', query: { start_date: '2033-12-31 15:00:00' } },
    },
    {
      title: 'nothing on these dates: empty, no failure',
      ask: minutes,
      path: '/time_series',
      body: '{"code":400,"message":"No data is available on the specified dates. Try setting different start/end dates.","status":"error"}',
      rows: [],
    },
    {
      title: 'a batch in which one symbol is unknown',
      ask: (adapter) => adapter.poll?.query(['AAPL', 'EURUSD']) as HistoryQuery,
      path: '/time_series',
      query: { symbol: 'AAPL,EUR/USD' },
      body: '{"AAPL":{"meta":{},"values":[{"datetime":"2020-04-23 15:00:00","open":"1","high":"2","low":"1","close":"2","volume":"5"}],"status":"ok"},"EUR/USD":{"code":404,"message":"**symbol** not found: EUR/USD. Please specify it correctly according to API Documentation.","status":"error"}}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: APRIL_23_US,
          values: [1, 2, 1, 2, 5, Number.NaN, Number.NaN, MINUTE_US],
        },
      ],
      outcomes: [
        {
          type: 'error',
          code: '404',
          message: 'symbol not found: EUR/USD. Please specify it correctly according to API Documentation.',
          remedy: 'symbol',
        },
      ],
    },
  ],
  refusals: [
    {
      title: 'wrong key with status 200',
      answer: { text: '{"code":401,"message":"**apikey** parameter is incorrect or not specified.","status":"error"}' },
      remedy: 'stop',
    },
    {
      title: 'credits of the minute',
      answer: {
        status: 429,
        text: '{"code":429,"message":"You have run out of API credits for the current minute. 9 API credits were used, with the current limit being 8. Wait for the next minute","status":"error"}',
        headers: { date: 'Tue, 29 Nov 2022 00:00:45 GMT' },
      },
      remedy: 'wait',
      retryAfterMs: 15_000,
    },
    {
      title: 'credits of the day',
      answer: {
        status: 429,
        text: '{"code":429,"message":"You have run out of API credits for the day.","status":"error"}',
      },
      remedy: 'spent',
    },
    {
      title: 'unknown symbol',
      answer: { status: 404, text: '{"code":404,"message":"**symbol** not found: HSI.","status":"error"}' },
      remedy: 'symbol',
    },
    { title: 'server', answer: { status: 500, text: '' }, remedy: 'retry' },
  ],
};
