import { readFileSync } from 'node:fs';
import type { ApiServer } from '../api/index.ts';
import { US_PER_MINUTE, UsageError } from '../base/index.ts';
import { type Clock, createLog, FollowingClock, type Log, PlainHistogram, systemClock } from '../host/index.ts';
import type { Source } from '../sources/index.ts';
import { dateOfMicros, type ReferenceDatabase } from '../stores/index.ts';
import { alertWebhooks } from './alert-config.ts';
import type { OpenProvider } from './bootstrap/history-job.ts';
import { LiveBootstrap } from './bootstrap/live-bootstrap.ts';
import { freeBytes } from './live/free-bytes.ts';
import { Intake } from './live/intake.ts';
import { LiveAlerts } from './live/live-alerts.ts';
import { LiveContext } from './live/live-context.ts';
import { checkSources, openSources } from './live/open-group.ts';
import { type OpenRun, openRun } from './live/open-run.ts';
import { isEndOfDay } from './live/open-source.ts';
import { checkPort } from './live/port-check.ts';
import { writeRunSnapshot } from './live/run-snapshot.ts';
import { apiServer } from './live/serve.ts';
import { heldOfAll, restartNotices } from './live/stream-start.ts';
import type { ActionContext } from './options.ts';
import { readReference } from './reference-file.ts';

const US_PER_HOUR = 3_600_000_000;
/** Events of ticks that a first start makes for itself before now, on top of the bars of the past. */
const PAST_TICK_EVENTS = 600_000;
const MAX_PAST_TICK_US = 900_000_000;
/** Bars of the past over all symbols: with more symbols it reaches back less far, so that a first start stays quick. */
const PAST_BARS = 150_000;
/** How often it is looked whether a snapshot is due, and the events after which one is, however young the last. */
const SAVE_CHECK_MS = 5_000;
const SAVE_EVENTS = 1_000_000;
/** Longest wait for a source to catch up before the address is told. */
const CATCH_UP_WAIT_MS = 10_000;

/** Runs the main job until it is told to stop: source → tape → engine → stores, API, dashboard. */
export async function runLive(context: ActionContext): Promise<number> {
  const { config } = context;
  const log = openLog(context);
  checkSources(context);
  alertWebhooks(config, context.secrets);
  await checkPort(config.api.host, config.api.port);
  const run = await openRun(context, log);
  const live = new LiveRun(context, run, log);
  try {
    await live.start();
    return await live.untilStopped();
  } finally {
    await live.close();
  }
}

function openLog(context: ActionContext): Log {
  const { level, format } = context.config.log;
  return createLog({
    level,
    format,
    stream: context.stderr,
    useColour: context.useColour,
    secrets: [...context.secrets.values()].flatMap((secret) => [secret.reveal(), ...secret.reveal().split(/\s+/)]),
  });
}

/** A run with its source, its API and its timers. */
class LiveRun {
  private readonly context: ActionContext;
  private readonly run: OpenRun;
  private readonly log: Log;
  private api: ApiServer | undefined;
  private readonly alerts: LiveAlerts;
  private readonly source: Source;
  private readonly bootstrap: LiveBootstrap;
  /** What the engine's time is measured by: the machine's clock, or the times of what arrives. */
  private readonly clock: Clock;
  private readonly intake: Intake;
  private readonly stages = new PlainHistogram();
  private readonly stopping = new AbortController();
  private snapshots: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();
  private pumping: Promise<void> = Promise.resolve();
  private failure: unknown;
  private savedAtMs = systemClock.monotonicMs();
  private savedEvents = 0;
  /** Where the bars of the past that a first start makes end, and its trades begin. */
  private pastEndUs: number | undefined;
  /** Whether the engine goes on from an earlier run. */
  private isResumed = false;
  private readonly reference: ReferenceDatabase | undefined;
  private compactedBefore = '';

  constructor(context: ActionContext, run: OpenRun, log: Log) {
    this.context = context;
    this.run = run;
    this.log = log.child({ run_id: run.id });
    this.alerts = new LiveAlerts(context, run, this.log);
    const { config } = context;
    this.reference = readReference(config.data_dir);
    const following = config.clock === 'source' ? new FollowingClock() : undefined;
    following?.follow(run.pipeline.engine.nowUs);
    this.clock = following ?? systemClock;
    const providers: OpenProvider[] = [];
    this.source = openSources(context, {
      universe: run.universe,
      clock: systemClock,
      log: this.log,
      onProvider: (provider) => providers.push(provider),
      ...(following === undefined ? {} : { follow: (us: number) => following.follow(us) }),
    });
    this.intake = new Intake({
      clock: this.clock,
      pipeline: run.pipeline,
      meter: run.meter,
      recorder: run.recorder,
      runId: run.id,
      stages: this.stages,
      isCaughtUp: () => this.isCaughtUp || this.sources.every(({ id }) => run.meter.source(id) === undefined),
      isBehind: () => run.stores.isBehind,
      drain: () => run.stores.drain(),
    });
    this.bootstrap = new LiveBootstrap({
      context,
      run,
      providers,
      log: this.log,
      take: (batch) => this.intake.take(batch),
      fail: (error) => this.fail(error),
    });
  }

