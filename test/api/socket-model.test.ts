import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer, Channel } from '../../src/api/index.ts';
import { Market, serve, TIMEFRAMES } from './market.ts';
import { type Received, TestSocket } from './test-socket.ts';

const SYMBOLS = ['AAPL', 'MSFT', 'BTCUSD'] as const;
const market = new Market([...SYMBOLS]);
let server: ApiServer;
let port: number;

beforeAll(async () => {
  server = serve(market, {
    eventLog: 1_000_000,
    limits: {
      requestBurst: 1e9,
      messageBurst: 1e9,
      replayBurst: 1e12,
      replayChunkEvents: 7,
      flushMs: 1,
      restPerFlush: 1e9,
      formingMs: 1e6,
      statsMs: 1e6,
    },
  });
  ({ port } = await server.listen());
});

afterAll(async () => {
  await server.close();
});

interface Filter {
  readonly channels: readonly Channel[];
  readonly symbols?: readonly string[];
  readonly timeframes?: readonly string[];
}

const filter: fc.Arbitrary<Filter> = fc.record(
  {
    channels: fc.uniqueArray(fc.constantFrom<Channel>('trades', 'bars'), { minLength: 1, maxLength: 2 }),
    symbols: fc.uniqueArray(fc.constantFrom(...SYMBOLS), { minLength: 1, maxLength: 2 }),
    timeframes: fc.uniqueArray(fc.constantFrom(...TIMEFRAMES), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['channels'] },
);

type Command =
  | { readonly kind: 'publish'; readonly count: number; readonly symbol: string }
  | { readonly kind: 'subscribe'; readonly filter: Filter; readonly back: number | undefined }
  | { readonly kind: 'unsubscribe'; readonly index: number }
  | { readonly kind: 'garbage'; readonly text: string }
  | { readonly kind: 'settle' };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      count: fc.integer({ min: 1, max: 40 }),
      symbol: fc.constantFrom(...SYMBOLS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      filter,
      back: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), index: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage' as const), text: fc.string({ maxLength: 10 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
);

/** Every event that was published, as the model sees it. */
interface Published {
  readonly id: number;
  readonly channel: Channel;
  readonly symbol: string;
  readonly timeframe: string | undefined;
}

const published: Published[] = [];

function publish(symbol: string, count: number): void {
  for (let i = 0; i < count; i++) {
    market.trade(server, symbol, i + 1);
    published.push({ id: server.hub.headId, channel: 'trades', symbol, timeframe: undefined });
    if (i % 5 !== 0) continue;
    const timeframe = TIMEFRAMES[i % TIMEFRAMES.length] as string;
    market.closeBar(server, symbol, timeframe, market.nowUs, i);
    published.push({ id: server.hub.headId, channel: 'bars', symbol, timeframe });
  }
}

function wants(held: Filter, event: Published): boolean {
  if (!held.channels.includes(event.channel)) return false;
  if (held.symbols !== undefined && !held.symbols.includes(event.symbol)) return false;
  return held.timeframes === undefined || event.timeframe === undefined || held.timeframes.includes(event.timeframe);
}

const key = (one: Filter): string =>
  `${one.channels.join()} ${[...(one.symbols ?? ['*'])].sort().join()} ${[...(one.timeframes ?? ['*'])].sort().join()}`;
const idsOf = (events: readonly Received[]): number[] =>
  events.filter(({ id }) => id !== undefined).map(({ id }) => id as number);

