// The server of publish.statement: the engine's sink, the bus with its log on disk, the API. Tells the suite its port,
// gets `go` with the number of clients, and answers how long each statement took from the engine's call until it was
// written to every socket that wanted it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StatementSink } from '../../src/api/index.ts';
import { EventStore, LocalBus } from '../../src/bus/index.ts';
import { systemClock } from '../../src/host/index.ts';
import type { PatternMatch } from '../../src/model/index.ts';
import { Market, serve, TIMEFRAMES } from '../../test/api/market.ts';

const STATEMENTS = 300;
const EVERY_MS = 20;

const folder = mkdtempSync(join(tmpdir(), 'tickloom-publish-'));
const onFailure = (error: unknown): never => {
  throw error;
};
const store = new EventStore({ path: join(folder, 'events.db'), maxEvents: 1_000_000 });
const bus = new LocalBus({ store, clock: systemClock, origin: 'bench', onFailure });
bus.goLive();
const market = new Market(['AAPL', 'MSFT']);
const server = serve(market, {
  bus,
  limits: { socketsPerAddress: 2_000, deadAfterMs: 120_000, pingEveryMs: 60_000, statsMs: 60_000 },
});
const sink = new StatementSink({ bus, universe: market.universe, timeframes: [...TIMEFRAMES] });
const { port } = await server.listen();

function statement(id: number): PatternMatch {
  const nowUs = systemClock.nowUs();
  return {
    id,
    change: 'new',
    replaces: undefined,
    symbol: 0,
    timeframe: 1,
    barStartUs: nowUs - 60_000_000,
    barRevision: 0,
    knowableAtUs: nowUs,
    atUs: nowUs,
    family: 'tolerance',
    patternId: 7,
    direction: 1,
    confidence: 92.5,
    status: 'NEAR_TRIGGER',
    fromUs: nowUs - 60_000_000,
    formedAtUs: nowUs,
    points: [],
    levels: undefined,
    regime: {
      volatility: 'medium',
      trend: 'sideways',
      volatilityPct: 2,
      trendZ: 0,
      turbulentProbability: 0,
      changePointProbability: 0,
    },
    plan: { entry: 106, target: 108.12, stop: 103.7 },
    riskReward: 2.5,
    odds: {
      legacyScore: 80,
      probability: 0.5,
      low: 0.4,
      high: 0.6,
      n: 10,
      nEffective: 8,
      successRate: 0.5,
      randomRate: 0.5,
      hasEdge: false,
    },
    isExact: true,
    quality: 1,
  };
}

/** Deliveries of pattern matches so far. */
const sent = (): number => server.hub.sent.pattern_matches;

async function measure(listeners: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (let id = 1; id <= STATEMENTS; id++) {
    const goal = sent() + listeners;
    const startedMs = performance.now();
    sink.onPattern(statement(id));
    while (sent() < goal) await new Promise((resolve) => setImmediate(resolve));
    tookMs.push(performance.now() - startedMs);
    await sleep(EVERY_MS);
  }
  return tookMs;
}

process.on('message', async (listeners: number) => {
  const tookMs = await measure(listeners);
  await server.close();
  bus.close();
  rmSync(folder, { recursive: true, force: true });
  process.send?.({ tookMs });
});
process.send?.({ ready: port });
