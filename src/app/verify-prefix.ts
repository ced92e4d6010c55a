import type { EngineSettings, EngineSink } from '../engine/index.ts';
import { type Bar, EventBatch, type Universe } from '../model/index.ts';
import { readRunSnapshot } from './live/run-snapshot.ts';
import { Pipeline } from './pipeline.ts';

/** A tape that can be read from its start as often as needed, each time into a universe of its own. */
export interface ReadableTape {
  /** Snapshot that the engine starts from, where the tape is not the beginning. */
  readonly start: Uint8Array | undefined;
  open(universe: Universe): AsyncIterable<EventBatch>;
  newUniverse(): Universe;
}

export interface PrefixOptions {
  /** How many prefixes are run, spread evenly over the tape. */
  readonly prefixes: number;
  /** Lets the features of each bar see the close of the bar after it: the check must then fail. */
  readonly plantLeak: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PrefixReport {
  readonly events: number;
  readonly prefixes: number;
  /** Prefixes whose outputs differ from those of the whole run. */
  readonly differing: number;
  /** Events of the shortest prefix that differs. */
  readonly firstDifferingAt: number | undefined;
  /** Restored snapshots, one per cut, that went on to other outputs than the uninterrupted run. */
  readonly restoresDiffering: number;
  readonly digest: string;
}

/**
 * Runs the whole pipeline on the tape, and again on prefixes of it that end in the middle of batches: every output up
 * to a cut must be the same whether or not the events after it exist. At each cut the engine is also snapshot,
 * restored into a new one, and compared from there on.
 */
export async function verifyPrefix(
  tape: ReadableTape,
  settings: EngineSettings,
  options: PrefixOptions,
): Promise<PrefixReport> {
  const events = await countEvents(tape);
  const cuts = cutPoints(events, options.prefixes);
  const whole = await run(tape, settings, options, events, cuts);
  let differing = 0;
  let firstDifferingAt: number | undefined;
  for (const [i, cut] of cuts.entries()) {
    const prefix = await run(tape, settings, options, cut, [cut]);
    if (prefix.digests[0] !== whole.digests[i]) {
      differing++;
      firstDifferingAt ??= cut;
    }
    options.onProgress?.(i + 1, cuts.length);
  }
  return {
    events,
    prefixes: cuts.length,
    differing,
    firstDifferingAt,
    restoresDiffering: whole.restoresDiffering,
    digest: whole.digest,
  };
}

async function countEvents(tape: ReadableTape): Promise<number> {
  let events = 0;
  for await (const batch of tape.open(tape.newUniverse())) events += batch.length;
  return events;
}

/** Uneven on purpose: a cut must fall inside batches, not on their borders. */
function cutPoints(events: number, count: number): readonly number[] {
  const cuts = new Set<number>();
  for (let i = 1; i <= count; i++) cuts.add(Math.min(events, Math.max(1, Math.floor((events * i) / (count + 1)) | 1)));
  return [...cuts].sort((a, b) => a - b);
}

interface RunResult {
  /** Digest at each cut. */
  readonly digests: readonly string[];
  readonly restoresDiffering: number;
  readonly digest: string;
}

async function run(
  tape: ReadableTape,
  settings: EngineSettings,
  options: PrefixOptions,
  length: number,
  cuts: readonly number[],
): Promise<RunResult> {
  const universe = tape.newUniverse();
  const leak = options.plantLeak ? await LeakSink.learn(tape, settings, length) : undefined;
  const pipeline = newPipeline(settings, universe, leak);
  if (tape.start !== undefined) readRunSnapshot(tape.start, pipeline.engine);
  let restored: Pipeline | undefined;
  let restoresDiffering = 0;
  const digests: string[] = [];
  let done = 0;
  for await (const batch of truncated(tape.open(universe), length)) {
    let from = 0;
    while (from < batch.length) {
      const nextCut = cuts[digests.length] ?? Number.POSITIVE_INFINITY;
      const to = Math.min(batch.length, from + (nextCut - done));
      pipeline.engine.handle(batch, from, to);
      restored?.engine.handle(batch, from, to);
      done += to - from;
      from = to;
      if (done !== nextCut) continue;
      if (restored !== undefined && restored.digest.hex() !== pipeline.digest.hex()) restoresDiffering++;
      digests.push(pipeline.digest.hex());
      restored = cuts.length > 1 ? restoredTwin(pipeline, settings, universe, leak) : undefined;
    }
  }
  if (restored !== undefined && restored.digest.hex() !== pipeline.digest.hex()) restoresDiffering++;
  return { digests, restoresDiffering, digest: pipeline.digest.hex() };
}

function newPipeline(settings: EngineSettings, universe: Universe, leak: LeakSink | undefined): Pipeline {
  const pipeline = new Pipeline(settings, universe);
  if (leak !== undefined) pipeline.engine.sink = leak.before(pipeline.engine.sink);
  return pipeline;
}

function restoredTwin(
  from: Pipeline,
  settings: EngineSettings,
  universe: Universe,
  leak: LeakSink | undefined,
): Pipeline {
  const twin = newPipeline(settings, universe, leak);
  twin.engine.restore(from.engine.snapshot());
  twin.digest.restore(from.digest.snapshot());
  return twin;
}

/** The first `length` events; what lies behind the cut is overwritten, so that nothing can peek at it. */
async function* truncated(batches: AsyncIterable<EventBatch>, length: number): AsyncGenerator<EventBatch> {
  let left = length;
  for await (const batch of batches) {
    if (batch.length <= left) {
      yield batch;
      left -= batch.length;
    } else {
      const head = new EventBatch(Math.max(1, left));
      for (let row = 0; row < left; row++) head.copyRow(batch, row);
      const { rawOf } = batch;
      head.rawOf = rawOf;
      if (left > 0) yield head;
      return;
    }
    if (left === 0) return;
  }
}

/**
 * A planted fault: it knows the close of the bar after each bar (as far as the tape that it was given reaches) and adds
 * it to the first feature. With it the prefix check must fail; a check that can not fail proves nothing.
 */
class LeakSink {
  private readonly nextClose: ReadonlyMap<string, number>;

