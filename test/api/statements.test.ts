import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ApiServer, ServerEventSchema, StatementSink } from '../../src/api/index.ts';
import { EventStore, LocalBus } from '../../src/bus/index.ts';
import { systemClock } from '../../src/host/index.ts';
import type { PatternMatch } from '../../src/model/index.ts';
import { numbered, type Statement, statement, tell } from './made-statements.ts';
import { Market, serve, TIMEFRAMES } from './market.ts';
import { type Received, TestSocket } from './test-socket.ts';

const CHANNELS = ['pattern_matches', 'regime_changes', 'signals', 'outcomes', 'alerts'] as const;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isServerEvent = ajv.compile(ServerEventSchema);

const EXAMPLE: PatternMatch = {
  family: 'tolerance',
  patternId: 0,
  direction: 1,
  confidence: 92.5,
  status: 'TRIGGERED',
  fromUs: Date.UTC(2026, 0, 30, 8) * 1_000,
  formedAtUs: Date.UTC(2026, 0, 30, 8, 15) * 1_000,
  points: [],
  levels: undefined,
  id: 1,
  change: 'new',
  replaces: undefined,
  symbol: 0,
  timeframe: 1,
  barStartUs: Date.UTC(2026, 0, 30, 8) * 1_000,
  barRevision: 0,
  knowableAtUs: Date.UTC(2026, 0, 30, 8, 15) * 1_000,
  atUs: Date.UTC(2026, 0, 30, 8, 15) * 1_000,
  regime: {
    volatility: 'medium',
    trend: 'sideways',
    volatilityPct: 2,
    trendZ: 0,
    turbulentProbability: 0.1,
    changePointProbability: 0.1,
  },
  plan: { entry: 106, target: 108.12, stop: 103.7 },
  isExact: true,
  riskReward: 2.5,
  odds: {
    legacyScore: 80,
    probability: 0.875,
    low: 0.8,
    high: 0.9,
    n: 40,
    nEffective: 30,
    successRate: 0.87,
    randomRate: 0.5,
    hasEdge: true,
  },
  quality: 1,
};

/** A run with an event log in a file, which can end and begin again. */
class Run {
  readonly market = new Market(['XOM', 'AAPL', 'MSFT']);
  readonly server: ApiServer;
  readonly bus: LocalBus;
  readonly sink: StatementSink;
  port = 0;

  constructor(path: string, options: { eventLog?: number; maxEvents?: number } = {}) {
    const store = new EventStore({ path, maxEvents: options.maxEvents ?? 100_000 });
    const onFailure = (error: unknown): never => {
      throw error;
    };
    this.bus = new LocalBus({ store, clock: systemClock, origin: 'test', onFailure });
    this.bus.goLive();
    this.server = serve(this.market, {
      bus: this.bus,
      eventLog: options.eventLog ?? 10_000,
      limits: { requestBurst: 1e9, messageBurst: 1e9, replayChunkEvents: 5, statsMs: 1e6, formingMs: 1e6 },
    });
    this.sink = new StatementSink({ bus: this.bus, universe: this.market.universe, timeframes: [...TIMEFRAMES] });
  }

