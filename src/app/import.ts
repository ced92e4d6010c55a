import { formatMicros, US_PER_MS } from '../base/index.ts';
import { BarGrid, type Calendars } from '../calendar/index.ts';
import { readSettings } from '../engine/index.ts';
import { systemClock } from '../host/index.ts';
import { type EventBatch, EventKind, parseTimeframe, type Timeframe, type Universe } from '../model/index.ts';
import { QualityGate, quarantineRecord, scoreOf } from '../quality/index.ts';
import { findInputFiles, type InputFile, readFiles, verifyFiles } from '../replay/index.ts';
import { LakeStore, SqliteStore, StoreSink, ulid } from '../stores/index.ts';
import { Progress, shortCount } from './cli/progress.ts';
import { openDataDirectory } from './data-directory.ts';
import { configuredUniverse, engineSettings } from './engine-config.ts';
import { importActions } from './import-actions.ts';
import type { ActionContext, ImportOptions } from './options.ts';
import { storePath } from './replay-input.ts';

/** What `tickloom import --json` prints. */
interface ImportReport {
  readonly files: number;
  readonly events: number;
  readonly trades: number;
  readonly quotes: number;
  readonly bars: number;
  readonly quarantined: number;
  readonly first_ts: string | null;
  readonly last_ts: string | null;
  readonly wall_ms: number;
}

/**
 * Brings the rows of files into the stores as they are: judged and counted like live events, but nothing is computed
 * from them. Importing a file again replaces what it brought before.
 */
export async function runImport(context: ActionContext, options: ImportOptions): Promise<number> {
  if (options.kind === 'actions') return importActions(context, options);
  const startedMs = systemClock.monotonicMs();
  const files = await findInputFiles(options.paths, options);
  const progress = new Progress('import', context.stderr, () => systemClock.monotonicMs());
  await verifyFiles(files);
  const lock = openDataDirectory(context.config.data_dir);
  try {
    const rows = await importFiles(context, files, progress);
    const report: ImportReport = { ...rows, wall_ms: Math.round(systemClock.monotonicMs() - startedMs) };
    context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : sentence(report));
    if (!context.stop.aborted) return 0;
    context.stderr.write('stopped before the end; import the same files again to complete them\n');
    return 1;
  } finally {
    lock.release();
  }
}

async function importFiles(
  context: ActionContext,
  files: readonly InputFile[],
  progress: Progress,
): Promise<Omit<ImportReport, 'wall_ms'>> {
  const { config } = context;
  const universe = configuredUniverse(config);
  const { calendars } = readSettings(engineSettings(config));
  const gate = new QualityGate(universe, calendars, { clockSkewUs: config.quality.clock_skew_ms * US_PER_MS });
  const timeframes = timeframesOf(files);
  const history = await SqliteStore.open({ path: storePath(config.data_dir), mode: 'replace' });
  const sink = await openSink(config.data_dir, universe, timeframes, history);
  try {
    const rows = new ImportedRows(universe, calendars, gate, timeframes, sink);
    let fraction = 0;
    const detail = (): string => `${shortCount(rows.events)} rows`;
    const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }): void => {
      fraction = totalBytes === 0 ? 1 : bytes / totalBytes;
      progress.update({ fraction, detail: detail() });
    };
    for await (const batch of readFiles({ files, universe, onProgress })) {
      if (context.stop.aborted) break;
      rows.take(batch);
      if (sink.isBehind) await sink.drain();
    }
    await sink.flush();
    progress.done({ fraction: context.stop.aborted ? fraction : 1, detail: detail() });
    return rows.report(files.length);
  } finally {
    await sink.close();
  }
}

async function openSink(
  directory: string,
  universe: Universe,
  timeframes: readonly Timeframe[],
  history: SqliteStore,
): Promise<StoreSink> {
  try {
    const lake = await LakeStore.open({ directory, run: ulid(systemClock.nowUs() / US_PER_MS), mode: 'replace' });
    return new StoreSink({
      universe,
      timeframes: timeframes.map((timeframe) => timeframe.text),
      featureNames: [],
      stores: [history, lake].map((store) => ({ store, flushEveryUs: Number.POSITIVE_INFINITY })),
      isTape: false,
    });
  } catch (error) {
    await history.close();
    throw error;
  }
}

/** The timeframes of the files' bars, each once. */
function timeframesOf(files: readonly InputFile[]): readonly Timeframe[] {
  const texts = new Set(files.flatMap((file) => (file.timeframe === undefined ? [] : [file.timeframe])));
  return [...texts].map(parseTimeframe);
}

