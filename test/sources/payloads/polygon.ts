import type { Adapter, HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
const FROM_US = 1_517_562_000_000_000;
const JANUARY_2_US = 1_577_941_200_000_000;

function trades(adapter: Adapter): HistoryQuery {
  return adapter.history?.trades?.({ symbol: 'MSFT', fromUs: FROM_US, toUs: FROM_US + SECOND_US }) as HistoryQuery;
}

function days(adapter: Adapter): HistoryQuery {
  const range = { symbol: 'AAPL', fromUs: JANUARY_2_US, toUs: JANUARY_2_US + 8 * DAY_US };
  return adapter.history?.bars?.(range, DAY_US) as HistoryQuery;
}

/** Samples of the provider's WebSocket and REST descriptions. */
export const POLYGON_CASE: AdapterCase = {
  id: 'polygon',
  wanted: ['MSFT', 'SPCE', 'GTE', 'AAPL', 'BRK.A'],
  plan: 'realtime+bars',
  foreignSymbol: 'BTCUSD',
  frames: [
    {
      title: 'greeting',
      frame: '[{"ev":"status","status":"connected","message":"Connected Successfully"}]',
      outcomes: [{ type: 'greeted' }],
    },
    {
      title: 'authentication',
      frame: '[{"ev":"status","status":"auth_success","message":"authenticated"}]',
      outcomes: [{ type: 'authenticated' }],
    },
    {
      title: 'trade with a list of conditions',
      frame:
        '[{"ev":"T","sym":"MSFT","x":4,"i":"12345","z":3,"p":114.125,"s":100,"c":[0,12],"t":1536036818784,"q":3681328}]',
      rows: [
        {
          kind: 'trade',
          symbol: 'MSFT',
          tsUs: 1_536_036_818_784_000,
          values: [114.125, 100],
          id: '12345',
          exchange: '4',
          conditions: '@,T',
        },
      ],
    },
    {
      title: 'trade with a decimal size and a condition that is not in the table',
      frame:
        '[{"ev":"T","sym":"BRK.A","x":12,"i":"52983525034326771","z":1,"p":700000.5,"s":0,"ds":"0.125","c":[37,99],"t":1536036818784}]',
      rows: [
        {
          kind: 'trade',
          symbol: 'BRK.A',
          tsUs: 1_536_036_818_784_000,
          values: [700_000.5, 0.125],
          id: '52983525034326771',
          exchange: '12',
          conditions: 'I,code-99',
        },
      ],
    },
    {
      title: 'quote, whose condition is no list',
      frame:
        '[{"ev":"Q","sym":"MSFT","bx":4,"bp":114.125,"bs":100,"ax":7,"ap":114.128,"as":160,"c":0,"i":[604],"t":1536036818784,"q":50385480,"z":3}]',
      rows: [
        {
          kind: 'quote',
          symbol: 'MSFT',
          tsUs: 1_536_036_818_784_000,
          values: [114.125, 100, 114.128, 160],
          exchange: '4',
        },
      ],
    },
    {
      title: 'second bar and minute bar',
      frame:
        '[{"ev":"A","sym":"SPCE","v":200,"av":8642007,"op":25.66,"vw":25.3981,"o":25.39,"c":25.39,"h":25.39,"l":25.39,"a":25.3714,"z":50,"s":1610144868000,"e":1610144869000},{"ev":"AM","sym":"GTE","v":4110,"av":9470157,"op":0.4372,"vw":0.4488,"o":0.4488,"c":0.4486,"h":0.4489,"l":0.4486,"a":0.4352,"z":685,"s":1610144640000,"e":1610144700000}]',
      rows: [
        {
          kind: 'bar',
          symbol: 'SPCE',
          tsUs: 1_610_144_868_000_000,
          values: [25.39, 25.39, 25.39, 25.39, 200, 25.3981, Number.NaN, SECOND_US],
        },
        {
          kind: 'bar',
          symbol: 'GTE',
          tsUs: 1_610_144_640_000_000,
          values: [0.4488, 0.4489, 0.4486, 0.4486, 4_110, 0.4488, Number.NaN, 60 * SECOND_US],
        },
      ],
    },
    {
      title: 'bands: known, nothing of ours',
      frame: '[{"ev":"LULD","T":"MSFT","h":218.96,"l":198.11,"i":[21],"z":3,"t":1601316752683746,"q":290317}]',
      outcomes: [{ type: 'alive' }],
    },
    {
      title: 'wrong key',
      frame: '[{"ev":"status","status":"auth_failed","message":"authentication failed"}]',
      outcomes: [{ type: 'error', code: 'auth_failed', message: 'authentication failed', remedy: 'stop' }],
    },
    {
      title: 'too many connections',
      frame:
        '[{"ev":"status","status":"max_connections","message":"Maximum number of websocket connections exceeded."}]',
      outcomes: [
        {
          type: 'error',
          code: 'max_connections',
          message: 'Maximum number of websocket connections exceeded.',
          remedy: 'wait',
        },
      ],
    },
    {
      title: 'a trade whose price is a word',
      frame: '[{"ev":"T","sym":"MSFT","i":"1","p":"high","s":1,"t":1536036818784}]',
      rejects: [{ reason: 'bad-row', detail: 'trade' }],
    },
    {
      title: 'an event that nobody documents',
      frame: '[{"ev":"ZZ","sym":"MSFT"}]',
      rejects: [{ reason: 'unknown-shape', detail: 'event type "ZZ"' }],
    },
  ],
  answers: [
    {
      title: 'trades with nanoseconds beyond 2^53, cut to the milliseconds of the stream',
      ask: trades,
      path: '/v3/trades/MSFT',
      query: {
        'timestamp.gte': '1517562000000000000',
        'timestamp.lt': '1517562001000000000',
        order: 'asc',
        limit: 50_000,
      },
      body: '{"next_url":"https://api.massive.com/v3/trades/MSFT?cursor=YWN0aXZl","results":[{"conditions":[12,41],"exchange":11,"id":"1","participant_timestamp":1517562000015577000,"price":171.55,"sequence_number":1063,"sip_timestamp":1517562000016036600,"size":100,"tape":3},{"correction":8,"exchange":11,"id":"2","price":171.5,"sip_timestamp":1517562000016038175,"size":100}],"status":"OK"}',
      rows: [
        {
          kind: 'trade',
          symbol: 'MSFT',
          tsUs: 1_517_562_000_016_000,
          values: [171.55, 100],
          id: '1',
          exchange: '11',
          conditions: 'T,8',
        },
      ],
      next: { path: '/v3/trades/MSFT?cursor=YWN0aXZl' },
    },
    {
      title: 'day bars, with a link to the next page',
      ask: days,
      path: `/v2/aggs/ticker/AAPL/range/1/day/1577941200000/1578632399999`,
      query: { adjusted: 'false', sort: 'asc' },
      body: '{"adjusted":true,"next_url":"https://api.polygon.io/v2/aggs/ticker/AAPL/range/1/day/1578114000000/2020-01-10?cursor=bGltaXQ9MiZzb3J0PWFzYw","queryCount":2,"request_id":"6a7e466379af0a71039d60cc78e72282","results":[{"c":75.0875,"h":75.15,"l":73.7975,"n":1,"o":74.06,"t":1577941200000,"v":135647456,"vw":74.6099}],"resultsCount":2,"status":"OK","ticker":"AAPL"}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: JANUARY_2_US,
          values: [74.06, 75.15, 73.7975, 75.0875, 135_647_456, 74.6099, 1, DAY_US],
        },
      ],
      next: { path: '/v2/aggs/ticker/AAPL/range/1/day/1578114000000/2020-01-10?cursor=bGltaXQ9MiZzb3J0PWFzYw' },
    },
    {
      title: 'nothing found: no list at all',
      ask: days,
      path: '/v2/aggs/ticker/AAPL/range/1/day/1577941200000/1578632399999',
      body: '{"ticker":"AAPL","queryCount":0,"resultsCount":0,"adjusted":true,"status":"DELAYED","request_id":"x"}',
      rows: [],
    },
    {
      title: 'a link to another host stays whole, for the client to refuse',
      ask: days,
      path: '/v2/aggs/ticker/AAPL/range/1/day/1577941200000/1578632399999',
      body: '{"status":"OK","results":[],"next_url":"https://evil.example/v2?cursor=1"}',
      rows: [],
      next: { path: 'https://evil.example/v2?cursor=1' },
    },
  ],
  refusals: [
    {
      title: 'wrong key',
      answer: { status: 401, text: '{"status":"ERROR","request_id":"x","error":"Unknown API Key"}' },
      remedy: 'stop',
    },
    {
      title: 'not entitled',
      answer: {
        status: 403,
        text: '{"status":"NOT_AUTHORIZED","request_id":"x","message":"You are not entitled to this data."}',
      },
      remedy: 'symbol',
    },
    { title: 'not found', answer: { status: 404, text: '{"status":"NOT_FOUND"}' }, remedy: 'symbol' },
    { title: 'limit without a body', answer: { status: 429, text: '' }, remedy: 'wait' },
    {
      title: 'limit with status 200',
      answer: { text: '{"status":"ERROR","error":"You\'ve exceeded the maximum requests per minute, please wait."}' },
      remedy: 'wait',
    },
    { title: 'delayed data is good', answer: { text: '{"status":"DELAYED","resultsCount":0}' }, remedy: 'none' },
    {
      title: 'server',
      answer: { status: 503, text: '', headers: { 'retry-after': '2' } },
      remedy: 'retry',
      retryAfterMs: 2_000,
    },
  ],
};
