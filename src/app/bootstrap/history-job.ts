import { join } from 'node:path';
import { type Micros, US_PER_DAY, UsageError } from '../../base/index.ts';
import type { Calendars, TradingCalendar } from '../../calendar/index.ts';
import {
  expectedStarts,
  type FailedPiece,
  HistoryFetch,
  type HistoryJob,
  HistoryLedger,
  isSameJob,
  piecesOf,
  rangeWithout,
  type SourceRequests,
  StagedBars,
  type TimeRange,
} from '../../collector/index.ts';
import { type Log, systemClock } from '../../host/index.ts';
import { parseTimeframe, type Timeframe, type Universe } from '../../model/index.ts';
import type { Adapter, AdapterDefinition } from '../../sources/index.ts';

/** A provider that can be asked. */
export interface OpenProvider {
  readonly adapter: Adapter;
  readonly definition: AdapterDefinition;
  readonly requests: SourceRequests;
}

/** How far the fetching has come. */
export interface HistoryProgress {
  readonly pieces: number;
  readonly piecesTotal: number;
  readonly bars: number;
}

/** Starts of stored bars of a symbol, as the calendar stamps them. */
export type StoredStarts = (symbol: string, timeframe: string, range: TimeRange) => Promise<ReadonlySet<number>>;

export interface HistoryWorkOptions {
  readonly dataDir: string;
  readonly providers: readonly OpenProvider[];
  readonly universe: Universe;
  readonly calendars: Calendars;
  readonly log: Log;
  readonly timeframe: string;
  readonly days: number;
  /** End of the history; now when absent. */
  readonly toUs?: Micros;
  /** True where live collection shares the plan. */
  readonly isBackground: boolean;
  onProgress?(progress: HistoryProgress): void;
  /** Told of what a provider would not give; another may. */
  onFailed?(): void;
}

/** A begun job is gone on with for this long; after it the times are those of the day. */
const JOB_LIFE_US = US_PER_DAY;

/**
 * Finds what history is missing and brings it to the disk, from the providers in their order: what the first can not
 * give the next is asked for. What was fetched once is never fetched again, however often the work is cut off.
 */
export class HistoryWork {
  readonly ledger: HistoryLedger;
  readonly staged: StagedBars;
  readonly timeframe: Timeframe;
  readonly symbols: readonly string[];
  readonly job: HistoryJob;
  /** What no provider gave in this run. */
  failed: readonly FailedPiece[] = [];
  progress: HistoryProgress = { pieces: 0, piecesTotal: 0, bars: 0 };
  /** Pieces asked for in this run. */
  fetchedPieces = 0;
  private readonly options: HistoryWorkOptions;

  /** @throws UsageError where no provider has bars of the timeframe. */
  constructor(options: HistoryWorkOptions) {
    const { dataDir, providers, days, timeframe } = options;
    const directory = join(dataDir, 'bootstrap');
    this.options = options;
    this.ledger = new HistoryLedger(directory);
    this.staged = new StagedBars(directory);
    this.timeframe = parseTimeframe(timeframe);
    checkTimeframe(providers, this.timeframe);
    this.symbols = [...new Set(providers.flatMap(({ adapter }) => adapter.symbols.all))].sort();
    const nowUs = options.toUs ?? systemClock.nowUs();
    const toUs = Math.floor(nowUs / this.timeframe.lengthUs) * this.timeframe.lengthUs;
    const wished: HistoryJob = {
      symbols: this.symbols,
      timeframe: this.timeframe.text,
      sources: providers.map(({ adapter }) => adapter.id),
      fromUs: toUs - days * US_PER_DAY,
      toUs,
    };
    const begun = this.ledger.job;
    const isSame =
      begun !== undefined &&
      options.toUs === undefined &&
      isSameJob(begun, wished) &&
      begun.toUs - begun.fromUs === wished.toUs - wished.fromUs &&
      wished.toUs - begun.toUs < JOB_LIFE_US;
    this.job = isSame ? begun : wished;
    if (!isSame) this.ledger.beginJob(wished);
  }

  calendarOf(symbol: string): TradingCalendar {
    const { universe, calendars } = this.options;
    return calendars.get(universe.instrument(universe.intern(symbol)).calendar);
  }