describe('the socket against a model', () => {
  test('any order of commands: exactly the asked-for events, each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const client = await TestSocket.open(port);
        // The model: which subscriptions are held (one channel each), and the ids that were owed at some time.
        const held = new Map<string, Filter & { fromId: number }>();
        const owed = new Set<number>();
        const owe = (): void => {
          const head = server.hub.headId;
          for (const event of published) {
            if (event.id > head) break;
            for (const one of held.values()) if (event.id > one.fromId && wants(one, event)) owed.add(event.id);
          }
        };
        for (const step of commands) {
          if (step.kind === 'publish') publish(step.symbol, step.count);
          else if (step.kind === 'garbage') client.send(`?${step.text}`);
          else if (step.kind === 'settle') await client.settle();
          else if (step.kind === 'subscribe') {
            // What the client asks takes effect when the server reads it: nothing is published in between.
            const since = step.back === undefined ? undefined : Math.max(1_000, server.hub.headId - step.back);
            client.send({ action: 'subscribe', ...step.filter, ...(since === undefined ? {} : { since }) });
            await client.settle();
            for (const channel of step.filter.channels) {
              const one = { ...step.filter, channels: [channel] };
              const fromId = since ?? server.hub.headId;
              const before = held.get(key(one));
              held.set(key(one), { ...one, fromId: Math.min(fromId, before?.fromId ?? fromId) });
            }
          } else {
            const victim = [...held.entries()][step.index % Math.max(1, held.size)];
            if (victim === undefined) continue;
            await drain(client);
            owe();
            const { fromId: _fromId, ...request } = victim[1];
            client.send({ action: 'unsubscribe', ...request });
            await client.settle();
            held.delete(victim[0]);
          }
          owe();
        }
        await drain(client);
        const got = idsOf(client.events);
        const unsubscribes = commands.filter(({ kind }) => kind === 'unsubscribe').length;
        // Asking again for the past after giving a subscription up is the one way to be told twice.
        if (unsubscribes === 0) expect(new Set(got).size).toBe(got.length);
        expect([...new Set(got)].sort((a, b) => a - b)).toEqual([...owed].sort((a, b) => a - b));
        await client.close();
      }),
      { numRuns: 60, seed: 11 },
    );
  }, 20_000);

  test('disconnects at random moments: `since` makes one whole sequence of the pieces', async () => {
    let reconnects = 0;
    // A client in the same audience all along: joining and leaving beside it costs it nothing and gives it nothing twice.
    const steady = await TestSocket.open(port);
    steady.send({ action: 'subscribe', channels: ['trades'] });
    steady.send({ action: 'subscribe', channels: ['bars'] });
    await steady.settle();
    const steadyAt = published.length;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 6 }), fc.boolean()), {
          minLength: 3,
          maxLength: 12,
        }),
        async (rounds) => {
          const startId = server.hub.headId;
          const startAt = published.length;
          let lastId = startId;
          const got: number[] = [];
          for (const [count, waitMs, isAbrupt] of rounds) {
            const client = await TestSocket.open(port);
            client.send({ action: 'subscribe', channels: ['trades'], since: lastId });
            client.send({ action: 'subscribe', channels: ['bars'], since: lastId });
            const feeding = feed(count);
            await new Promise((resolve) => setTimeout(resolve, waitMs));
            if (isAbrupt) client.ws.terminate();
            else client.ws.close();
            await client.untilClosed();
            await feeding;
            got.push(...idsOf(client.events));
            lastId = got.at(-1) ?? startId;
            reconnects += 1;
          }
          const last = await TestSocket.open(port);
          last.send({ action: 'subscribe', channels: ['trades', 'bars'], since: lastId });
          await drain(last);
          got.push(...idsOf(last.events));
          await last.close();
          expect(got).toEqual(published.slice(startAt).map(({ id }) => id));
        },
      ),
      { numRuns: 30, seed: 12 },
    );
    expect(reconnects).toBeGreaterThan(150);
    expect(idsOf(steady.events)).toEqual(published.slice(steadyAt).map(({ id }) => id));
    await steady.close();
  }, 20_000);
});

/** Publishes in small steps, so that connections open and end in the middle of the flow. */
async function feed(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    publish(SYMBOLS[i % SYMBOLS.length] as string, 3);
    if (i % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Waits until the server owes the client nothing: the newest event it wants has come, or none will. */
async function drain(client: TestSocket): Promise<void> {
  let before = -1;
  while (client.events.length !== before) {
    before = client.events.length;
    await client.settle();
    await new Promise((resolve) => setTimeout(resolve, 15));
    await client.settle();
    before = before === client.events.length - 2 ? client.events.length : -1;
  }
}