  /** What the run is fed by, each with a name of its own. */
  private get sources(): readonly Source[] {
    return this.source.members?.map(({ source }) => source) ?? [this.source];
  }

  /** True once a source delivers, or was lost again: what comes then happens now. */
  private get isCaughtUp(): boolean {
    const { meter } = this.run;
    return this.sources.some(({ id }) => (meter.source(id)?.state ?? 'connecting') !== 'connecting');
  }

  async start(): Promise<void> {
    const { config, stop } = this.context;
    stop.addEventListener('abort', () => this.stopping.abort(), { once: true });
    this.savedEvents = this.run.pipeline.engine.events;
    this.isResumed = this.savedEvents > 0;
    await this.makePast();
    await this.bootstrap.begin(this.stopping.signal);
    const view = this.liveContext();
    this.api = apiServer(config, view, this.run.universe, this.log, this.stages, this.run, this.alerts);
    this.run.attach(this.api.feed);
    this.startAlerts(view, this.api.feed);
    const { url } = await this.api.listen();
    this.intake.startTicking();
    this.pumping = this.pump();
    this.bootstrap.goOn(this.stopping.signal);
    await this.untilCaughtUp();
    this.context.stderr.write(`Tickloom is running: ${url} (Ctrl-C stops)\n`);
    this.snapshots = setInterval(() => this.saveWhenDue(), SAVE_CHECK_MS);
  }

  private startAlerts(view: LiveContext, feed: ApiServer['feed']): void {
    this.alerts.start({
      state: () => {
        const { stale, breakers_open: openBreakers, lag_ms: lagMs } = view.run();
        const diskFreeBytes = freeBytes(this.context.config.data_dir);
        // While it works through what was missed, it is behind and nothing is wrong.
        return { staleSymbols: stale, openBreakers, lagMs: this.isCaughtUp ? (lagMs ?? 0) : 0, diskFreeBytes };
      },
      stages: this.stages,
      tell: (level, message) => feed.alert(level, message),
    });
  }

  /** Waits, not for long, until the source has delivered what was missed: who reads the address finds all of it. */
  private async untilCaughtUp(): Promise<void> {
    const endMs = systemClock.monotonicMs() + CATCH_UP_WAIT_MS;
    while (!this.stopping.signal.aborted && systemClock.monotonicMs() < endMs) {
      if (this.isCaughtUp) return;
      await systemClock.sleep(50, this.stopping.signal);
    }
  }

  private liveContext(): LiveContext {
    const { run } = this;
    return new LiveContext({
      version: readVersion(),
      mode: this.source.id === 'demo' ? 'demo' : 'live',
      runId: run.id,
      clock: this.clock,
      engine: run.pipeline.engine,
      meter: run.meter,
      digest: run.pipeline.digest,
      recorder: run.recorder,
      history: run.history,
      lake: run.lake,
      reference: this.reference,
      sources: this.sources,
      members: () => this.source.members,
      staleAfterS: this.context.config.quality.stale_after_s,
      faults: run.faults,
      bootstrap: () => this.bootstrap.status(),
      isEod: this.context.config.source.every((id) => isEndOfDay(this.context, id)),
      diskFreeBytes: () => freeBytes(this.context.config.data_dir),
    });
  }

  /** An engine that has seen nothing gets the bars that its source has of the past. */
  private async makePast(): Promise<void> {
    const { engine } = this.run.pipeline;
    if (engine.events > 0 || this.source.pastBars === undefined) return;
    const nowUs = systemClock.nowUs();
    const minutesEach = Math.floor(PAST_BARS / Math.max(1, this.source.instruments().length));
    const pastUs = Math.min(this.context.config.sources.demo.past_hours * US_PER_HOUR, minutesEach * US_PER_MINUTE);
    const fromUs = nowUs - pastUs;
    // On a minute, so that no bar is made half of bars and half of trades.
    this.pastEndUs = Math.floor((nowUs - this.pastTickUs()) / US_PER_MINUTE) * US_PER_MINUTE;
    for (const batch of this.source.pastBars(fromUs, this.pastEndUs)) {
      if (this.stopping.signal.aborted) return;
      await this.intake.take(batch);
    }
  }

  private pastTickUs(): number {
    const { rate } = this.context.config.sources.demo;
    return Math.min(MAX_PAST_TICK_US, (PAST_TICK_EVENTS / (2 * rate)) * 1e6);
  }