  async listen(): Promise<this> {
    ({ port: this.port } = await this.server.listen());
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async end(): Promise<void> {
    await this.server.close();
    this.bus.close();
  }
}

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-statements-'));
  path = join(folder, 'events.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function json(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

const sample = (count: number, seed: number, firstId = 1): Statement[] =>
  numbered(fc.sample(statement(3, TIMEFRAMES.length), { numRuns: count, seed }), firstId);

const ids = (events: readonly Received[]): number[] => events.flatMap(({ id }) => (id === undefined ? [] : [id]));

describe('messages of the source system', () => {
  test('a pattern match and its alert have its members, in its order, with plain numbers', async () => {
    const run = await new Run(path).listen();
    const client = await TestSocket.open(run.port);
    const texts: string[] = [];
    client.ws.on('message', (data) => texts.push(String(data)));
    client.send({ action: 'subscribe', channels: ['pattern_matches', 'regime_changes', 'alerts'], symbols: ['XOM'] });
    await client.settle();
    run.sink.onPattern(EXAMPLE);
    run.sink.onRegime({
      ...EXAMPLE,
      id: 2,
      from: EXAMPLE.regime,
      to: { ...EXAMPLE.regime, volatility: 'high', trend: 'weak_bull' },
    });
    await client.until(({ type }) => type === 'regime_change');
    const said = texts.filter(
      (text) => /pattern_match|"alert"|regime_change"/.test(text) && !text.includes('channels'),
    );
    expect(said[0]).toMatch(
      '{"type":"pattern_match","timestamp":"2026-01-30T08:15:00Z","symbol":"XOM","pattern_id":0,"confidence":92.5,' +
        '"status":"TRIGGERED","probability":87.5,"entry_signal":"STRONG BUY","entry_price":106,"target_price":108.12,' +
        '"stop_loss":103.7,"risk_reward_ratio":2.5,',
    );
    expect(said[1]).toMatch(
      '{"type":"alert","timestamp":"2026-01-30T08:15:00Z","level":"HIGH","message":"Pattern #0 triggered - STRONG BUY signal",' +
        '"symbol":"XOM","pattern_id":0,"entry_price":106,"target_price":108.12,"probability":87.5,',
    );
    expect(said[2]).toMatch(
      '{"type":"regime_change","timestamp":"2026-01-30T08:15:00Z","symbol":"XOM","from":{"volatility":"medium",' +
        '"trend":"sideways"},"to":{"volatility":"high","trend":"weak_bull"},"current":{"volatility":"high","trend":"weak_bull"',
    );
    await client.close();
    await run.end();
  });

  test('every event of a stretch is what its schema says, and names what it replaces by an id that was sent', async () => {
    const run = await new Run(path).listen();
    const client = await TestSocket.open(run.port);
    client.send({ action: 'subscribe', channels: [...CHANNELS, 'trades', 'bars', 'features', 'gaps', 'predictions'] });
    await client.settle();
    for (const [i, one] of sample(300, 1).entries()) {
      tell(run.sink, one);
      if (i % 10 !== 0) continue;
      run.market.trade(run.server, 'AAPL', 1 + i);
      const bar = run.market.closeBar(run.server, 'AAPL', '1m', run.market.nowUs, i);
      run.market.featuresOf(run.server, bar, [1, Number.NaN]);
      run.market.gap(run.server, 'MSFT', 0, 1_000_000);
      run.market.status(run.server, 'disconnected', 'test');
    }
    await client.until(({ id }) => id === run.server.hub.headId);
    for (const event of client.events) {
      expect(isServerEvent(event), `${JSON.stringify(isServerEvent.errors)} in ${JSON.stringify(event)}`).toBe(true);
    }
    const sent = new Set(ids(client.events));
    const replacing = client.events.filter(({ change }) => change === 'amended' || change === 'withdrawn');
    expect(replacing.length).toBeGreaterThan(20);
    for (const { replaces } of replacing) if (replaces !== null) expect(sent.has(replaces as number)).toBe(true);
    await client.close();
    await run.end();
  });
});

test('statements about a past that nobody waited for are not published', () => {
  const run = new Run(path);
  const heard: number[] = [];
  run.bus.listen(({ atUs }) => heard.push(atUs));
  const hourUs = 3_600_000_000;
  const later = (hours: number) => ({ ...EXAMPLE, id: 10 + hours, atUs: EXAMPLE.knowableAtUs + hours * hourUs });
  run.sink.onPattern({ ...later(2), family: 'candlestick' });
  run.sink.onPattern(later(3));
  expect(heard).toEqual([]);
  run.sink.onPattern(later(1));
  expect(heard.length).toBe(2);
  expect(run.sink.past).toBe(2);
  run.bus.close();
});

describe('since', () => {
  test('what was missed over restarts comes from the disk, then live, without a gap or a double', async () => {
    const said: number[] = [];
    let since = 0;
    let seen: Received[] = [];
    for (let round = 0; round < 4; round++) {
      const run = await new Run(path, { eventLog: 20 }).listen();
      run.bus.listen(({ id }) => said.push(id));
      const statements = sample(60, round, 1 + round * 60);
      for (const one of statements.slice(0, 40)) tell(run.sink, one);
      const client = await TestSocket.open(run.port);
      if (round === 0) since = (said[0] as number) - 1;
      client.send({ action: 'subscribe', channels: [...CHANNELS], since });
      for (const one of statements.slice(40)) tell(run.sink, one);
      await client.until(({ id }) => id === said.at(-1));
      expect(client.of('resync')).toEqual([]);
      seen = [...seen, ...client.events.filter(({ id }) => id !== undefined)];
      since = said[said.length - 15] as number;
      seen = seen.filter(({ id }) => (id as number) <= since);
      await client.close();
      await run.end();
    }
    expect(ids(seen)).toEqual(said.filter((id) => id <= since));
  });

  test('50 random disconnects: the same sequence as one that stayed', async () => {
    const run = await new Run(path, { eventLog: 30 }).listen();
    const stayed = await TestSocket.open(run.port);
    stayed.send({ action: 'subscribe', channels: [...CHANNELS] });
    await stayed.settle();
    let since = run.server.hub.headId;
    const got: Received[] = [];
    const statements = sample(1_000, 7);
    for (let round = 0; round < 50; round++) {
      const client = await TestSocket.open(run.port);
      client.send({ action: 'subscribe', channels: [...CHANNELS], since });
      const part = statements.slice(round * 20, round * 20 + 20);
      for (const one of part.slice(0, (round * 7) % 20)) tell(run.sink, one);
      await client.settle();
      const events = client.events.filter(({ id }) => id !== undefined);
      got.push(...events);
      since = events.at(-1)?.id ?? since;
      await client.close();
      for (const one of part.slice((round * 7) % 20)) tell(run.sink, one);
    }
    const last = await TestSocket.open(run.port);
    last.send({ action: 'subscribe', channels: [...CHANNELS], since });
    await stayed.until(({ id }) => id === run.server.hub.headId);
    if (since < run.server.hub.headId) await last.until(({ id }) => id === run.server.hub.headId);
    got.push(...last.events.filter(({ id }) => id !== undefined));
    expect(got).toEqual(stayed.events.filter(({ id }) => id !== undefined));
    expect(got.length).toBeGreaterThan(1_000);
    await Promise.all([stayed.close(), last.close()]);
    await run.end();
  });

  test('what is no longer kept is said, also when only some of the channels are kept on disk', async () => {
    const run = await new Run(path, { eventLog: 10, maxEvents: 20 }).listen();
    const first = run.server.hub.headId;
    for (const one of sample(200, 3)) tell(run.sink, one);
    run.bus.commit();
    const old = await TestSocket.open(run.port);
    old.send({ action: 'subscribe', channels: ['signals'], since: first });
    expect((await old.until(({ type }) => type === 'resync')).since).toBe(first);
    for (let i = 0; i < 30; i++) run.market.trade(run.server, 'AAPL', 1);
    const since = run.server.hub.headId - 29;
    for (const one of sample(3, 5, 1_000)) tell(run.sink, one);
    const mixed = await TestSocket.open(run.port);
    mixed.send({ action: 'subscribe', channels: ['trades', ...CHANNELS], since });
    await mixed.until(({ type }) => type === 'resync');
    await mixed.until(({ id }) => id === run.server.hub.headId);
    expect(mixed.of('trade')).toEqual([]);
    await Promise.all([old.close(), mixed.close()]);
    await run.end();
  });
});

describe('sockets with a purpose', () => {
  test('/patterns/realtime needs no channels; /ml/realtime/signals sends signals unasked', async () => {
    const run = await new Run(path).listen();
    const patterns = await TestSocket.open(run.port, '/patterns/realtime');
    const signals = await TestSocket.open(run.port, '/ml/realtime/signals');
    patterns.send({ action: 'subscribe', symbols: ['AAPL'] });
    patterns.send({ action: 'subscribe', channels: ['bars'] });
    expect((await patterns.until(({ type }) => type === 'error')).code).toBe('unknown_channel');
    await signals.settle();
    for (const one of sample(200, 11)) tell(run.sink, one);
    await patterns.settle();
    await signals.settle();
    const matches = patterns.of('pattern_match');
    expect(matches.length).toBeGreaterThan(5);
    expect(new Set(matches.map(({ symbol }) => symbol))).toEqual(new Set(['AAPL']));
    expect(signals.of('signal').length).toBeGreaterThan(20);
    expect(signals.of('pattern_match')).toEqual([]);
    await Promise.all([patterns.close(), signals.close()]);
    await run.end();
  });
});

describe('many and rude clients', () => {
  test('10,000 subscriptions, an unknown channel, a binary and an oversized frame: the others get every event', async () => {
    const run = await new Run(path).listen();
    const good = await TestSocket.open(run.port);
    good.send({ action: 'subscribe', channels: [...CHANNELS] });
    await good.settle();
    const filters = ['bars', 'signals', 'alerts', 'pattern_matches'].flatMap((channel) =>
      [
        ['XOM'],
        ['AAPL'],
        ['MSFT'],
        ['XOM', 'AAPL'],
        ['XOM', 'MSFT'],
        ['AAPL', 'MSFT'],
        ['XOM', 'AAPL', 'MSFT'],
      ].flatMap((symbols) =>
        [['1s'], ['1m'], ['1d'], ['1s', '1m'], ['1s', '1d'], ['1m', '1d'], ['1s', '1m', '1d']].map((timeframes) => ({
          action: 'subscribe',
          channels: [channel],
          symbols,
          timeframes,
        })),
      ),
    );
    const many = await Promise.all(Array.from({ length: 52 }, () => TestSocket.open(run.port)));
    for (const client of many) for (const filter of filters) client.send(filter);
    for (const client of many) await client.settle();
    const held = many.reduce((sum, client) => sum + client.of('subscribed').length, 0);
    expect(held).toBe(52 * 196);
    const rude = await TestSocket.open(run.port);
    rude.send({ action: 'subscribe', channels: ['gossip'] });
    expect((await rude.until(({ type }) => type === 'error')).code).toBe('unknown_channel');
    rude.ws.send(Buffer.from([1, 2, 3]));
    await rude.until(({ code }) => code === 'binary');
    rude.send('x'.repeat(70_000));
    expect((await rude.untilClosed()).code).toBe(1009);
    for (const one of sample(200, 51)) tell(run.sink, one);
    await good.until(({ id }) => id === run.server.hub.headId);
    const said = run.bus.store.readAfter(0, CHANNELS, 10_000).map(({ id }) => id);
    expect(ids(good.events)).toEqual(said);
    const first = many[0] as TestSocket;
    await first.settle();
    expect(new Set(ids(first.events)).size).toBe(ids(first.events).length);
    expect(first.of('pattern_match').length).toBeGreaterThan(50);
    await Promise.all([good, ...many].map((client) => client.close()));
    await run.end();
  }, 30_000);
});

describe('over HTTP', () => {
  test('lists survive a restart, page without a double, and filter', async () => {
    const first = new Run(path);
    for (const one of sample(400, 21)) tell(first.sink, one);
    await first.end();
    const run = await new Run(path).listen();
    const all: Received[] = [];
    let cursor = '';
    do {
      const page = await json(`${run.url}/api/v1/patterns?limit=30${cursor}`);
      all.push(...(page['patterns'] as Received[]));
      cursor = page['next_cursor'] === null ? '' : `&cursor=${String(page['next_cursor'])}`;
    } while (cursor !== '');
    expect(all.length).toBeGreaterThan(100);
    expect(ids(all)).toEqual([...new Set(ids(all))].sort((a, b) => b - a));
    const filters: readonly (readonly [string, (event: Received) => boolean])[] = [
      ['symbol=AAPL', ({ symbol }) => symbol === 'AAPL'],
      ['status=TRIGGERED', ({ status }) => status === 'TRIGGERED'],
      ['pattern=double-top', ({ pattern_id }) => pattern_id === 'double-top'],
      ['timeframe=1m&symbol=MSFT', ({ timeframe, symbol }) => timeframe === '1m' && symbol === 'MSFT'],
      ['from=2026-01-30T12:00:00Z', ({ timestamp }) => String(timestamp) >= '2026-01-30T12'],
      ['to=2026-01-30T12:00:00Z', ({ timestamp }) => String(timestamp) < '2026-01-30T12'],
    ];
    for (const [query, test] of filters) {
      const page = await json(`${run.url}/api/v1/patterns?limit=1000&${query}`);
      expect(page['patterns'], query).toEqual(all.filter(test));
    }
    const alerts = (await json(`${run.url}/api/v1/alerts?level=HIGH`))['alerts'] as Received[];
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.every(({ level }) => level === 'HIGH')).toBe(true);
    await run.end();
  });

  test('regimes, newest signals, names of the broker, and wrong questions', async () => {
    const run = await new Run(path).listen();
    for (const one of sample(300, 31)) tell(run.sink, one);
    const report = await json(`${run.url}/api/v1/regimes/aapl?limit=5`);
    expect(report['symbol']).toBe('AAPL');
    expect((report['changes'] as unknown[]).length).toBe(5);
    const timeframes = (report['current'] as { timeframe: string }[]).map(({ timeframe }) => timeframe);
    expect(timeframes.length).toBeGreaterThan(0);
    const newest = (await json(`${run.url}/ml/realtime/signals`))['signals'] as Received[];
    const keys = newest.map(({ symbol, timeframe }) => `${symbol} ${String(timeframe)}`);
    expect(new Set(keys).size).toBe(keys.length);
    const scores = newest.map(({ score }) => Math.abs(score as number));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const [query, pointer] of [
      ['cursor=nonsense', '/cursor'],
      ['limit=0', '/limit'],
      ['level=LOUD', '/level'],
      ['from=never', '/from'],
      ['symbol=NOPE', '/symbol'],
      ['symbology=klingon', '/symbology'],
    ]) {
      const problem = await json(`${run.url}/api/v1/alerts?${query}`);
      expect((problem['errors'] as { pointer: string }[])[0]?.pointer, query).toBe(pointer);
    }
    for (const path of ['patterns?status=BUY', 'signals?status=TRIGGERED', 'outcomes?status=BUY']) {
      const problem = await json(`${run.url}/api/v1/${path}`);
      expect((problem['errors'] as { pointer: string }[])[0]?.pointer, path).toBe('/status');
    }
    await run.end();
  });
});
