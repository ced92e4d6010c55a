import { formatMicros, parseMicros, US_PER_DAY, UsageError } from '../base/index.ts';
import { systemClock } from '../host/index.ts';
import { type EventBatch, EventKind, type EventSource, type Universe } from '../model/index.ts';
import { type EventSelection, paceEvents, rebatchEvents, selectEvents } from '../replay/index.ts';
import { LakeStore, SqliteStore, StoreSink, ulid } from '../stores/index.ts';
import { Progress, shortCount } from './cli/progress.ts';
import { openDataDirectory } from './data-directory.ts';
import { readRunSnapshot } from './live/run-snapshot.ts';
import type { ActionContext, ReplayOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { rebuildBar } from './rebuild-bar.ts';
import { type ReplayInput, replayInput, storePath } from './replay-input.ts';

/** What `tickloom replay --json` prints. */
interface ReplayReport {
  readonly events: number;
  readonly trades: number;
  readonly quotes: number;
  readonly bars: number;
  readonly revisions: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly gaps: number;
  /** Statements of the analysis, amended and withdrawn ones included. */
  readonly patterns: number;
  readonly regime_changes: number;
  readonly signals: number;
  readonly outcomes: number;
  readonly first_ts: string | null;
  readonly last_ts: string | null;
  readonly wall_ms: number;
  readonly events_per_s: number;
  /** Market time per wall time. */
  readonly speed: number;
  readonly peak_rss_mb: number;
  readonly digest: string;
  readonly final_bars_digest: string;
}

/** A report, and why rows were refused. */
interface ReplayOutcome {
  readonly report: ReplayReport;
  readonly reasons: ReadonlyMap<string, number>;
}

/** Rows per batch as the readers make them. */
const NATURAL_BATCH = 4_096;

/** Rows of a lake commit: a file is read faster than the lake is written, and what waits is in memory. */
const COMMIT_ROWS = 100_000;

/** Pushes recorded runs or files through the engine. */
export async function runReplay(context: ActionContext, options: ReplayOptions): Promise<number> {
  const selection = readSelection(context, options);
  const input = await replayInput(options.paths, context.config, options);
  await input.check();
  // A recorded run lies in this data directory already, with everything that was derived from it.
  const keeps = options.store && input.kind !== 'run';
  const lock = keeps ? openDataDirectory(context.config.data_dir) : undefined;
  try {
    const { report, reasons } = await replay(context, input, selection, options, keeps);
    if (report.events === 0)
      context.stderr.write('tickloom: no event matched: look at the files, --from, --to and --symbols\n');
    print(context, report, reasons, options.json);
    return context.stop.aborted ? 1 : 0;
  } finally {
    lock?.release();
  }
}

function readSelection(context: ActionContext, options: ReplayOptions): EventSelection {
  const { symbols } = context.config;
  return {
    ...(options.from === undefined ? {} : { fromUs: readTime('--from', options.from) }),
    ...(options.to === undefined ? {} : { toUs: readTime('--to', options.to) }),
    ...(symbols.length === 0 ? {} : { symbols }),
  };
}

/** @throws UsageError naming the flag and what a time looks like. */
export function readTime(flag: string, text: string): number {
  const us = parseMicros(text);
  if (us === undefined) {
    throw new UsageError(`${flag} ${text}: a time such as 2026-01-30T14:30:00Z, or a date, is expected.`, {
      subject: flag,
    });
  }
  return us;
}

/** Event times before 1971 are refused. */
const EARLIEST_US = 365 * US_PER_DAY;

/** Times and counts on the way in. */
class InputMeter {
  events = 0;
  firstUs = Number.POSITIVE_INFINITY;
  lastUs = Number.NEGATIVE_INFINITY;

  note(batch: EventBatch): void {
    this.events += batch.length;
    for (let row = 0; row < batch.length; row++) {
      const us = batch.tsEventUs[row] as number;
      // A row that could not be read, or has seconds for milliseconds, says nothing about when the tape was.
      if (batch.kind[row] === EventKind.Malformed || us < EARLIEST_US) continue;
      if (us < this.firstUs) this.firstUs = us;
      if (us > this.lastUs) this.lastUs = us;
    }
  }
}

async function replay(
  context: ActionContext,
  input: ReplayInput,
  selection: EventSelection,
  options: ReplayOptions,
  keeps: boolean,
): Promise<ReplayOutcome> {
  const universe = input.newUniverse();
  const startedMs = systemClock.monotonicMs();
  const stores = keeps ? await openStores(context, input, universe) : undefined;
  try {
    const pipeline = new Pipeline(input.settings, universe, stores === undefined ? [] : [stores]);
    if (input.start !== undefined) readRunSnapshot(input.start, pipeline.engine);
    const meter = await push(context, input, universe, selection, options, pipeline, stores);
    if (input.kind === 'files' && !context.stop.aborted) pipeline.engine.finish();
    await stores?.flush();
    const report = reportOf(pipeline, meter, systemClock.monotonicMs() - startedMs);
    return { report, reasons: pipeline.counts.reasons };
  } finally {
    await stores?.close();
  }
}

async function openStores(context: ActionContext, input: ReplayInput, universe: Universe): Promise<StoreSink> {
  const { data_dir: directory } = context.config;
  const { parts } = new Pipeline(input.settings, universe).engine;
  const run = ulid(systemClock.nowUs() / 1_000);
  const history = await SqliteStore.open({ path: storePath(directory), mode: 'replace' });
  const lake = await LakeStore.open({
    directory,
    featureNames: parts.plan.names,
    run,
    mode: 'replace',
    commitRows: COMMIT_ROWS,
    maxPendingRows: 2 * COMMIT_ROWS,
  });
  return new StoreSink({
    universe,
    timeframes: parts.timeframes.map((timeframe) => timeframe.text),
    featureNames: parts.plan.names,
    stores: [
      { store: history, flushEveryUs: Number.POSITIVE_INFINITY },
      { store: lake, flushEveryUs: Number.POSITIVE_INFINITY },
    ],
    isTape: false,
    // A second of a market that is replayed is nothing: small batches would cost more than their rows.
    clock: systemClock,
    // What comes whole is not joined.
    handOverRows: COMMIT_ROWS,
    rebuildBar: rebuildBar(parts, universe),
    onFailure: (store, error) =>
      context.stderr.write(`tickloom: ${store}: ${error instanceof Error ? error.message : String(error)}\n`),
  });
}

async function push(
  context: ActionContext,
  input: ReplayInput,
  universe: Universe,
  selection: EventSelection,
  options: ReplayOptions,
  pipeline: Pipeline,
  stores: StoreSink | undefined,
): Promise<InputMeter> {
  const meter = new InputMeter();
  const progress = new Progress('replay', context.stderr, () => systemClock.monotonicMs());
  let last = { fraction: 0, detail: '0 events' };
  let events: EventSource = input.open(universe, (state) => {
    last = { fraction: state.fraction ?? 0, detail: `${shortCount(meter.events)} events` };
    progress.update(last);
  });
  events = selectEvents(events, universe, selection);
  if (options.batchSize !== NATURAL_BATCH) events = rebatchEvents(events, options.batchSize);
  const speed = options.speed === Number.POSITIVE_INFINITY ? 'max' : options.speed;
  for await (const batch of paceEvents(events, { speed, clock: systemClock, signal: context.stop })) {
    if (context.stop.aborted) break;
    meter.note(batch);
    pipeline.engine.handle(batch);
    if (stores?.isBehind === true) await stores.drain();
  }
  progress.done({
    ...last,
    fraction: context.stop.aborted ? last.fraction : 1,
    detail: `${shortCount(meter.events)} events`,
  });
  return meter;
}

function reportOf(pipeline: Pipeline, meter: InputMeter, wallMs: number): ReplayReport {
  const { counts } = pipeline;
  const hasEvents = meter.firstUs <= meter.lastUs;
  return {
    events: meter.events,
    trades: counts.trades,
    quotes: counts.quotes,
    bars: counts.bars,
    revisions: counts.revisions,
    rejected: counts.rejected,
    quarantined: counts.rejected,
    gaps: counts.gaps,
    patterns: counts.patterns,
    regime_changes: counts.regimeChanges,
    signals: counts.signals,
    outcomes: counts.outcomes,
    first_ts: hasEvents ? formatMicros(meter.firstUs) : null,
    last_ts: hasEvents ? formatMicros(meter.lastUs) : null,
    wall_ms: Math.round(wallMs),
    events_per_s: Math.round((meter.events * 1_000) / wallMs),
    speed: hasEvents ? Math.round((meter.lastUs - meter.firstUs) / 1_000 / wallMs) : 0,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1_024),
    digest: pipeline.digest.hex(),
    final_bars_digest: pipeline.finalBars.hex(),
  };
}

function print(
  context: ActionContext,
  report: ReplayReport,
  reasons: ReadonlyMap<string, number>,
  json: boolean,
): void {
  if (json) {
    context.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const { events, trades, quotes, bars, revisions, rejected, gaps } = report;
  const named = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
  const why = named === '' ? '' : ` (${named})`;
  context.stdout.write(
    [
      `${events} events: ${trades} trades, ${quotes} quotes, ${rejected} rejected to quarantine${why}`,
      `${bars} bars, ${revisions} revisions, ${gaps} gaps, from ${report.first_ts ?? '-'} to ${report.last_ts ?? '-'}`,
      `${report.patterns} patterns, ${report.regime_changes} regime changes, ${report.signals} signals, ${report.outcomes} outcomes`,
      `${report.wall_ms} ms, ${report.events_per_s} events/s, ${report.speed}x real time, peak ${report.peak_rss_mb} MB`,
      `digest ${report.digest}`,
      `final bars ${report.final_bars_digest}`,
      '',
    ].join('\n'),
  );
}
