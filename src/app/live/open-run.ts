import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { StatementSink } from '../../api/index.ts';
import { TickloomError } from '../../base/index.ts';
import { EventStore, LocalBus } from '../../bus/index.ts';
import type { EngineSettings, EngineSink } from '../../engine/index.ts';
import { type Log, systemClock } from '../../host/index.ts';
import type { Universe } from '../../model/index.ts';
import { Recorder, readTape } from '../../recorder/index.ts';
import { LakeStore, MemoryStore, SqliteStore, type Store, StoreSink, ulid } from '../../stores/index.ts';
import { makeDataDirectory } from '../data-directory.ts';
import { configuredUniverse, engineSettings } from '../engine-config.ts';
import type { ActionContext } from '../options.ts';
import { Pipeline } from '../pipeline.ts';
import { rebuildBar } from '../rebuild-bar.ts';
import { RunMeter } from './run-meter.ts';
import { readRunSnapshot, writeRunSnapshot } from './run-snapshot.ts';

/** The stores commit when the sink says how far on the tape their rows reach, never by themselves. */
const NEVER = Number.POSITIVE_INFINITY;

/** A run that is ready to take events. */
export interface OpenRun {
  readonly id: string;
  readonly universe: Universe;
  readonly settings: EngineSettings;
  readonly pipeline: Pipeline;
  readonly meter: RunMeter;
  readonly recorder: Recorder | undefined;
  readonly stores: StoreSink;
  readonly history: Store;
  readonly lake: LakeStore | undefined;
  readonly faults: Map<string, string>;
  /** What was said of the market; it is closed with the run. */
  readonly bus: LocalBus;
  /** Plugs in the sink of the people who watch; what came before it is in the stores. */
  attach(sink: EngineSink): void;
  /** Events brought back from the tape. */
  readonly recovered: number;
}

/**
 * Opens stores and tape and brings the engine to where the last run ended, however that ended: the newest snapshot, then
 * the tape behind it, through the same engine into the same stores. Only then does the new run begin.
 */
export async function openRun(context: ActionContext, log: Log): Promise<OpenRun> {
  const { config } = context;
  const dataDir = config.data_dir;
  makeDataDirectory(dataDir);
  const universe = configuredUniverse(config);
  const settings = engineSettings(config);
  const id = ulid(systemClock.nowUs() / 1_000);
  const recorder = config.recorder.enabled ? await openRecorder(context, universe, log) : undefined;
  const faults = new Map<string, string>();
  try {
    // The plan is needed before the engine exists, because the lake's columns follow from it.
    const probe = new Pipeline(settings, universe);
    const { plan, timeframes } = probe.engine.parts;
    const history = await openHistory(context);
    const lake = config.stores.lake
      ? await LakeStore.open({
          directory: dataDir,
          featureNames: plan.names,
          run: id,
          mode: 'append',
          commitRows: NEVER,
        })
      : undefined;
    const stores = new StoreSink({
      universe,
      timeframes: timeframes.map((timeframe) => timeframe.text),
      featureNames: plan.names,
      stores: [
        { store: history, flushEveryUs: config.stores.batch_write_interval_s * 1e6 },
        ...(lake === undefined ? [] : [{ store: lake, flushEveryUs: config.stores.lake_flush_s * 1e6 }]),
      ],
      isTape: recorder !== undefined,
      clock: systemClock,
      rebuildBar: rebuildBar(probe.engine.parts, universe),
      onFailure: (store, error) => {
        const message = error instanceof Error ? error.message : String(error);
        faults.set(store === 'lake' ? 'lake' : 'history', message);
        log.error('store_failed', 'store failed', { component: 'stores', store, reason: message });
      },
    });
    const bus = openBus(context, settings, (error) => {
      const message = error instanceof Error ? error.message : String(error);
      faults.set('history', message);
      log.error('events_failed', 'the event log can not be written', { component: 'bus', reason: message });
    });
    const statements = new StatementSink({
      bus,
      universe,
      timeframes: timeframes.map((timeframe) => timeframe.text),
      ...(config.clock === 'wall' ? { clock: systemClock } : {}),
    });
    const meter = new RunMeter(universe, timeframes.length);
    let live: EngineSink = {};
    const attach = (sink: EngineSink): void => {
      live = sink;
      bus.goLive();
    };
    const newPipeline = (): Pipeline =>
      new Pipeline(settings, universe, [stores, meter, statements, forwarding(() => live)]);
    const { pipeline, recovered } =
      recorder === undefined
        ? { pipeline: newPipeline(), recovered: 0 }
        : await recover(recorder, dataDir, newPipeline, meter, stores, settings, log);
    pipeline.digest.reset();
    meter.beginRun();
    if (recorder !== undefined) await beginRun(recorder, id, pipeline, meter, settings);
    return { id, universe, settings, pipeline, meter, recorder, stores, history, lake, faults, bus, recovered, attach };
  } catch (error) {
    await recorder?.close();
    throw error;
  }
}

function openRecorder(context: ActionContext, universe: Universe, log: Log): Promise<Recorder> {
  const { recorder, data_dir: dataDir } = context.config;
  return Recorder.open({
    dataDir,
    universe,
    clock: systemClock,
    commitIntervalMs: recorder.commit_ms,
    segmentBytes: recorder.segment_mb * 1_048_576,
    maxTapeBytes: recorder.max_tape_mb * 1_048_576,
    onHalt: (cause) =>
      log.fatal('recorder_halted', 'recording halted', { component: 'recorder', reason: cause.message }),
  });
}

function openHistory(context: ActionContext): Promise<Store> {
  const { config } = context;
  if (!config.stores.sqlite) return Promise.resolve(new MemoryStore());
  return SqliteStore.open({ path: join(config.data_dir, 'tickloom.db'), commitRows: NEVER });
}

