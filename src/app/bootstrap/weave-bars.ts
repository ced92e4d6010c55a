import type { Calendars } from '../../calendar/index.ts';
import { BarLabels, STAGED_WIDTH, type StagedBars, type StagedFile } from '../../collector/index.ts';
import { Engine, type EngineSettings } from '../../engine/index.ts';
import { EventBatch, EventKind, type Universe } from '../../model/index.ts';
import type { StoreSink } from '../../stores/index.ts';
import type { StoredStarts } from './history-job.ts';

const BATCH = 4_096;
/** Ticks that an engine without trades keeps per symbol. */
const LEAST_RING = 128;

export interface WeaveParts {
  readonly engine: Engine;
  readonly settings: EngineSettings;
  readonly universe: Universe;
  readonly calendars: Calendars;
  readonly stores: StoreSink;
  readonly staged: StagedBars;
  readonly stored: StoredStarts;
  /** Records a batch and gives it to the engine. */
  take(batch: EventBatch): Promise<void>;
  readonly signal: AbortSignal;
  /** Told of bars that an engine aside refuses; those of the tape's own engine go to its own sink. */
  onReject?(batch: EventBatch, row: number): void;
  onBars?(woven: number): void;
}

export interface Woven {
  /** Bars that went through the tape and the engine. */
  readonly recorded: number;
  /** Bars, coarser ones included, that went to the stores because the engine was past them. */
  readonly backfilled: number;
}

/** The bars of one symbol and timeframe that wait, file by file. */
class Waiting {
  readonly symbol: number;
  readonly source: number;
  readonly lengthUs: number;
  private readonly files: StagedFile[];
  private readonly staged: StagedBars;
  private readonly isWanted: (startUs: number) => boolean;
  private rows: Float64Array = new Float64Array(0);
  private at = 0;

  constructor(
    files: readonly StagedFile[],
    staged: StagedBars,
    universe: Universe,
    lengthUs: number,
    isWanted: (startUs: number) => boolean,
  ) {
    const [first] = files as [StagedFile];
    this.files = [...files];
    this.staged = staged;
    this.symbol = universe.intern(first.symbol);
    this.source = universe.sources.intern(first.source);
    this.lengthUs = lengthUs;
    this.isWanted = isWanted;
    this.settle();
  }

  /** End of the bar in hand; Infinity at the end. */
  get endUs(): number {
    return this.at < this.rows.length ? (this.rows[this.at] as number) + this.lengthUs : Number.POSITIVE_INFINITY;
  }

  /** Goes to the next wanted bar, into the next file where need be. */
  private settle(): void {
    for (;;) {
      for (; this.at < this.rows.length; this.at += STAGED_WIDTH) {
        if (this.isWanted(this.rows[this.at] as number)) return;
      }
      const next = this.files.shift();
      if (next === undefined) return;
      this.rows = this.staged.read(next);
      this.at = 0;
    }
  }

  /** Appends the bar in hand and goes on. */
  take(batch: EventBatch, recvUs: number): void {
    const { rows, at } = this;
    const row = batch.begin(EventKind.SourceBar, this.symbol, this.source, rows[at] as number, recvUs);
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    for (let i = 0; i < columns.length; i++) (columns[i] as Float64Array)[row] = rows[at + 1 + i] as number;
    this.at += STAGED_WIDTH;
    this.settle();
  }
}

/**
 * Brings fetched bars where they belong, in the order of time over all symbols. Where the engine has nothing newer of
 * a series they go the way of every event: onto the tape and through the engine, which so begins warm. Where it has, the
 * past is not rewritten: an engine of their own builds what follows from them, and what the stores lack is stored.
 */
export async function weaveBars(parts: WeaveParts): Promise<Woven> {
  const groups = groupsOf(parts.staged.list());
  const recorded = await recordAhead(parts, groups);
  const backfilled = parts.signal.aborted ? 0 : await backfillBehind(parts, groups);
  return { recorded, backfilled };
}

function groupsOf(files: readonly StagedFile[]): readonly (readonly StagedFile[])[] {
  const groups = Map.groupBy(files, ({ symbol, timeframe, source }) => `${symbol} ${timeframe} ${source}`);
  return [...groups.values()];
}

