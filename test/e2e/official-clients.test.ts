import { streaming } from '@alpacahq/alpaca-trade-api';
import { Spot, WebsocketStream } from '@binance/connector';
import { Coingecko } from '@coingecko/coingecko-typescript';
import { CreateConfig, MarketDataApi, type PriceEvent, TwelvedataWebSocketClient } from '@twelvedata/twelvedata-node';
import { describe, expect, test } from 'vitest';
import { SimulatorRig } from '../support/simulator-rig.ts';

/** Resolves when `list` has `count` entries. */
async function filled(list: readonly unknown[], count: number): Promise<void> {
  while (list.length < count) await new Promise((done) => setTimeout(done, 10));
}

const of = (rig: SimulatorRig, symbol: string) => rig.trades.filter((trade) => trade.symbol === symbol);

describe('official clients receive what the simulators play', () => {
  test('@alpacahq/alpaca-trade-api (msgpack): authenticates, subscribes, receives; a wrong key is terminal', async () => {
    await using rig = await SimulatorRig.start('alpaca', [], { key: 'k', secret: 's' });
    const url = `${rig.url.replace('http', 'ws')}/v2/iex`;
    const stream = new streaming.StockDataStream({ url, credentials: { keyId: 'k', secret: 's' } });
    const trades: { readonly price?: number; readonly size?: number }[] = [];
    stream.onTrade((trade) => trades.push(trade));
    stream.onConnect(() => stream.subscribeForTrades(['AAPL']));
    stream.connect();
    const expected = of(rig, 'AAPL');
    await filled(trades, expected.length);
    expect(trades.map(({ price, size }) => ({ price, size }))).toEqual(
      expected.map(({ price, size }) => ({ price, size })),
    );
    stream.disconnect();
    const errors: string[] = [];
    const refused = new streaming.StockDataStream({
      url,
      credentials: { keyId: 'wrong', secret: 's' },
      reconnect: false,
    });
    refused.onError((error) => errors.push(error));
    refused.connect();
    await filled(errors, 1);
    expect(String(errors[0])).toMatch(/auth/i);
    refused.disconnect();
  });

  test('@binance/connector: combined stream, aggTrades and klines', async () => {
    await using rig = await SimulatorRig.start('binance');
    const frames: { data: { t: number; p: string; q: string } }[] = [];
    const callbacks = { message: (text: Buffer) => frames.push(JSON.parse(text.toString('utf8'))) };
    const wsURL = rig.url.replace('http', 'ws');
    const stream = new WebsocketStream({ wsURL, combinedStreams: true, callbacks, logger: silent });
    stream.subscribe('btcusdt@trade');
    const expected = of(rig, 'BTCUSDT');
    await filled(frames, expected.length);
    expect(frames.map(({ data }) => [data.t, Number(data.p), Number(data.q)])).toEqual(
      expected.map(({ id, price, size }) => [Number(id), price, size]),
    );
    const spot = new Spot('', '', { baseURL: rig.url, logger: silent });
    const { data: page } = await spot.aggTrades('BTCUSDT', { fromId: 11, limit: 20 });
    expect(page.map(({ a, p }) => [a, Number(p)])).toEqual(
      expected.slice(10, 30).map(({ id, price }) => [Number(id), price]),
    );
    expect((await spot.klines('BTCUSDT', '1m', { limit: 5 })).data.length).toBeGreaterThan(1);
    await expect(spot.klines('NOPEUSDT', '1m', {})).rejects.toMatchObject({ response: { data: { code: -1121 } } });
    stream.disconnect();
  });

  test('@twelvedata/twelvedata-node: prices by WebSocket, time series by REST, its own error for a wrong key', async () => {
    await using rig = await SimulatorRig.start('twelvedata', [], { key: 'k' });
    const url = `${rig.url.replace('http', 'ws')}/v1/quotes/price`;
    const client = new TwelvedataWebSocketClient({ apiKey: 'k', url });
    const prices: PriceEvent[] = [];
    client.on('price', (event: PriceEvent) => prices.push(event));
    await client.connect();
    client.subscribe('AAPL');
    const expected = of(rig, 'AAPL');
    await filled(prices, expected.length);
    expect(prices.map(({ price }) => price)).toEqual(expected.map(({ price }) => price));
    await client.disconnect();
    const api = new MarketDataApi(CreateConfig('k', rig.url));
    const series = await api.getTimeSeries({ symbol: 'AAPL', interval: '1min', order: 'asc' });
    expect(Number(series.values?.at(-1)?.close)).toBe(expected.at(-1)?.price);
    const refused = new TwelvedataWebSocketClient({ apiKey: 'wrong', url });
    const errors: Error[] = [];
    refused.on('error', (error: Error) => errors.push(error));
    await expect(refused.connect()).rejects.toThrow(/apikey/);
    expect(errors[0]?.name).toBe('WebSocketAuthError');
    const badApi = new MarketDataApi(CreateConfig('wrong', rig.url));
    await expect(badApi.getTimeSeries({ symbol: 'AAPL', interval: '1min' })).rejects.toThrow(/apikey/);
  });

  test('@coingecko/coingecko-typescript: price and chart; a spent quota is its rate limit error', async () => {
    await using rig = await SimulatorRig.start('coingecko');
    const client = new Coingecko({ baseURL: rig.url, demoAPIKey: 'k', maxRetries: 0 });
    const price = await client.simple.price.get({ ids: 'bitcoin', vs_currencies: 'usd' });
    expect(price['bitcoin']?.usd).toBe(of(rig, 'BTCUSDT').at(-1)?.price);
    const chart = await client.coins.marketChart.get('bitcoin', { vs_currency: 'usd', days: '1' });
    expect(chart.prices?.length).toBeGreaterThan(0);
    await using limited = await SimulatorRig.start('coingecko', ['429=1e']);
    const refused = new Coingecko({ baseURL: limited.url, demoAPIKey: 'k', maxRetries: 0 });
    await expect(refused.simple.price.get({ ids: 'bitcoin', vs_currencies: 'usd' })).rejects.toThrow(/429/);
  });

  // The client brings packages with install scripts, which the lock file may not have: it lies in a folder of its own.
  const polygonClient = process.env['TICKLOOM_TEST_POLYGON_CLIENT'] ?? '';
  test.skipIf(polygonClient === '')(
    '@polygon.io/client-js (in TICKLOOM_TEST_POLYGON_CLIENT): socket, trades and aggregates; wrong keys get its own errors',
    async () => {
      await using rig = await SimulatorRig.start('polygon', [], { key: 'k' });
      const { restClient, websocketClient } = (await import(polygonClient)) as PolygonClient;
      const base = rig.url.replace('http', 'ws');
      const frames: Readonly<Record<string, unknown>>[] = [];
      const socket = websocketClient('k', base).stocks();
      socket.onmessage = ({ data }) => {
        for (const message of JSON.parse(data) as Readonly<Record<string, unknown>>[]) {
          frames.push(message);
          if (message['status'] === 'auth_success') socket.send('{"action":"subscribe","params":"T.AAPL"}');
        }
      };
      const expected = of(rig, 'AAPL');
      const trades = () => frames.filter(({ ev }) => ev === 'T');
      await expect.poll(() => trades().length, { timeout: 20_000 }).toBe(expected.length);
      expect(trades().map(({ p, s }) => [p, s])).toEqual(expected.map(({ price, size }) => [price, size]));
      socket.close();
      const rest = restClient('k', rig.url);
      const bars = await rest.getStocksAggregates('AAPL', 1, 'minute', '2024-03-05', '2024-03-05');
      expect(bars.results?.at(-1)?.c).toBe(expected.at(-1)?.price);
      const refused = websocketClient('wrong', base).stocks();
      const words: string[] = [];
      refused.onmessage = ({ data }) => words.push(data);
      await expect.poll(() => words.join(''), { timeout: 20_000 }).toContain('auth_failed');
      await expect(
        restClient('wrong', rig.url).getStocksAggregates('AAPL', 1, 'minute', '2024-03-05', '2024-03-05'),
      ).rejects.toMatchObject({ response: { status: 401, data: { error: 'Unknown API Key' } } });
    },
  );
});

/** What is used of the client, which may not be there. */
interface PolygonClient {
  restClient(
    key: string,
    base: string,
  ): {
    getStocksAggregates(
      ticker: string,
      multiplier: number,
      timespan: string,
      from: string,
      to: string,
    ): Promise<{ readonly results?: readonly { readonly c: number }[] }>;
  };
  websocketClient(
    key: string,
    base: string,
  ): {
    stocks(): { onmessage: (event: { readonly data: string }) => void; send(text: string): void; close(): void };
  };
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
