import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../src/api/index.ts';
import { Market, serve } from './market.ts';
import { TestSocket } from './test-socket.ts';

const SECOND = 1_000_000;
const market = new Market();
let server: ApiServer;
let port: number;
let socketPort: number | undefined;

beforeAll(async () => {
  // A free port is found by asking for one: the second server takes the port that the first has just given back.
  const probe = serve(new Market());
  const free = (await probe.listen()).port;
  await probe.close();
  server = serve(market, { socketPort: free });
  ({ port, socketPort } = await server.listen());
});

afterAll(async () => {
  await server.close();
});

describe('subscriptions', () => {
  test('each channel delivers its events with id, type, timestamp and symbol', async () => {
    const client = await TestSocket.open(port);
    const hello = await client.until(({ type }) => type === 'hello');
    expect(hello.last_id).toBe(server.hub.headId);
    client.send({ action: 'subscribe', channels: ['bars', 'trades', 'features', 'stats', 'gaps', 'alerts'] });
    await client.until(({ type }) => type === 'subscribed');
    market.trade(server, 'AAPL', 101.5, 7);
    const bar = market.closeBar(server, 'AAPL', '1m', market.nowUs, 101.5);
    market.featuresOf(server, bar, [1.25, Number.NaN]);
    market.closeBar(server, 'AAPL', '1m', market.nowUs, 102, 1);
    market.gap(server, 'MSFT', market.nowUs, market.nowUs + SECOND);
    market.status(server, 'disconnected', 'cut');
    const stats = await client.until(({ type }) => type === 'stats');
    expect(stats).toMatchObject({ mode: 'demo', digest: 'abcdef0123456789' });
    expect(client.of('trade')).toMatchObject([{ symbol: 'AAPL', price: 101.5, size: 7, source: 'demo' }]);
    expect(client.of('bar')).toMatchObject([
      { symbol: 'AAPL', timeframe: '1m', close: 101.5, final: true, revision: 0, trade_count: 3 },
      { symbol: 'AAPL', timeframe: '1m', close: 102, final: true, revision: 1 },
    ]);
    expect(client.of('features')).toMatchObject([
      { symbol: 'AAPL', timeframe: '1m', values: { sma_2: 1.25, rsi_14: null } },
    ]);
    expect(client.of('gap')).toMatchObject([{ symbol: 'MSFT', state: 'missing', reason: 'disconnect' }]);
    expect(client.of('alert')).toMatchObject([{ level: 'HIGH', message: 'demo disconnected: cut' }]);
    const events = client.events.filter(({ id }) => id !== undefined);
    for (const event of events) expect(event.timestamp).toMatch(/^\d{4}-.*Z$/);
    expect(events.map(({ id }) => id)).toEqual([...events.map(({ id }) => id as number)].sort((a, b) => a - b));
    await client.close();
  });

  test('symbols and timeframes narrow what comes; overlapping subscriptions deliver once', async () => {
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['bars'], symbols: ['aapl', 'BTC/USD'], timeframes: ['60s'] });
    client.send({ action: 'subscribe', channels: ['bars'], timeframes: ['1m'], symbols: ['AAPL'] });
    await client.settle();
    for (const symbol of ['AAPL', 'MSFT', 'BTCUSD']) {
      for (const timeframe of ['1s', '1m']) market.closeBar(server, symbol, timeframe, market.nowUs, 50);
    }
    market.trade(server, 'AAPL', 1);
    await client.until(({ symbol }) => symbol === 'BTCUSD');
    await client.settle();
    expect(client.of('bar').map(({ symbol, timeframe }) => `${symbol} ${timeframe}`)).toEqual(['AAPL 1m', 'BTCUSD 1m']);
    expect(client.of('trade')).toEqual([]);
    await client.close();
  });

  test('unsubscribing takes one subscription, some symbols, or a channel', async () => {
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['trades'], symbols: ['AAPL', 'MSFT'] });
    client.send({ action: 'subscribe', channels: ['trades'], symbols: ['BTCUSD'] });
    client.send({ action: 'unsubscribe', channels: ['trades'], symbols: ['MSFT'] });
    await client.settle();
    for (const symbol of ['AAPL', 'MSFT', 'BTCUSD']) market.trade(server, symbol, 1);
    await client.until(({ symbol }) => symbol === 'BTCUSD');
    expect(client.of('trade').map(({ symbol }) => symbol)).toEqual(['AAPL', 'BTCUSD']);
    client.send({ action: 'unsubscribe', channels: ['trades'] });
    client.send({ action: 'unsubscribe', channels: ['trades'] });
    await client.settle();
    market.trade(server, 'AAPL', 2);
    await client.settle();
    expect(client.of('trade')).toHaveLength(2);
    expect(client.of('error')).toMatchObject([{ code: 'not_subscribed' }]);
    await client.close();
  });

  test('forming bars come on their cadence, only when they changed', async () => {
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['bars'], symbols: ['EURUSD'], timeframes: ['1m'] });
    await client.settle();
    market.setForming('EURUSD', '1m', market.nowUs, 1.1, 1);
    market.trade(server, 'EURUSD', 1.1);
    await client.until(({ type }) => type === 'bar');
    for (let i = 2; i <= 50; i++) {
      market.setForming('EURUSD', '1m', market.nowUs, 1.1 + i, i);
      market.trade(server, 'EURUSD', 1.1 + i);
    }
    await client.until(({ trade_count }) => trade_count === 50);
    market.trade(server, 'EURUSD', 1.1);
    await client.until(() => true);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const bars = client.of('bar');
    expect(bars.length).toBeLessThanOrEqual(3);
    expect(bars.every(({ final, vwap }) => final === false && vwap === null)).toBe(true);
    await client.close();
  });

  test('the second port serves the same socket and nothing else', async () => {
    const client = await TestSocket.open(socketPort as number);
    client.send({ action: 'subscribe', channels: ['trades'] });
    await client.settle();
    market.trade(server, 'AAPL', 77);
    await client.until(({ price }) => price === 77);
    await client.close();
    const plain = await fetch(`http://127.0.0.1:${socketPort}/api/v1/run`);
    expect(plain.status).toBe(426);
    const foreign = await fetch(`http://127.0.0.1:${socketPort}/`, { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
  });

  test.each([
    ['{"action":"subscribe","channels":["sygnals"]}', 'unknown_channel', '/channels'],
    ['{"action":"subscribe","channels":["__proto__"]}', 'unknown_channel', '/channels'],
    ['{"action":"subscribe","channels":[]}', 'no_channels', '/channels'],
    ['{"action":"subscribe"}', 'no_channels', '/channels'],
    ['{"action":"subscribe","channels":"bars"}', 'bad_member', '/channels'],
    ['{"action":"subscribe","channels":["bars"],"symbols":["NOPE"]}', 'unknown_symbol', '/symbols/0'],
    ['{"action":"subscribe","channels":["bars"],"symbols":["a b"]}', 'bad_symbol', '/symbols/0'],
    ['{"action":"subscribe","channels":["bars"],"symbols":[]}', 'no_symbols', '/symbols'],
    ['{"action":"subscribe","channels":["bars"],"timeframes":["7m"]}', 'unknown_timeframe', '/timeframes/0'],
    ['{"action":"subscribe","channels":["bars"],"timeframes":["x"]}', 'bad_timeframe', '/timeframes/0'],
    ['{"action":"subscribe","channels":["bars"],"since":-1}', 'bad_since', '/since'],
    ['{"action":"subscribe","channels":["bars"],"since":1.5}', 'bad_since', '/since'],
    ['{"action":"subscribe","channels":["bars"],"token":"x"}', 'unknown_member', '/token'],
    ['{"action":"hack"}', 'bad_action', '/action'],
    ['{"action":"toString"}', 'bad_action', '/action'],
    ['[]', 'bad_message', undefined],
    ['{', 'bad_json', undefined],
    ['{"__proto__":{"admin":true}}', 'bad_json', undefined],
  ])('a wrong message is answered: %s', async (text, code, pointer) => {
    const client = await TestSocket.open(port);
    client.send(text);
    const error = await client.until(({ type }) => type === 'error');
    expect(error.code).toBe(code);
    expect(error.pointer).toBe(pointer);
    await client.settle();
    await client.close();
  });
});