  private constructor(nextClose: ReadonlyMap<string, number>) {
    this.nextClose = nextClose;
  }

  static async learn(tape: ReadableTape, settings: EngineSettings, length: number): Promise<LeakSink> {
    const universe = tape.newUniverse();
    const nextClose = new Map<string, number>();
    const previous = new Map<string, string>();
    const pipeline = new Pipeline(settings, universe, [
      {
        onBar(bar) {
          const series = `${bar.symbol}/${bar.timeframe}`;
          const before = previous.get(series);
          if (before !== undefined) nextClose.set(before, bar.close);
          previous.set(series, keyOf(bar));
        },
      },
    ]);
    if (tape.start !== undefined) readRunSnapshot(tape.start, pipeline.engine);
    for await (const batch of truncated(tape.open(universe), length)) pipeline.engine.handle(batch);
    return new LeakSink(nextClose);
  }

  before(sink: EngineSink): EngineSink {
    const { nextClose } = this;
    return {
      ...sink,
      onFeatures(bar, values, offset) {
        const leaked = Float64Array.from(values);
        leaked[offset] = (leaked[offset] as number) + (nextClose.get(keyOf(bar)) ?? 0);
        // A warming feature is missing either way; the second one may carry the leak then.
        if (Number.isNaN(leaked[offset] as number)) leaked[offset] = nextClose.get(keyOf(bar)) ?? 0;
        sink.onFeatures?.(bar, leaked, offset);
      },
    };
  }
}

function keyOf(bar: Bar): string {
  return `${bar.symbol}/${bar.timeframe}/${bar.startUs}`;
}
