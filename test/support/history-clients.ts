import type { SimulatorRig } from './simulator-rig.ts';

/** What a plain client needs to know of a provider's REST history. */
export interface HistoryClient {
  readonly provider: string;
  readonly symbol: string;
  /** A request that is answered with data, and how to see that it was. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  isData(body: string): boolean;
  /** The same with a wrong key, and the provider's own refusal; absent where no key is asked for. */
  readonly wrongKey?: {
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly refusal: RegExp;
  };
  /** Text of an answer when the quota is spent. */
  readonly quota: RegExp;
  /** All trades of the symbol as (id, time in units of `resolutionUs`, price, size), page by page; absent: no trades over REST. */
  trades?(rig: SimulatorRig): Promise<{ readonly pages: number; readonly trades: readonly HistoryTrade[] }>;
  readonly resolutionUs?: number;
  /** Minute bars as (start in seconds, close); daily ones where the provider has nothing finer. */
  closes?(body: string): readonly (readonly [number, number])[];
  /** Digits of a close. */
  readonly decimals?: number;
}

export interface HistoryTrade {
  readonly id: string;
  readonly ts: number;
  readonly price: number;
  readonly size: number;
}

type Row = Readonly<Record<string, unknown>>;
const ALPACA_KEYS = { 'apca-api-key-id': 'good', 'apca-api-secret-key': 's' };
const RANGE = 'start=2024-03-05T00:00:00Z&end=2024-03-06T00:00:00Z';
const micros = (time: string): number => {
  const [head = '', fraction = ''] = time.replace('Z', '').split('.');
  return Date.parse(`${head}Z`) * 1_000 + Number(fraction.padEnd(6, '0'));
};
const seconds = (time: string): number => Date.parse(time) / 1_000;
const newYork = (time: string): number => Date.parse(`${time.replace(' ', 'T')}-05:00`) / 1_000;
const read = (body: string): Row => JSON.parse(body) as Row;