describe('since', () => {
  test('replays what was missed, then goes on live', async () => {
    const first = server.hub.headId;
    for (let i = 0; i < 500; i++) market.trade(server, i % 2 === 0 ? 'AAPL' : 'MSFT', i);
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['trades'], symbols: ['AAPL'], since: first });
    client.send({ action: 'subscribe', channels: ['trades'], symbols: ['MSFT'], since: String(first) });
    await client.until(({ price }) => price === 499);
    market.trade(server, 'AAPL', 500);
    await client.until(({ price }) => price === 500);
    expect(client.of('trade').map(({ price }) => price)).toEqual(Array.from({ length: 501 }, (_, i) => i));
    await client.close();
  });

  test('an id that the log no longer reaches, or never gave out, means resync, then live', async () => {
    const small = serve(market, { eventLog: 10 });
    const address = await small.listen();
    for (let i = 0; i < 30; i++) market.trade(small, 'AAPL', i);
    for (const since of [1, small.hub.headId + 1_000]) {
      const client = await TestSocket.open(address.port);
      client.send({ action: 'subscribe', channels: ['trades'], since });
      const resync = await client.until(({ type }) => type === 'resync');
      expect(resync).toMatchObject({ since, last_id: small.hub.headId, oldest_id: small.hub.headId - 9 });
      await client.settle();
      market.trade(small, 'AAPL', 1_000 + since);
      await client.until(({ price }) => price === 1_000 + since);
      expect(client.of('trade')).toHaveLength(1);
      await client.close();
    }
    await small.close();
  });

  test('who joins while events wait for the next write gets what is after its subscription, and only that', async () => {
    const lazy = serve(market, { limits: { flushMs: 300, restPerFlush: 1e9 } });
    const address = await lazy.listen();
    const steady = await TestSocket.open(address.port);
    steady.send({ action: 'subscribe', channels: ['trades'] });
    await steady.settle();
    for (let i = 0; i < 3; i++) market.trade(lazy, 'AAPL', i);
    await steady.until(({ price }) => price === 2);
    for (let i = 3; i < 6; i++) market.trade(lazy, 'AAPL', i);
    const [late, resuming] = [await TestSocket.open(address.port), await TestSocket.open(address.port)];
    late.send({ action: 'subscribe', channels: ['trades'] });
    resuming.send({ action: 'subscribe', channels: ['trades'], since: lazy.hub.headId });
    await late.settle();
    await resuming.settle();
    for (let i = 6; i < 9; i++) market.trade(lazy, 'AAPL', i);
    for (const client of [steady, late, resuming]) await client.until(({ price }) => price === 8);
    const prices = (client: TestSocket): unknown[] => client.of('trade').map(({ price }) => price);
    expect(prices(steady)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(prices(late)).toEqual([6, 7, 8]);
    expect(prices(resuming)).toEqual([6, 7, 8]);
    for (const client of [steady, late, resuming]) await client.close();
    await lazy.close();
  });

  test('the replay budget of an address has an end', async () => {
    const mean = serve(market, { limits: { replayBurst: 1_000, replayPerSecond: 1 } });
    const address = await mean.listen();
    for (let i = 0; i < 400; i++) market.trade(mean, 'AAPL', i);
    const client = await TestSocket.open(address.port);
    for (let i = 0; i < 3; i++) {
      client.send({ action: 'subscribe', channels: ['trades'], since: 1_000 });
      await client.settle();
      client.send({ action: 'unsubscribe', channels: ['trades'] });
      await client.settle();
    }
    const resync = await client.until(({ type }) => type === 'resync');
    expect(resync.message).toContain('budget');
    await client.close();
    await mean.close();
  });

  test('a server that stops says so', async () => {
    const ending = serve(market);
    const client = await TestSocket.open((await ending.listen()).port);
    await ending.close();
    expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'the server is stopping' });
  });
});
