import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prng } from '../../src/base/index.ts';
import { CollectedSource, SourceRequests } from '../../src/collector/index.ts';
import { DEFAULT_ENGINE_SETTINGS, Engine } from '../../src/engine/index.ts';
import { silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, type Gap, Universe } from '../../src/model/index.ts';
import { findSimulator, parseFault, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';

const START_US = 1_763_690_400_000_000;

/** A tape of trades, many of them in one millisecond and some of them equal. */
export function tapeOf(symbols: readonly string[], trades: number, seed: number, universe: Universe): EventBatch {
  const random = new Prng(seed);
  const batch = new EventBatch(trades);
  const source = universe.sources.intern('tape');
  let tsUs = START_US;
  const ids = symbols.map(() => 1_000);
  for (let i = 0; i < trades; i++) {
    const which = random.u32() % symbols.length;
    tsUs += (random.u32() % 4) * 5_000;
    const symbol = universe.intern(symbols[which] as string);
    const row = batch.addTrade(symbol, source, tsUs, tsUs, 100 + (random.u32() % 5) / 100, 1 + (random.u32() % 2));
    batch.setId(row, (ids[which] as number)++);
  }
  return batch;
}

export interface SimulatedRun {
  /** `symbol time price size id` of every accepted trade, sorted. */
  readonly accepted: readonly string[];
  /** The same of the tape. */
  readonly sent: readonly string[];
  readonly gaps: readonly Gap[];
  readonly quarantined: ReadonlyMap<string, number>;
  readonly statuses: readonly string[];
  /** Most connections at once, and requests, as the simulator counted them. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface RunOptions {
  readonly provider: string;
  readonly symbols: readonly string[];
  readonly faults?: readonly string[];
  readonly seed?: number;
  readonly trades?: number;
  readonly speed?: number;
  /** The run ends when every trade of the tape was accepted and no gap is left open, or after this long. */
  readonly longestMs?: number;
}

/** Plays a tape through the simulator of a provider, real sockets, the collector and the engine. */
export async function simulatedRun(options: RunOptions): Promise<SimulatedRun> {
  const { provider, symbols, faults = [], seed = 1, trades = 1_500, speed = 4, longestMs = 25_000 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-collected-'));
  const tapeUniverse = new Universe();
  const rows = tapeOf(symbols, trades, seed, tapeUniverse);
  const tape = await SimulatedTape.load(oneBatch(rows), tapeUniverse);
  const log = await SimulatorLog.open(undefined, systemClock);
  const simulator = new Simulator(findSimulator(provider), {
    tape,
    speed,
    seed,
    faults: faults.map(parseFault),
    clock: systemClock,
    log,
  });
  const port = await simulator.listen(0);
  const definition = ADAPTERS.find(({ id }) => id === provider) as AdapterDefinition;
  const universe = new Universe();
  const settings = {
    ...{ stream_url: `ws://127.0.0.1:${port}`, rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' },
  };
  const adapter = definition.create({ universe, wanted: symbols, settings, secret: () => 'test-key' });
  const limitsPath = join(folder, 'limits.json');
  const requests = new SourceRequests({
    adapter,
    definition,
    clock: systemClock,
    log: silentLog,
    poolSize: 4,
    limitsPath,
  });
  const source = new CollectedSource({
    adapter,
    requests,
    universe,
    clock: systemClock,
    log: silentLog,
    silenceMs: 1_500,
  });
  const accepted: string[] = [];
  const gaps = new Map<number, Gap>();
  const statuses: string[] = [];
  const quarantined = new Map<string, number>();
  const consecutiveIdSources = definition.tradeIds === 'consecutive' ? [provider] : [];
  const engine = new Engine({ ...DEFAULT_ENGINE_SETTINGS, consecutiveIdSources }, universe, {
    onTrade: (batch, row) => accepted.push(textOf(batch, row, universe)),
    onGap: (gap) => gaps.set(gap.id, gap),
    onReject: (_batch, _row, reason) => quarantined.set(reason, (quarantined.get(reason) ?? 0) + 1),
    onStatus: (batch, row) => {
      const payload = batch.payload[row];
      if (payload?.type === 'status') statuses.push(payload.state);
    },
  });
  const stop = new AbortController();
  const longest = setTimeout(() => stop.abort(), longestMs);
  // The end: all came and the ledger has settled, seen twice in a row.
  let seenDone = 0;
  const looking = setInterval(() => {
    const isDone = accepted.length >= trades && [...gaps.values()].every(({ state }) => state !== 'missing');
    seenDone = isDone ? seenDone + 1 : 0;
    if (seenDone >= 3) stop.abort();
  }, 100);
  try {
    for await (const batch of source.stream(stop.signal, { afterUs: 0 })) {
      engine.handle(batch);
    }
  } finally {
    clearTimeout(longest);
    clearInterval(looking);
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const sent = Array.from({ length: rows.length }, (_, row) => textOf(rows, row, tapeUniverse));
  return {
    accepted: accepted.sort(),
    sent: sent.sort(),
    gaps: [...gaps.values()],
    quarantined,
    statuses,
    counters: simulator.counters(),
  };
}

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

function textOf(batch: EventBatch, row: number, universe: Universe): string {
  const id = batch.kind[row] === EventKind.Trade ? batch.idOf(row) : undefined;
  const symbol = universe.symbol(batch.symbol[row] as number);
  return `${symbol} ${batch.tsEventUs[row]} ${batch.p0[row]} ${batch.p1[row]} ${id}`;
}
