import { ExtData, encode, encodeTimeSpecToTimestamp } from '@msgpack/msgpack';
import type { Adapter, HistoryQuery } from '../../../src/sources/index.ts';
import type { AdapterCase } from '../adapter-case.ts';

const MINUTE_US = 60_000_000;
const JUNE_8_US = 1_654_660_800_000_000;

function trades(adapter: Adapter): HistoryQuery {
  const range = { symbol: 'AAPL', fromUs: JUNE_8_US, toUs: JUNE_8_US + MINUTE_US };
  return adapter.history?.trades?.(range) as HistoryQuery;
}

function time(sec: number, nsec: number): ExtData {
  return new ExtData(-1, encodeTimeSpecToTimestamp({ sec, nsec }));
}

/** Samples of the provider's documents (real-time stock data, streaming market data, stock bars). */
export const ALPACA_CASE: AdapterCase = {
  id: 'alpaca',
  wanted: ['AAPL', 'AMD', 'SPY', 'EEM', 'GOOGL', 'IONM'],
  plan: 'sip+bars',
  foreignSymbol: 'EURUSD',
  frames: [
    { title: 'greeting', frame: '[{"T":"success","msg":"connected"}]', outcomes: [{ type: 'greeted' }] },
    {
      title: 'authentication',
      frame: '[{"T":"success","msg":"authenticated"}]',
      outcomes: [{ type: 'authenticated' }],
    },
    {
      title: 'state of the subscription',
      frame:
        '[{"T":"subscription","trades":["AAPL"],"quotes":["AMD","CLDR"],"bars":["*"],"updatedBars":[],"dailyBars":["VOO"],"statuses":["*"],"lulds":[],"corrections":["AAPL"],"cancelErrors":["AAPL"]}]',
      outcomes: [{ type: 'subscribed' }],
    },
    {
      title: 'trade with milliseconds',
      frame:
        '[{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@","I"],"z":"C"}]',
      rows: [
        {
          kind: 'trade',
          symbol: 'AAPL',
          tsUs: 1_614_009_104_208_000,
          values: [126.55, 1],
          id: '96921',
          exchange: 'D',
          conditions: '@,I',
        },
      ],
    },
    {
      title: 'trade without a fraction, an id beyond 2^53, an unknown field and a fractional size',
      frame:
        '[{"T":"t","i":9223372036854775807,"S":"AAPL","x":"D","p":126.5,"s":0.25,"t":"2021-02-22T15:51:44Z","c":[],"z":"C","r":"2021-02-22T15:51:44.1Z"}]',
      rows: [
        {
          kind: 'trade',
          symbol: 'AAPL',
          tsUs: 1_614_009_104_000_000,
          values: [126.5, 0.25],
          id: '9223372036854775807',
          exchange: 'D',
        },
      ],
    },
    {
      title: 'quote with nanoseconds',
      frame:
        '[{"T":"q","S":"AMD","bx":"U","bp":87.66,"bs":1,"ax":"Q","ap":87.68,"as":4,"c":["R"],"z":"C","t":"2021-02-22T15:51:45.335689322Z"}]',
      rows: [
        {
          kind: 'quote',
          symbol: 'AMD',
          tsUs: 1_614_009_105_335_689,
          values: [87.66, 1, 87.68, 4],
          exchange: 'U',
          conditions: 'R',
        },
      ],
    },
    {
      title: 'minute bar, and the same bar corrected',
      frame:
        '[{"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"n":461,"vw":389.062639,"t":"2021-02-22T19:15:00Z"},{"T":"u","S":"SPY","o":388.985,"h":389.14,"l":388.975,"c":389.12,"v":49379,"n":462,"vw":389.0627,"t":"2021-02-22T19:15:00Z"}]',
      rows: [
        {
          kind: 'bar',
          symbol: 'SPY',
          tsUs: 1_614_021_300_000_000,
          values: [388.985, 389.13, 388.975, 389.12, 49_378, 389.062639, 461, MINUTE_US],
        },
        {
          kind: 'bar',
          symbol: 'SPY',
          tsUs: 1_614_021_300_000_000,
          values: [388.985, 389.14, 388.975, 389.12, 49_379, 389.0627, 462, MINUTE_US],
        },
      ],
    },
    {
      title: 'correction, then the cancel of the corrected trade under its new id: both name the first id',
      frame:
        '[{"T":"c","S":"EEM","x":"M","oi":52983525033527,"op":39.1582,"os":440000,"oc":[" ","7"],"ci":52983525034326,"cp":39.1809,"cs":440000,"cc":[" ","7"],"z":"B","t":"2023-04-06T14:25:06.542305024Z"},{"T":"x","S":"EEM","i":52983525034326,"x":"M","p":39.1809,"s":440000,"a":"E","z":"B","t":"2023-04-06T14:25:07Z"}]',
      rows: [
        {
          kind: 'correction',
          symbol: 'EEM',
          tsUs: 1_680_791_106_542_305,
          values: [39.1809, 440_000],
          id: '52983525033527',
          exchange: 'M',
          conditions: '7',
        },
        {
          kind: 'cancel',
          symbol: 'EEM',
          tsUs: 1_680_791_107_000_000,
          values: [39.1809, 440_000],
          id: '52983525033527',
          exchange: 'M',
        },
      ],
    },
    {
      title: 'cancel',
      frame:
        '[{"T":"x","S":"GOOGL","i":465,"x":"D","p":105.31,"s":300,"a":"C","z":"C","t":"2023-04-06T13:15:42.83540958Z"}]',
      rows: [
        {
          kind: 'cancel',
          symbol: 'GOOGL',
          tsUs: 1_680_786_942_835_409,
          values: [105.31, 300],
          id: '465',
          exchange: 'D',
        },
      ],
    },
    {
      title: 'halt',
      frame:
        '[{"T":"s","S":"AAPL","sc":"H","sm":"Trading Halt","rc":"T12","rm":"Trading Halted; For information requested by NASDAQ","t":"2021-02-22T19:15:00Z","z":"C"}]',
      rows: [
        {
          kind: 'status',
          symbol: 'AAPL',
          tsUs: 1_614_021_300_000_000,
          values: [],
          payload: {
            type: 'status',
            state: 'halted',
            reason: 'Trading Halt, T12, Trading Halted; For information requested by NASDAQ',
          },
        },
      ],
    },
    {
      title: 'bands and books: known, nothing of ours',
      frame:
        '[{"T":"l","S":"IONM","u":3.24,"d":2.65,"i":"B","t":"2023-04-06T13:34:45.565004401Z","z":"C"},{"T":"o","S":"BTC/USD","t":"2024-03-12T10:38:50.79613221Z","b":[{"p":71859.53,"s":0.27994}],"a":[{"p":71939.7,"s":0.83953}],"r":true}]',
      outcomes: [{ type: 'alive' }, { type: 'alive' }],
    },
    {
      title: 'msgpack: nanoseconds, 64-bit ids',
      frame: encode(
        [
          {
            T: 't',
            i: 9_223_372_036_854_775_807n,
            S: 'AAPL',
            x: 'V',
            p: 126.55,
            s: 100,
            t: time(1_614_009_104, 208_123_456),
            c: ['@'],
            z: 'C',
          },
        ],
        { useBigInt64: true },
      ),
      rows: [
        {
          kind: 'trade',
          symbol: 'AAPL',
          tsUs: 1_614_009_104_208_123,
          values: [126.55, 100],
          id: '9223372036854775807',
          exchange: 'V',
          conditions: '@',
        },
      ],
    },
    {
      title: 'wrong key',
      frame: '[{"T":"error","code":402,"msg":"auth failed"}]',
      outcomes: [{ type: 'error', code: '402', message: 'auth failed', remedy: 'stop' }],
    },
    {
      title: 'connection limit',
      frame: '[{"T":"error","code":406,"msg":"connection limit exceeded"}]',
      outcomes: [{ type: 'error', code: '406', message: 'connection limit exceeded', remedy: 'wait' }],
    },
    {
      title: 'a trade without a price, and one without a symbol',
      frame: '[{"T":"t","i":1,"S":"AAPL","x":"D","s":1,"t":"2021-02-22T15:51:44Z"},{"T":"t","symbol":"AAPL"}]',
      rejects: [
        { reason: 'bad-row', detail: 'trade' },
        { reason: 'bad-row', detail: 'trade' },
      ],
    },
    {
      title: 'a kind that nobody documents',
      frame: '[{"T":"zz","S":"AAPL"}]',
      rejects: [{ reason: 'unknown-shape', detail: 'message type "zz"' }],
    },
  ],
  answers: [
    {
      title: 'trades in pages, those taken back left out',
      ask: trades,
      path: '/v2/stocks/trades',
      query: {
        symbols: 'AAPL',
        start: '2022-06-08T04:00:00Z',
        end: '2022-06-08T04:00:59.999999999Z',
        feed: 'sip',
        limit: 10_000,
      },
      body: '{"trades":{"AAPL":[{"t":"2022-06-08T04:00:03.752176Z","x":"D","p":129.88,"s":5,"c":[" ","T","I"],"i":71697353758036,"z":"A","u":"canceled"},{"t":"2022-06-08T04:00:04.000000001Z","x":"P","p":129.9,"s":5,"c":["@","T","I"],"i":71697353758037,"z":"C"}]},"next_page_token":"TUVUQXxEfD"}',
      rows: [
        {
          kind: 'trade',
          symbol: 'AAPL',
          tsUs: JUNE_8_US + 4_000_000,
          values: [129.9, 5],
          id: '71697353758037',
          exchange: 'P',
          conditions: '@,T,I',
        },
      ],
      next: { path: '/v2/stocks/trades', query: { page_token: 'TUVUQXxEfD' } },
    },
    {
      title: 'nothing found: null for the list and the token',
      ask: trades,
      path: '/v2/stocks/trades',
      body: '{"trades":null,"next_page_token":null}',
      rows: [],
    },
    {
      title: 'bars',
      ask: (adapter) =>
        adapter.history?.bars?.(
          { symbol: 'AAPL', fromUs: JUNE_8_US, toUs: JUNE_8_US + 60 * MINUTE_US },
          MINUTE_US,
        ) as HistoryQuery,
      path: '/v2/stocks/bars',
      query: { timeframe: '1Min', adjustment: 'raw' },
      body: '{"bars":{"AAPL":[{"t":"2022-06-08T04:00:00Z","o":194.67,"h":195,"l":194.5,"c":194.9,"v":1200,"n":17,"vw":194.8}]},"next_page_token":null}',
      rows: [
        {
          kind: 'bar',
          symbol: 'AAPL',
          tsUs: JUNE_8_US,
          values: [194.67, 195, 194.5, 194.9, 1_200, 194.8, 17, MINUTE_US],
        },
      ],
    },
  ],
  refusals: [
    { title: 'wrong key', answer: { status: 403, text: '{"message":"forbidden."}' }, remedy: 'stop' },
    {
      title: 'recent data of a feed that is not paid for',
      answer: { status: 403, text: '{"message":"subscription does not permit querying recent SIP data"}' },
      remedy: 'symbol',
    },
    {
      title: 'limit with a time of reset',
      answer: {
        status: 429,
        text: '{"message":"too many requests."}',
        headers: { 'x-ratelimit-reset': '1669680030', date: 'Tue, 29 Nov 2022 00:00:00 GMT' },
      },
      remedy: 'wait',
      retryAfterMs: 30_000,
    },
    { title: 'limit with nothing', answer: { status: 429, text: 'too many' }, remedy: 'wait' },
    { title: 'limit with status 200', answer: { text: '{"message":"too many requests."}' }, remedy: 'wait' },
    { title: 'server', answer: { status: 502, text: '<html>bad gateway</html>' }, remedy: 'retry' },
  ],
};
