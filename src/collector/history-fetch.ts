import { type Micros, TickloomError } from '../base/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { parseTimeframe } from '../model/index.ts';
import type { Adapter, HistoryQuery } from '../sources/index.ts';
import type { FailedPiece, HistoryLedger, HistoryPiece } from './history-ledger.ts';
import { RowCollector } from './row-collector.ts';
import type { SourceRequests } from './source-requests.ts';
import { STAGED_WIDTH, type StagedBars, stagedRows } from './staged-bars.ts';
import { cutRange } from './time-ranges.ts';

/** Bars that a piece may hold where the provider says nothing of its own: some pages, so that a crash costs little. */
const PIECE_BARS = 20_000;
/** How often a piece is tried while the breaker of its source opens and closes. */
const MAX_TRIES = 3;

/** Codes after which a source is of no use for any other piece. */
const SOURCE_IS_OUT: ReadonlySet<string> = new Set(['quota-spent', 'refused', 'foreign-link']);

export interface HistoryFetchOptions {
  readonly adapter: Adapter;
  readonly requests: SourceRequests;
  readonly ledger: HistoryLedger;
  readonly staged: StagedBars;
  readonly clock: Clock;
  readonly log: Log;
  /** Id of the source in the universe. */
  readonly sourceId: number;
  /** True where live collection shares the plan: it goes first, and keeps a part of every limit for itself. */
  readonly isBackground: boolean;
  /** Time for which the breaker stays open. */
  readonly openMs: number;
  onPiece(piece: HistoryPiece, bars: number): void;
  onFailed?(piece: FailedPiece): void;
}

/** Brings pieces of history from one source to the disk, as many at once as the plan allows. */
export class HistoryFetch {
  private readonly options: HistoryFetchOptions;
  private outCode: FailedPiece | undefined;
  private hasAnswered = false;

  constructor(options: HistoryFetchOptions) {
    this.options = options;
  }

  /** Whether the source has bars of a length at all. */
  has(timeframe: string): boolean {
    return this.options.adapter.history?.barLengthsUs.includes(parseTimeframe(timeframe).lengthUs) === true;
  }

  /**
   * Fetches the pieces in their order. What could not be had is given back with the reason and is in the ledger;
   * pieces that were not reached before `signal` was aborted are in neither.
   */
  async fetch(pieces: readonly HistoryPiece[], signal: AbortSignal): Promise<readonly FailedPiece[]> {
    const { adapter, isBackground } = this.options;
    const failed: FailedPiece[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < pieces.length && !signal.aborted; at = next++) {
        const failure = await this.piece(pieces[at] as HistoryPiece, signal);
        if (failure !== undefined) failed.push(failure);
      }
    };
    // In the background a connection stays free for what is live.
    const workers = Math.max(1, adapter.limits.concurrent - (isBackground ? 1 : 0));
    await Promise.all(Array.from({ length: workers }, work));
    return failed;
  }

  private async piece(piece: HistoryPiece, signal: AbortSignal): Promise<FailedPiece | undefined> {
    const { ledger, adapter, clock, openMs } = this.options;
    for (let tries = 1; ; tries++) {
      if (this.outCode !== undefined) return this.failed(piece, this.outCode.code, this.outCode.message);
      try {
        await this.once(piece, signal);
        return undefined;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof TickloomError)) throw error;
        // One that never answered is not waited for.
        if (error.code === 'breaker-open' && this.hasAnswered && tries < MAX_TRIES) {
          await clock.sleep(openMs, signal);
          continue;
        }
        const failure = this.failed(piece, error.code, error.message);
        const isOut = SOURCE_IS_OUT.has(error.code) || (error.code === 'breaker-open' && !this.hasAnswered);
        if (isOut) this.outCode = failure;
        ledger.fail(failure);
        this.options.onFailed?.(failure);
        this.options.log.warn('history_failed', error.message, {
          source: adapter.id,
          symbol: piece.symbol,
          code: error.code,
        });
        return failure;
      }
    }
  }

  private failed(piece: HistoryPiece, code: string, message: string): FailedPiece {
    return { ...piece, source: this.options.adapter.id, code, message };
  }

  private async once(piece: HistoryPiece, signal: AbortSignal): Promise<void> {
    const { adapter, requests, clock, sourceId, ledger, staged, isBackground } = this.options;
    const { symbol, timeframe, fromUs, toUs } = piece;
    const rows = new RowCollector({ sourceId });
    let query: HistoryQuery | undefined = adapter.history?.bars?.(piece, parseTimeframe(timeframe).lengthUs);
    while (query !== undefined) {
      const answer = await requests.ask(query.request, signal, isBackground);
      const nowUs = clock.nowUs();
      rows.begin(nowUs);
      query = query.read(answer, nowUs, rows);
      for (const outcome of rows.outcomes.splice(0)) {
        if (outcome.type === 'error') throw new TickloomError(`refused-${outcome.remedy}`, outcome.message);
      }
    }
    this.hasAnswered = true;
    const bars = stagedRows(rows.filled, fromUs, toUs);
    const count = bars.length / STAGED_WIDTH;
    const source = adapter.id;
    // The bars first: a ledger that names what is not there would lose it.
    if (count > 0) staged.write({ source, symbol, timeframe, fromUs, toUs }, bars);
    ledger.finish({ source, symbol, timeframe, fromUs, toUs, bars: count, unreadable: rows.rejected });
    this.options.onPiece(piece, count);
  }
}

/** What is wanted of each symbol, in pieces as long as suits the source, the newest of all symbols first. */
export function piecesOf(
  wanted: readonly { readonly symbol: string; readonly ranges: readonly { fromUs: Micros; toUs: Micros }[] }[],
  timeframe: string,
  adapter: Adapter,
): readonly HistoryPiece[] {
  const { lengthUs } = parseTimeframe(timeframe);
  const stretchUs = adapter.history?.stretchUs?.(lengthUs) ?? PIECE_BARS * lengthUs;
  return wanted
    .flatMap(({ symbol, ranges }) =>
      ranges.flatMap((range) => cutRange(range, stretchUs).map((piece) => ({ symbol, timeframe, ...piece }))),
    )
    .sort((a, b) => b.toUs - a.toUs || (a.symbol < b.symbol ? -1 : 1));
}