  /** Fetches what is missing; ends early, without a failure, when `signal` is aborted. */
  async fetch(stored: StoredStarts, signal: AbortSignal): Promise<void> {
    const { providers, log, universe, isBackground, onProgress } = this.options;
    let wanted = await this.wanted(stored);
    for (const { adapter, definition, requests } of providers) {
      if (signal.aborted || wanted.length === 0) break;
      const fetch = new HistoryFetch({
        adapter,
        requests,
        ledger: this.ledger,
        staged: this.staged,
        clock: systemClock,
        log,
        sourceId: universe.sources.intern(adapter.id),
        isBackground,
        openMs: definition.breaker.openMs,
        onFailed: () => this.options.onFailed?.(),
        onPiece: (_piece, bars) => {
          const { pieces, piecesTotal } = this.progress;
          this.progress = { pieces: pieces + 1, piecesTotal, bars: this.progress.bars + bars };
          onProgress?.(this.progress);
        },
      });
      if (!fetch.has(this.timeframe.text)) continue;
      const pieces = piecesOf(wanted, this.timeframe.text, adapter);
      this.progress = { ...this.progress, piecesTotal: this.progress.pieces + pieces.length };
      onProgress?.(this.progress);
      this.failed = await fetch.fetch(pieces, signal);
      wanted = this.failed.map((piece) => ({ symbol: piece.symbol, ranges: [piece] }));
    }
    if (!signal.aborted && this.failed.length === 0) this.ledger.endJob();
  }

  /** Per symbol the ranges that are neither stored nor fetched. */
  private async wanted(stored: StoredStarts): Promise<{ symbol: string; ranges: readonly TimeRange[] }[]> {
    const { text } = this.timeframe;
    const wanted: { symbol: string; ranges: readonly TimeRange[] }[] = [];
    for (const symbol of this.symbols) {
      const taken = this.ledger.finishedRanges(symbol, text);
      const open = rangeWithout(this.job, taken);
      if (open.length === 0) continue;
      const present = await stored(symbol, text, this.job);
      const ranges = open.flatMap((range) => lackingIn(this.calendarOf(symbol), this.timeframe, range, present));
      if (ranges.length > 0) wanted.push({ symbol, ranges });
    }
    return wanted;
  }
}

function checkTimeframe(providers: readonly OpenProvider[], timeframe: Timeframe): void {
  const lengths = new Set(providers.flatMap(({ adapter }) => adapter.history?.barLengthsUs ?? []));
  if (lengths.has(timeframe.lengthUs)) return;
  const names = providers.map(({ adapter }) => adapter.id).join(', ');
  const allowed = [...lengths].sort((a, b) => a - b).map((us) => `${us / 60e6}m`);
  const hint = allowed.length === 0 ? 'it has no bars of the past' : `lengths it has: ${allowed.join(', ')}`;
  throw new UsageError(`timeframe: ${names} has no past bars of ${timeframe.text}; ${hint}.`, { subject: 'timeframe' });
}

/** The trade dates of a range of which an expected bar is not stored; dates that follow each other as one range. */
export function lackingIn(
  calendar: TradingCalendar,
  timeframe: Timeframe,
  range: TimeRange,
  present: ReadonlySet<number>,
): readonly TimeRange[] {
  const expected = expectedStarts(calendar, timeframe, range);
  if (expected.length === 0) return [];
  if (present.size === 0) return [range];
  const days = new Map<number, boolean>();
  for (const startUs of expected) {
    const day = calendar.tradeDay(startUs);
    days.set(day, days.get(day) === true || !present.has(startUs));
  }
  const lacking: { fromUs: number; toUs: number }[] = [];
  let isRunOn = false;
  for (const [day, isLacking] of days) {
    const toUs = Math.min(range.toUs, calendar.tradeDayStartUs(day + 1));
    const last = lacking.at(-1);
    if (isLacking && isRunOn && last !== undefined) last.toUs = toUs;
    else if (isLacking) lacking.push({ fromUs: Math.max(range.fromUs, calendar.tradeDayStartUs(day)), toUs });
    isRunOn = isLacking;
  }
  return lacking;
}

/** Stored starts out of a reader of pages. */
export function startsOf(
  read: (query: {
    readonly symbols: readonly string[];
    readonly timeframe: string;
    readonly fromUs: number;
    readonly toUs: number;
    readonly limit: number;
    readonly cursor?: string;
  }) => Promise<{ readonly rows: readonly { readonly start: number }[]; readonly nextCursor: string | undefined }>,
): StoredStarts {
  return async (symbol, timeframe, { fromUs, toUs }) => {
    const starts = new Set<number>();
    let cursor: string | undefined;
    do {
      const range = { symbols: [symbol], timeframe, fromUs, toUs, limit: 10_000 };
      const page = await read(cursor === undefined ? range : { ...range, cursor });
      for (const { start } of page.rows) starts.add(start);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return starts;
  };
}