  /** Where the stream goes on: behind the last trade held of each symbol, or a little before now. */
  private async pump(): Promise<void> {
    const { engine } = this.run.pipeline;
    const held = heldOfAll(engine, this.sources);
    const { afterEventUs } = held.all;
    const nowUs = systemClock.nowUs();
    const firstUs = this.pastEndUs ?? nowUs - this.pastTickUs();
    const earliestUs = afterEventUs.size > 0 ? nowUs - MAX_PAST_TICK_US : firstUs;
    const afterUs = Math.max(earliestUs, this.lastEventUs(afterEventUs));
    const bySource = new Map([...held.bySource].map(([id, start]) => [id, { ...start, afterUs }] as const));
    const start = { ...held.all, afterUs, bySource };
    try {
      if (afterEventUs.size > 0) await this.intake.take(restartNotices(engine, held.bySource));
      for await (const batch of this.source.stream(this.stopping.signal, start)) {
        await this.intake.take(batch);
        if (this.intake.failure !== undefined) throw this.intake.failure;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** The oldest of what is held of each symbol; where none of them is, now: their past would come late. */
  private lastEventUs(held: ReadonlyMap<string, number>): number {
    if (held.size > 0) return Math.min(...held.values());
    return this.isResumed ? this.run.pipeline.engine.nowUs : 0;
  }

  private fail(error: unknown): void {
    this.failure = error;
    this.log.fatal('run_failed', error instanceof Error ? error.message : String(error));
    this.stopping.abort();
  }

  private saveWhenDue(): void {
    const { engine } = this.run.pipeline;
    const dueMs = this.context.config.recorder.snapshot_every_s * 1_000;
    const isDue =
      systemClock.monotonicMs() - this.savedAtMs >= dueMs || engine.events - this.savedEvents >= SAVE_EVENTS;
    if (!isDue) return;
    this.savedAtMs = systemClock.monotonicMs();
    this.savedEvents = engine.events;
    this.saving = this.saving.then(() => this.save()).then(() => this.compact());
  }

  /** Once a day, when a day has closed: merges the small files that it left in the lake. */
  private async compact(): Promise<void> {
    const today = dateOfMicros(systemClock.nowUs());
    if (this.run.lake === undefined || this.compactedBefore === today) return;
    this.compactedBefore = today;
    try {
      const merged = await this.run.lake.compact(today);
      if (merged > 0) this.log.info('lake_compacted', `${merged} partitions of the lake were merged`);
    } catch (error) {
      this.log.error('compaction_failed', error instanceof Error ? error.message : String(error));
    }
  }

  /** Makes the stores durable and takes a snapshot, so that a later start has little tape to work through. */
  private async save(): Promise<void> {
    const { recorder, pipeline, meter, stores } = this.run;
    try {
      const seq = recorder?.lastSeq ?? 0;
      const bytes = recorder === undefined ? undefined : writeRunSnapshot(pipeline.engine, meter);
      await stores.flush();
      if (recorder === undefined || bytes === undefined || recorder.isHalted) return;
      await recorder.snapshot(seq, bytes);
      recorder.cover(seq);
    } catch (error) {
      this.log.error('snapshot_failed', error instanceof Error ? error.message : String(error));
    }
  }

  /** Exit status of the run once it has ended. */
  async untilStopped(): Promise<number> {
    await new Promise<void>((resolve) => {
      if (this.stopping.signal.aborted) resolve();
      else this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.pumping;
    if (this.failure === undefined) return 0;
    return this.failure instanceof UsageError ? 2 : 1;
  }

  /** Drains: no more events, then the tape, the stores and a last snapshot, then the doors. */
  async close(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.snapshots);
    this.intake.stopTicking();
    await this.pumping;
    await this.bootstrap.ended();
    await this.saving;
    const { recorder, pipeline, stores, id } = this.run;
    const failures: unknown[] = [];
    const step = async (work: () => Promise<unknown>): Promise<void> => {
      await work().catch((error: unknown) => failures.push(error));
    };
    await step(async () => this.api?.close());
    await step(() => this.alerts.close());
    await step(async () => this.run.bus.close());
    if (recorder !== undefined && !recorder.isHalted) {
      recorder.mark(id, pipeline.digest.hex());
      await step(() => recorder.flush());
      await step(() => this.save());
      const end = { endedUs: systemClock.nowUs(), lastSeq: recorder.lastSeq, digest: pipeline.digest.hex() };
      await step(() => recorder.runs.end(id, end));
    }
    await step(() => stores.close());
    await step(async () => this.reference?.close());
    if (recorder !== undefined) await step(() => recorder.close());
    for (const error of failures) {
      this.log.error('close_failed', error instanceof Error ? error.message : String(error));
    }
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