/** Judges rows and hands them to the stores; counts what became of them. */
class ImportedRows {
  events = 0;
  private trades = 0;
  private quotes = 0;
  private bars = 0;
  private quarantined = 0;
  private firstUs = Number.POSITIVE_INFINITY;
  private lastUs = Number.NEGATIVE_INFINITY;
  private readonly universe: Universe;
  private readonly calendars: Calendars;
  private readonly gate: QualityGate;
  private readonly timeframes: readonly Timeframe[];
  private readonly sink: StoreSink;
  /** By symbol, then timeframe. */
  private readonly grids: BarGrid[][] = [];

  constructor(
    universe: Universe,
    calendars: Calendars,
    gate: QualityGate,
    timeframes: readonly Timeframe[],
    sink: StoreSink,
  ) {
    this.universe = universe;
    this.calendars = calendars;
    this.gate = gate;
    this.timeframes = timeframes;
    this.sink = sink;
  }

  take(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) this.takeRow(batch, row);
    this.events += batch.length;
    this.sink.onBatchEnd(batch.tsRecvUs[batch.length - 1] as number);
  }

  private takeRow(batch: EventBatch, row: number): void {
    const kind = batch.kind[row] as EventKind;
    const verdict = this.gate.validate(batch, row);
    if (kind === EventKind.Malformed || verdict < 0) {
      const { reason, detail } = quarantineRecord(batch, row, verdict, 0, this.universe);
      this.sink.onReject(batch, row, reason, detail);
      this.quarantined++;
      return;
    }
    const tsUs = batch.tsEventUs[row] as number;
    if (tsUs < this.firstUs) this.firstUs = tsUs;
    if (tsUs > this.lastUs) this.lastUs = tsUs;
    const quality = scoreOf(verdict);
    if (kind === EventKind.Trade) {
      this.trades++;
      this.sink.onTrade(batch, row, quality, verdict);
    } else if (kind === EventKind.Quote) {
      this.quotes++;
      this.sink.onQuote(batch, row, quality, verdict);
    } else if (kind === EventKind.SourceBar) {
      this.bars++;
      this.addBar(batch, row, quality);
    }
  }

  /** Keeps the bar under the start that the file gives it; its end is that of the calendar's bar it begins in. */
  private addBar(batch: EventBatch, row: number, quality: number): void {
    const symbol = batch.symbol[row] as number;
    const timeframe = this.timeframes.findIndex(({ lengthUs }) => lengthUs === batch.p7[row]);
    const startUs = batch.tsEventUs[row] as number;
    const trades = batch.p6[row] as number;
    this.sink.onBar(
      {
        symbol,
        timeframe,
        startUs,
        endUs: this.gridOf(symbol, timeframe).boundsAt(startUs).endUs,
        open: batch.p0[row] as number,
        high: batch.p1[row] as number,
        low: batch.p2[row] as number,
        close: batch.p3[row] as number,
        volume: batch.p4[row] as number,
        vwap: batch.p5[row] as number,
        trades,
        revision: 0,
        source: batch.source[row] as number,
        quality,
      },
      'final',
    );
  }

  private gridOf(symbol: number, timeframe: number): BarGrid {
    this.grids[symbol] ??= this.timeframes.map(
      (each) => new BarGrid(this.calendars.get(this.universe.instrument(symbol).calendar), each),
    );
    return (this.grids[symbol] as BarGrid[])[timeframe] as BarGrid;
  }

  report(files: number): Omit<ImportReport, 'wall_ms'> {
    const { events, trades, quotes, bars, quarantined, firstUs, lastUs } = this;
    const hasRows = Number.isFinite(firstUs);
    return {
      files,
      events,
      trades,
      quotes,
      bars,
      quarantined,
      first_ts: hasRows ? formatMicros(firstUs) : null,
      last_ts: hasRows ? formatMicros(lastUs) : null,
    };
  }
}

function sentence(report: ImportReport): string {
  const { files, events, trades, quotes, bars, quarantined, first_ts, last_ts, wall_ms } = report;
  const span = first_ts === null ? '' : `, ${first_ts} to ${last_ts}`;
  return [
    `${events} rows of ${files} files in ${(wall_ms / 1_000).toFixed(1)} s${span}`,
    `stored: ${trades} trades, ${quotes} quotes, ${bars} bars; in quarantine: ${quarantined}`,
    '',
  ].join('\n');
}
