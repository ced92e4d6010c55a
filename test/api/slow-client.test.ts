import { afterEach, describe, expect, test } from 'vitest';
import { Backlog } from '../../src/api/feed/backlog.ts';
import { API_LIMITS, type ApiLimits, type ApiServer } from '../../src/api/index.ts';
import { Market, serve } from './market.ts';
import { TestSocket } from './test-socket.ts';

let server: ApiServer;
const market = new Market();

async function start(limits: Partial<ApiLimits>): Promise<number> {
  server = serve(market, { limits: { formingMs: 1e6, statsMs: 1e6, ...limits } });
  return (await server.listen()).port;
}

afterEach(async () => {
  await server.close();
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Publishes trades in bursts; returns how many. */
async function flood(bursts: number, perBurst: number, symbol = 'AAPL'): Promise<number> {
  for (let i = 0; i < bursts; i++) {
    for (let j = 0; j < perBurst; j++) market.trade(server, symbol, i * perBurst + j);
    await turn();
  }
  return bursts * perBurst;
}

function stopReading(client: TestSocket): void {
  client.ws.pause();
}

describe('a client that does not read', () => {
  test('is cut with 1013 and a reason when trades pile up; the others get every trade', async () => {
    const port = await start({ closeGraceMs: 5_000 });
    const fast = await Promise.all(Array.from({ length: 6 }, () => TestSocket.open(port)));
    const slow = await Promise.all(Array.from({ length: 3 }, () => TestSocket.open(port)));
    for (const client of [...fast, ...slow]) {
      client.send({ action: 'subscribe', channels: ['trades'] });
      await client.settle();
    }
    slow.forEach(stopReading);
    const perClient = API_LIMITS.clientBacklogBytes + API_LIMITS.socketAheadBytes;
    let most = 0;
    let count = 0;
    while (server.hub.clientCounters.cut < slow.length && count < 400_000) {
      count += await flood(20, 200);
      most = Math.max(most, server.sockets.waitingBytes);
    }
    expect(server.hub.clientCounters.cut).toBe(slow.length);
    // One flush may be handed over before the bound is looked at.
    expect(most).toBeLessThan((slow.length + fast.length) * (perClient + API_LIMITS.flushEvents * 200));
    for (const client of fast)
      await client.until(({ price }) => price === 3_999 && client.of('trade').length === count, 15_000);
    for (const client of fast) expect(client.closed).toBeUndefined();
    for (const client of slow) {
      client.ws.resume();
      const { code, reason } = await client.untilClosed(10_000);
      expect(code).toBe(1013);
      expect(reason).toContain('too slow');
      // What it did get is the beginning of the flow, without a hole.
      const ids = client.of('trade').map(({ id }) => id as number);
      expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => (ids[0] as number) + i));
    }
    for (const client of fast) await client.close();
  }, 20_000);

  test('of features gets the newest per key when it reads again, in order, and the replaced ones are counted', async () => {
    const port = await start({ stalledMs: 60_000, socketAheadBytes: 1 });
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['features', 'bars'] });
    await client.settle();
    stopReading(client);
    const bars = ['AAPL', 'MSFT'].map((symbol) => market.closeBar(server, symbol, '1s', market.nowUs, 1));
    let rounds = 0;
    while (server.hub.clientCounters.conflated < 1_000 && rounds < 200_000) {
      for (let i = 0; i < 500; i++, rounds++)
        for (const bar of bars) market.featuresOf(server, bar, [rounds, Number.NaN]);
      await turn();
    }
    market.closeBar(server, 'AAPL', '1s', market.nowUs + 1_000_000, 2);
    for (const bar of bars) market.featuresOf(server, bar, [1e9, 0]);
    await turn();
    expect(server.hub.clientCounters.cut).toBe(0);
    client.ws.resume();
    await client.until(
      ({ symbol, values }) => symbol === 'MSFT' && (values as { sma_2?: number } | undefined)?.sma_2 === 1e9,
      15_000,
    );
    const ids = client.events.filter(({ id }) => id !== undefined).map(({ id }) => id as number);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(client.of('features').length).toBeLessThan(rounds * 2);
    expect(client.of('bar')).toHaveLength(3);
    await client.close();
  }, 20_000);

  test('is cut when it makes no progress, however little waits for it', async () => {
    const port = await start({ stalledMs: 1_000, closeGraceMs: 500 });
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', channels: ['trades'] });
    await client.settle();
    stopReading(client);
    while (server.sockets.waitingBytes === 0) await flood(1, 2_000);
    const deadline = Date.now() + 8_000;
    while (server.sockets.clientCount > 0 && Date.now() < deadline) await turn();
    expect(server.sockets.clientCount).toBe(0);
    expect(server.hub.clientCounters.cut).toBe(1);
    await client.close();
  }, 20_000);
});

describe('the backlog', () => {
  const frame = (text: string): Buffer => Buffer.from(text);

  test('keeps order, replaces by key, gives up the oldest conflatable first, and never what may not be lost', () => {
    const backlog = new Backlog(10);
    expect(backlog.add('a', frame('a1'))).toBe('kept');
    expect(backlog.add(1, frame('t1'))).toBe('kept');
    expect(backlog.add('b', frame('b1'))).toBe('kept');
    expect(backlog.add('a', frame('a2'))).toBe('kept');
    expect(backlog.conflated).toBe(1);
    expect(backlog.add(2, frame('t2t2'))).toBe('kept');
    expect(backlog.bytes).toBe(10);
    expect(backlog.add(3, frame('t3'))).toBe('kept');
    expect(backlog.dropped).toBe(1);
    expect(backlog.add(4, frame('t4'))).toBe('kept');
    expect(backlog.dropped).toBe(2);
    expect(backlog.take(3).toString()).toBe('t1');
    expect(backlog.take(100).toString()).toBe('t2t2t3t4');
    expect(backlog.isEmpty).toBe(true);
    expect(backlog.add(5, frame('12345678901'))).toBe('full');
  });
});
