import type { HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const MINUTE_US = 60_000_000;

/** Samples of the provider's documents (spot, market streams and market data endpoints). */
export const BINANCE_CASE: AdapterCase = {
  id: 'binance',
  wanted: ['BNBBTC', 'BNBUSDT'],
  foreignSymbol: 'BRK.B',
  frames: [
    {
      title: 'trade of a raw stream',
      frame:
        '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}',
      rows: [
        {
          kind: 'trade',
          symbol: 'BNBBTC',
          tsUs: 1_672_515_782_136_000,
          values: [0.001, 100],
          id: '12345',
          exchange: 'binance',
          conditions: 'buyerMaker',
        },
      ],
    },
    {
      title: 'book ticker of a combined stream, which has no time',
      frame:
        '{"stream":"bnbusdt@bookTicker","data":{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}}',
      rows: [
        {
          kind: 'quote',
          symbol: 'BNBUSDT',
          tsUs: 1_893_456_000_000_000,
          values: [25.3519, 31.21, 25.3652, 40.66],
        },
      ],
    },
    { title: 'answer to a command', frame: '{"result":null,"id":1}', outcomes: [{ type: 'subscribed' }] },
  ],
  answers: [
    {
      title: 'klines',
      ask: (adapter) => {
        const range = { symbol: 'BNBBTC', fromUs: 1_499_040_000_000_000, toUs: 1_499_040_000_000_000 + MINUTE_US };
        return adapter.history?.bars?.(range, MINUTE_US) as HistoryQuery;
      },
      path: '/api/v3/klines',
      query: { symbol: 'BNBBTC', interval: '1m' },
      body: '[[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499040059999,"2434.19055334",308,"1756.87402397","28.46694368","0"]]',
      rows: [
        {
          kind: 'bar',
          symbol: 'BNBBTC',
          tsUs: 1_499_040_000_000_000,
          values: [
            0.0163479,
            0.8,
            0.015758,
            0.015771,
            148_976.11427815,
            2434.19055334 / 148_976.11427815,
            308,
            MINUTE_US,
          ],
        },
      ],
    },
  ],
  refusals: [
    {
      title: 'limit',
      answer: {
        status: 429,
        text: '{"code":-1003,"msg":"Too much request weight used"}',
        headers: { 'retry-after': '7' },
      },
      remedy: 'wait',
      retryAfterMs: 7_000,
    },
    {
      title: 'unknown symbol',
      answer: { status: 400, text: '{"code":-1121,"msg":"Invalid symbol."}' },
      remedy: 'symbol',
    },
  ],
};