/** One plain client per provider with REST history. */
export const HISTORY_CLIENTS: readonly HistoryClient[] = [
  {
    provider: 'alpaca',
    symbol: 'AAPL',
    path: `/v2/stocks/AAPL/bars?timeframe=1Min&${RANGE}`,
    headers: ALPACA_KEYS,
    isData: (body) => Array.isArray(read(body)['bars']),
    wrongKey: {
      path: `/v2/stocks/AAPL/bars?timeframe=1Min&${RANGE}`,
      headers: { ...ALPACA_KEYS, 'apca-api-key-id': 'bad' },
      refusal: /forbidden/,
    },
    quota: /too many requests/,
    async trades(rig) {
      const trades: HistoryTrade[] = [];
      let [pages, token] = [0, ''];
      do {
        const path = `/v2/stocks/trades?symbols=IBM,AAPL&limit=100&${RANGE}${token === '' ? '' : `&page_token=${token}`}`;
        const page = (await (await rig.get(path, ALPACA_KEYS)).json()) as {
          trades: Record<string, { i: number; t: string; p: number; s: number }[]>;
          next_page_token: string | null;
        };
        for (const { i, t, p, s } of page.trades['AAPL'] ?? [])
          trades.push({ id: String(i), ts: micros(t), price: p, size: s });
        token = page.next_page_token ?? '';
        pages++;
      } while (token !== '');
      return { pages, trades };
    },
    resolutionUs: 1,
    closes: (body) => (read(body)['bars'] as { t: string; c: number }[]).map(({ t, c }) => [seconds(t), c] as const),
  },
  {
    provider: 'polygon',
    symbol: 'AAPL',
    path: '/v2/aggs/ticker/AAPL/range/1/minute/2024-03-05/2024-03-05?apiKey=good',
    isData: (body) => Array.isArray(read(body)['results']),
    wrongKey: {
      path: '/v2/aggs/ticker/AAPL/range/1/minute/2024-03-05/2024-03-05?apiKey=bad',
      refusal: /Unknown API Key/,
    },
    quota: /maximum requests per minute/,
    async trades(rig) {
      const trades: HistoryTrade[] = [];
      let pages = 0;
      let path: string | undefined = '/v3/trades/AAPL?timestamp.gte=2024-03-05&order=asc&limit=100';
      while (path !== undefined) {
        const body: string = await (await rig.get(path, { authorization: 'Bearer good' })).text();
        // Nanoseconds are beyond 2^53: they are read as text.
        const safe = body.replace(/"(sip|participant)_timestamp":(\d+)/g, '"$1_timestamp":"$2"');
        const page = JSON.parse(safe) as {
          results: { id: string; sip_timestamp: string; price: number; size: number }[];
          next_url?: string;
        };
        for (const { id, sip_timestamp, price, size } of page.results) {
          trades.push({ id, ts: Number(BigInt(sip_timestamp) / 1_000n), price, size });
        }
        path = page.next_url?.slice(rig.url.length);
        pages++;
      }
      return { pages, trades };
    },
    resolutionUs: 1,
    closes: (body) => (read(body)['results'] as { t: number; c: number }[]).map(({ t, c }) => [t / 1_000, c] as const),
  },
  {
    provider: 'binance',
    symbol: 'BTCUSDT',
    path: '/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=0',
    isData: (body) => Array.isArray(read(body)),
    quota: /-1003/,
    async trades(rig) {
      const trades: HistoryTrade[] = [];
      let pages = 0;
      for (;;) {
        const path = `/api/v3/aggTrades?symbol=BTCUSDT&limit=100&fromId=${trades.length + 1}`;
        const page = (await (await rig.get(path)).json()) as { a: number; T: number; p: string; q: string }[];
        for (const { a, T, p, q } of page) trades.push({ id: String(a), ts: T, price: Number(p), size: Number(q) });
        pages++;
        if (page.length < 100) return { pages, trades };
      }
    },
    resolutionUs: 1_000,
    closes: (body) =>
      (JSON.parse(body) as [number, string, string, string, string][]).map(
        (row) => [row[0] / 1_000, Number(row[4])] as const,
      ),
  },
  {
    provider: 'finnhub',
    symbol: 'AAPL',
    path: '/api/v1/stock/candle?symbol=AAPL&resolution=1&from=1709596800&to=1709683200&token=good',
    isData: (body) => read(body)['s'] === 'ok',
    wrongKey: { path: '/api/v1/quote?symbol=AAPL&token=bad', refusal: /Invalid API key/ },
    quota: /API limit reached/,
    closes(body) {
      const { t, c } = JSON.parse(body) as { t: number[]; c: number[] };
      return t.map((each, i) => [each, c[i] as number] as const);
    },
  },
  {
    provider: 'twelvedata',
    symbol: 'AAPL',
    path: '/time_series?symbol=AAPL&interval=1min&timezone=UTC&order=asc&outputsize=5000',
    headers: { authorization: 'apikey good' },
    isData: (body) => read(body)['status'] === 'ok',
    wrongKey: {
      path: '/time_series?symbol=AAPL&interval=1min&apikey=bad',
      refusal: /apikey.*"code":401|"code":401.*apikey/,
    },
    quota: /run out of API credits/,
    closes: (body) =>
      (read(body)['values'] as { datetime: string; close: string }[]).map(
        ({ datetime, close }) => [seconds(`${datetime.replace(' ', 'T')}Z`), Number(close)] as const,
      ),
  },
  {
    provider: 'alphavantage',
    symbol: 'AAPL',
    path: '/query?function=TIME_SERIES_INTRADAY&symbol=AAPL&interval=1min&outputsize=full&apikey=good',
    isData: (body) => body.includes('Time Series (1min)'),
    wrongKey: { path: '/query?function=GLOBAL_QUOTE&symbol=AAPL&apikey=bad', refusal: /apikey is invalid or missing/ },
    quota: /25 requests per day/,
    closes: (body) =>
      Object.entries(read(body)['Time Series (1min)'] as Record<string, Record<string, string>>)
        .map(([time, row]) => [newYork(time), Number(row['4. close'])] as const)
        .reverse(),
    decimals: 4,
  },
  {
    provider: 'yahoo',
    symbol: 'AAPL',
    path: '/v8/finance/chart/AAPL?interval=1m&period1=1709596800&period2=1709683200',
    isData: (body) => body.startsWith('{"chart":{"result":[{'),
    quota: /Too Many Requests/,
    closes(body) {
      const { chart } = JSON.parse(body) as {
        chart: { result: { timestamp: number[]; indicators: { quote: { close: number[] }[] } }[] };
      };
      const [result] = chart.result;
      return (result?.timestamp ?? []).map((t, i) => [t, result?.indicators.quote[0]?.close[i] as number] as const);
    },
  },
  {
    provider: 'coingecko',
    symbol: 'BTCUSDT',
    path: '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd&include_last_updated_at=true',
    isData: (body) => body.startsWith('{"bitcoin"'),
    wrongKey: { path: '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd&x_cg_demo_api_key=bad', refusal: /10002/ },
    quota: /exceeded the Rate Limit/,
  },
  {
    provider: 'fred',
    symbol: 'AAPL',
    path: '/fred/series/observations?series_id=AAPL&file_type=json&realtime_end=9999-12-31&api_key=good',
    isData: (body) => body.includes('"observations"'),
    wrongKey: {
      path: '/fred/series/observations?series_id=AAPL&file_type=json&api_key=bad',
      refusal: /Bad Request\. {2}.*api_key is not registered/,
    },
    quota: /Exceeded Rate Limit/,
  },
];