async function recordAhead(parts: WeaveParts, groups: readonly (readonly StagedFile[])[]): Promise<number> {
  const { engine, universe, staged, calendars } = parts;
  const waiting = groups.map((files) => {
    const { timeframe, calendar, index } = factsOf(parts, files);
    const series = engine.series(universe.intern((files[0] as StagedFile).symbol), index);
    const newestUs =
      series.length === 0 ? Number.NEGATIVE_INFINITY : (series.startUs[series.slot(series.length - 1)] as number);
    const labels = new BarLabels(calendars.get(calendar), timeframe);
    return new Waiting(files, staged, universe, timeframe.lengthUs, (startUs) => labels.of(startUs) > newestUs);
  });
  return merge(parts, waiting, (batch) => parts.take(batch), engine.nowUs);
}

async function backfillBehind(parts: WeaveParts, groups: readonly (readonly StagedFile[])[]): Promise<number> {
  const { engine, settings, universe, calendars, staged, stores } = parts;
  let count = 0;
  for (const files of groups) {
    const { timeframe, calendar, index } = factsOf(parts, files);
    const [first] = files as [StagedFile];
    const range = { fromUs: first.fromUs, toUs: (files.at(-1) as StagedFile).toUs };
    const held = await heldStarts(parts, first.symbol, range);
    const labels = new BarLabels(calendars.get(calendar), timeframe);
    const isLacking = (startUs: number): boolean => held[index]?.has(labels.of(startUs)) === false;
    const probe = new Waiting(files, staged, universe, timeframe.lengthUs, isLacking);
    if (probe.endUs === Number.POSITIVE_INFINITY) continue;
    const aside = new Engine({ ...settings, ringTicks: LEAST_RING }, universe, {
      onBar: (bar) => {
        if (held[bar.timeframe]?.has(bar.startUs) === true) return;
        stores.onBar(bar, 'final');
        if (bar.timeframe === index) count++;
      },
      onFeatures: (bar, values, offset) => {
        if (held[bar.timeframe]?.has(bar.startUs) === true) return;
        stores.onFeatures(bar, values, offset);
      },
      onReject: (batch, row) => parts.onReject?.(batch, row),
    });
    const all = new Waiting(files, staged, universe, timeframe.lengthUs, () => true);
    const take = async (batch: EventBatch): Promise<void> => {
      aside.handle(batch);
      if (stores.isBehind) await stores.drain();
      // Live events come first: what happened long ago can wait for a turn.
      await new Promise((done) => setImmediate(done));
    };
    await merge(parts, [all], take, Number.NEGATIVE_INFINITY);
    aside.finish();
    stores.onBatchEnd(engine.nowUs);
    if (parts.signal.aborted) return count;
  }
  return count;
}

/** Starts per timeframe that the stores or the engine have of a symbol in a range. */
async function heldStarts(
  { engine, universe, stored }: WeaveParts,
  symbol: string,
  range: { readonly fromUs: number; readonly toUs: number },
): Promise<readonly Set<number>[]> {
  const id = universe.intern(symbol);
  const held: Set<number>[] = [];
  for (const [i, { text }] of engine.timeframes.entries()) {
    const starts = new Set(await stored(symbol, text, range));
    const series = engine.series(id, i);
    for (let at = 0; at < series.length; at++) starts.add(series.startUs[series.slot(at)] as number);
    held.push(starts);
  }
  return held;
}

function factsOf({ engine, universe }: WeaveParts, files: readonly StagedFile[]) {
  const [first] = files as [StagedFile];
  const index = engine.timeframes.findIndex(({ text }) => text === first.timeframe);
  const timeframe = engine.timeframes[index];
  if (timeframe === undefined) throw new Error(`bars.timeframes has no ${first.timeframe}`);
  const { calendar } = universe.instrument(universe.intern(first.symbol));
  return { index, timeframe, calendar };
}

/** All bars by their ends, those of one end by symbol; received when they ended, but never before what was received. */
async function merge(
  parts: WeaveParts,
  waiting: readonly Waiting[],
  take: (batch: EventBatch) => Promise<void>,
  startUs: number,
): Promise<number> {
  const batch = new EventBatch(BATCH);
  let count = 0;
  let recvUs = startUs;
  const hand = async (): Promise<void> => {
    if (batch.length === 0) return;
    await take(batch);
    count += batch.length;
    batch.clear();
    parts.onBars?.(count);
  };
  while (!parts.signal.aborted) {
    let endUs = Number.POSITIVE_INFINITY;
    for (const each of waiting) endUs = Math.min(endUs, each.endUs);
    if (endUs === Number.POSITIVE_INFINITY) break;
    recvUs = Math.max(recvUs, endUs);
    for (const each of waiting) {
      if (each.endUs !== endUs) continue;
      if (batch.isFull) await hand();
      each.take(batch, recvUs);
    }
  }
  await hand();
  return count;
}