/** The event log beside the history; in memory where nothing is to be kept. */
function openBus(context: ActionContext, settings: EngineSettings, onFailure: (error: unknown) => void): LocalBus {
  const { stores, data_dir: dataDir } = context.config;
  const path = stores.sqlite ? join(dataDir, 'events.db') : ':memory:';
  const store = new EventStore({ path, maxEvents: stores.event_rows });
  const origin = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
  return new LocalBus({ store, clock: systemClock, origin, onFailure });
}

/** A sink whose target is set later: recovery must not be told to people as if it happened now. */
function forwarding(target: () => EngineSink): EngineSink {
  return {
    onTrade: (batch, row, quality, reasons) => target().onTrade?.(batch, row, quality, reasons),
    onQuote: (batch, row, quality, reasons) => target().onQuote?.(batch, row, quality, reasons),
    onAmendment: (batch, row, quality) => target().onAmendment?.(batch, row, quality),
    onReject: (batch, row, reason, detail) => target().onReject?.(batch, row, reason, detail),
    onBar: (bar, change) => target().onBar?.(bar, change),
    onBarRetracted: (bar, change) => target().onBarRetracted?.(bar, change),
    onFeatures: (bar, values, offset) => target().onFeatures?.(bar, values, offset),
    onGap: (gap) => target().onGap?.(gap),
    onStatus: (batch, row) => target().onStatus?.(batch, row),
    onBatchEnd: (nowUs) => target().onBatchEnd?.(nowUs),
  };
}

interface Recovered {
  readonly pipeline: Pipeline;
  /** Events brought back from the tape. */
  readonly recovered: number;
}

async function recover(
  recorder: Recorder,
  dataDir: string,
  newPipeline: () => Pipeline,
  meter: RunMeter,
  stores: StoreSink,
  settings: EngineSettings,
  log: Log,
): Promise<Recovered> {
  const { lastSeq, opening } = recorder;
  for (const run of opening.killedRuns) {
    log.warn('run_killed', 'a run had been killed', { component: 'recorder', run_id: run.id });
  }
  if (lastSeq === 0) return { pipeline: newPipeline(), recovered: 0 };
  const fromSeq = Math.min(lastSeq, stores.recoverFromSeq);
  const { pipeline, seq } = await startingPoint(recorder, fromSeq, newPipeline, meter, settings, log);
  let events = 0;
  const onHole = (hole: { readonly reason?: string }): void =>
    log.error('tape_hole', 'the tape has a hole', { component: 'recorder', reason: hole.reason });
  for await (const batch of readTape({ dataDir, universe: pipeline.engine.universe, fromSeq: seq + 1, onHole })) {
    meter.receive(batch);
    pipeline.engine.handle(batch);
    events += batch.length;
    if (stores.isBehind) await stores.drain();
  }
  log.info('recovered', 'recovered from the tape', { component: 'recorder', events, last_seq: lastSeq });
  return { pipeline, recovered: events };
}

/** The engine as the newest usable snapshot has it, and the event that it stands behind; a new one where there is none. */
async function startingPoint(
  recorder: Recorder,
  fromSeq: number,
  newPipeline: () => Pipeline,
  meter: RunMeter,
  settings: EngineSettings,
  log: Log,
): Promise<{ readonly pipeline: Pipeline; readonly seq: number }> {
  const fresh = (): { readonly pipeline: Pipeline; readonly seq: number } => ({ pipeline: newPipeline(), seq: 0 });
  const newest = await recorder.snapshots.latest(fromSeq, (error) =>
    log.warn('snapshot_damaged', 'a snapshot was passed over', { component: 'recorder', reason: error.message }),
  );
  if (newest === undefined) return fresh();
  if (!(await wasMadeWith(recorder, settings))) {
    log.warn('settings_changed', 'the settings changed: the whole tape is worked through anew', {
      component: 'engine',
    });
    return fresh();
  }
  const pipeline = newPipeline();
  try {
    readRunSnapshot(newest.bytes, pipeline.engine, meter);
    return { pipeline, seq: newest.seq };
  } catch (error) {
    // An older version wrote it, or the configured instruments changed: the tape has it all.
    if (!(error instanceof TickloomError) || !UNUSABLE.has(error.code)) throw error;
    log.warn('snapshot_unusable', 'a snapshot can not be used: the whole tape is worked through anew', {
      component: 'engine',
      reason: error.message,
    });
    return fresh();
  }
}

const UNUSABLE: ReadonlySet<string> = new Set(['bad-snapshot', 'ids-taken']);

/** A snapshot of other settings is of no use: it was written by the newest run, whose settings are on record. */
async function wasMadeWith(recorder: Recorder, settings: EngineSettings): Promise<boolean> {
  const newest = (await recorder.runs.list()).at(-1)?.engine as { readonly settings: EngineSettings } | undefined;
  return JSON.stringify(newest?.settings) === JSON.stringify(settings);
}

async function beginRun(
  recorder: Recorder,
  id: string,
  pipeline: Pipeline,
  meter: RunMeter,
  settings: EngineSettings,
): Promise<void> {
  const isFresh = pipeline.engine.events === 0;
  const start = isFresh
    ? undefined
    : await recorder.snapshot(recorder.lastSeq, writeRunSnapshot(pipeline.engine, meter));
  await recorder.runs.start({
    id,
    startedUs: systemClock.nowUs(),
    firstSeq: recorder.lastSeq + 1,
    ...(start === undefined ? {} : { startSnapshot: start.name }),
    engine: { settings, instruments: isFresh ? pipeline.engine.universe.instruments() : [] },
  });
}
