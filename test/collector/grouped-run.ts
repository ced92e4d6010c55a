import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CollectedSource, type ConsensusSettings, SourceGroup, SourceRequests } from '../../src/collector/index.ts';
import { DEFAULT_ENGINE_SETTINGS, Engine, FinalBarsDigestSink, fanOut } from '../../src/engine/index.ts';
import { FollowingClock, silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, type Gap, Universe } from '../../src/model/index.ts';
import { findSimulator, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

/** Rows [from, to) of a tape as a simulator plays them. */
async function part(rows: EventBatch, universe: Universe, from: number): Promise<SimulatedTape> {
  const batch = new EventBatch(rows.length);
  for (let row = from; row < rows.length; row++) batch.copyRow(rows, row);
  return SimulatedTape.load(oneBatch(batch), universe);
}

/** A provider on a port of its own that can be killed and brought back where the tape is by then. */
export class KillableProvider {
  readonly name: string;
  port = 0;
  private readonly rows: EventBatch;
  private readonly universe: Universe;
  private readonly speed: number;
  private simulator: Simulator | undefined;

  constructor(name: string, rows: EventBatch, universe: Universe, speed: number) {
    this.name = name;
    this.rows = rows;
    this.universe = universe;
    this.speed = speed;
  }

  /** @param fromUs event time of the first row that it plays */
  async start(
    fromUs = Number.NEGATIVE_INFINITY,
    start: 'subscribe' | 'launch' = 'subscribe',
    history?: 'all',
  ): Promise<void> {
    let from = 0;
    while (from < this.rows.length - 1 && (this.rows.tsEventUs[from] as number) < fromUs) from++;
    this.simulator = new Simulator(findSimulator(this.name), {
      tape: await part(this.rows, this.universe, from),
      speed: this.speed,
      seed: 1,
      faults: [],
      start,
      ...(history === undefined ? {} : { history }),
      clock: systemClock,
      log: await SimulatorLog.open(undefined, systemClock),
    });
    this.port = await this.simulator.listen(this.port);
  }

  async kill(): Promise<void> {
    await this.simulator?.close();
    this.simulator = undefined;
  }
}

export interface GroupedRunOptions {
  /** Of these the first is the primary. */
  readonly providers: readonly KillableProvider[];
  readonly symbols: readonly string[];
  readonly clock: 'wall' | 'source';
  readonly failBackMs?: number;
  readonly consensus?: ConsensusSettings | undefined;
  /** Looks every 50 ms; true ends the run. */
  isDone(run: GroupedRun): boolean;
  readonly longestMs?: number;
}

/** What a run has told so far. */
export interface GroupedRun {
  /** `symbol ms price size` of every accepted trade, in the order of the tape. */
  readonly accepted: string[];
  /** Source of each of them. */
  readonly sources: string[];
  readonly gaps: Map<number, Gap>;
  readonly rejected: { reason: string; detail: string }[];
  readonly commands: string[];
  readonly group: SourceGroup;
  readonly receiveTimesFell: number;
  /** Everything that went to the engine, and the ids that it is in. */
  readonly tape: EventBatch[];
  readonly universe: Universe;
  newestUs: number;
  finalBars(): string;
}

/** Plays providers through the collector, as one group, into an engine. */
export async function groupedRun(options: GroupedRunOptions): Promise<GroupedRun> {
  const { providers, symbols, failBackMs = 500, longestMs = 40_000 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-grouped-'));
  const universe = new Universe();
  const following = options.clock === 'source' ? new FollowingClock() : undefined;
  const ports = { universe, clock: systemClock, log: silentLog };
  const sources = providers.map(({ name, port }) => {
    const definition = ADAPTERS.find(({ id }) => id === name) as AdapterDefinition;
    const settings = {
      ...{ stream_url: `ws://127.0.0.1:${port}`, rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' },
    };
    const adapter = definition.create({ universe, wanted: symbols, settings, secret: () => 'test-key' });
    const limitsPath = join(folder, `${name}.json`);
    const requests = new SourceRequests({ adapter, definition, ...ports, poolSize: 4, limitsPath });
    const follow = following === undefined ? {} : { follow: () => undefined };
    return new CollectedSource({ adapter, requests, ...ports, ...follow, silenceMs: 3_000 });
  });
  const group = new SourceGroup({
    ...{ sources, ...ports, failBackMs, stallMs: 1_500, maxLagUs: 10e6, graceMs: 2_000, consensus: options.consensus },
    ...(following === undefined ? {} : { follow: (us: number) => following.follow(us) }),
  });
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1s', '1m'], revisionWindowMs: 3_600_000 };
  const digest = new FinalBarsDigestSink(universe, new Engine(settings, universe, {}).timeframes);
  const run = {
    ...{ accepted: [] as string[], sources: [] as string[], gaps: new Map<number, Gap>() },
    ...{ rejected: [] as { reason: string; detail: string }[], commands: [] as string[], group, universe },
    tape: [] as EventBatch[],
    ...{ receiveTimesFell: 0, newestUs: Number.NEGATIVE_INFINITY, finalBars: () => digest.hex() },
  };
  const counts = {
    onTrade(batch: EventBatch, row: number): void {
      run.accepted.push(printOf(batch, row, universe));
      run.sources.push(universe.sources.text(batch.source[row] as number));
      run.newestUs = Math.max(run.newestUs, batch.tsEventUs[row] as number);
    },
    onGap: (gap: Gap) => run.gaps.set(gap.id, gap),
    onReject: (_batch: EventBatch, _row: number, reason: string, detail: string) =>
      run.rejected.push({ reason, detail }),
  };
  const engine = new Engine(settings, universe, fanOut([counts, digest]));
  const stop = new AbortController();
  const longest = setTimeout(() => stop.abort(), longestMs);
  const looking = setInterval(() => {
    if (options.isDone(run)) stop.abort();
  }, 50);
  let lastUs = 0;
  try {
    for await (const batch of group.stream(stop.signal, { afterUs: 0 })) {
      for (let row = 0; row < batch.length; row++) {
        const recvUs = batch.tsRecvUs[row] as number;
        if (recvUs < lastUs) run.receiveTimesFell++;
        lastUs = recvUs;
        const payload = batch.payload[row];
        if (batch.kind[row] === EventKind.Command && payload?.type === 'command') run.commands.push(payload.name);
      }
      const copy = new EventBatch(Math.max(1, batch.length));
      copy.copyRows(batch, 0, batch.length);
      run.tape.push(copy);
      engine.handle(batch);
    }
    engine.finish();
  } finally {
    clearTimeout(longest);
    clearInterval(looking);
    rmSync(folder, { recursive: true, force: true });
  }
  return run;
}

/** Final bars of a tape handled undisturbed, and its prints. */
export function undisturbed(
  rows: EventBatch,
  universe: Universe,
): { readonly bars: string; readonly prints: string[] } {
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1s', '1m'] };
  const digest = new FinalBarsDigestSink(universe, new Engine(settings, universe, {}).timeframes);
  const engine = new Engine(settings, universe, digest);
  engine.handle(rows);
  engine.finish();
  return { bars: digest.hex(), prints: Array.from({ length: rows.length }, (_, row) => printOf(rows, row, universe)) };
}

function printOf(batch: EventBatch, row: number, universe: Universe): string {
  const ms = Math.floor((batch.tsEventUs[row] as number) / 1_000);
  return `${universe.symbol(batch.symbol[row] as number)} ${ms} ${batch.p0[row]} ${batch.p1[row]}`;
}
