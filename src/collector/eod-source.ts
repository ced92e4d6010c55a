import { TickloomError, US_PER_DAY, US_PER_MINUTE, UsageError } from '../base/index.ts';
import type { Calendars } from '../calendar/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { type EventBatch, EventKind, type Instrument, type StatusPayload, type Universe } from '../model/index.ts';
import type { Adapter, HistoryQuery, PlanLimits, Source, SourceCapabilities } from '../sources/index.ts';
import { NewsFilter } from './news-filter.ts';
import { RowCollector } from './row-collector.ts';
import type { SourceRequests } from './source-requests.ts';

/** Providers settle the bar of a day some time after its close. */
const AFTER_CLOSE_US = 15 * US_PER_MINUTE;
/** How far back a refresh reaches: over any long weekend, so that corrected days come again. */
const REACH_US = 10 * US_PER_DAY;
/** Pause before symbols that failed are asked for again. */
const RETRY_MS = 300_000;
/** Longest sleep, so that a clock that is set is noticed. */
const LOOK_MS = 3_600_000;
/** Failed rounds, before the first good one, after which the program gives up. */
const FIRST_ROUNDS = 3;
/** Requests a minute in this mode [ING-2]. */
const PER_MINUTE = 5;

export interface EodSourceOptions {
  readonly adapter: Adapter;
  readonly requests: SourceRequests;
  readonly universe: Universe;
  readonly calendars: Calendars;
  readonly clock: Clock;
  readonly follow?: (tsEventUs: number) => void;
  readonly log: Log;
}

/** The limits of a plan in end-of-day mode: five requests a minute, one at a time, and never more than the plan has. */
export function eodLimits(limits: PlanLimits): PlanLimits {
  return { ...limits, perMinute: Math.min(PER_MINUTE, limits.perMinute ?? PER_MINUTE), concurrent: 1 };
}

/**
 * A provider in end-of-day mode: the bars of days, asked for once at the start and then after each close of a market
 * that its symbols trade in.
 */
export class EodSource implements Source {
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  private readonly options: EodSourceOptions;
  private readonly sourceId: number;
  private readonly news = new NewsFilter();
  private recvUs = 0;
  private wasEverLive = false;
  private isLive = false;

  /** @throws UsageError where the provider has no bars of days. */
  constructor(options: EodSourceOptions) {
    const { adapter, universe } = options;
    if (adapter.history?.bars === undefined || !adapter.history.barLengthsUs.includes(US_PER_DAY)) {
      throw new UsageError(`mode: ${adapter.id} has no bars of days, which mode eod needs.`, { subject: 'mode' });
    }
    this.options = options;
    this.id = adapter.id;
    this.capabilities = { ...adapter.capabilities, kinds: ['bars'] };
    this.sourceId = universe.sources.intern(adapter.id);
  }

  instruments(): readonly Instrument[] {
    return this.options.adapter.instruments();
  }

  /** Breaker, quota and latest failure, for people. */
  health(): ReturnType<NonNullable<Source['health']>> {
    const { requests } = this.options;
    return { breaker: requests.breaker, quota: requests.remaining(), lastError: requests.lastError };
  }

  /**
   * Bars of days until `signal` is aborted.
   * @throws UsageError for refused keys and for a source that was never reached.
   */
  async *stream(signal: AbortSignal): AsyncGenerator<EventBatch> {
    const { adapter, requests, clock } = this.options;
    try {
      while (!signal.aborted) {
        const dueUs = this.nextRefreshUs(clock.nowUs());
        let open: readonly string[] = adapter.symbols.all;
        for (let round = 1; open.length > 0 && !signal.aborted; round++) {
          if (round > 1) await clock.sleep(RETRY_MS, signal);
          const failed: string[] = [];
          for (const symbol of open) {
            if (signal.aborted) return;
            const failure = yield* this.refresh(symbol, signal);
            if (failure === undefined) continue;
            failed.push(symbol);
            yield* this.noteFailure(failure, round);
          }
          open = failed;
          if (clock.nowUs() >= dueUs) break;
        }
        while (!signal.aborted && clock.nowUs() < dueUs) {
          await clock.sleep(Math.min(LOOK_MS, Math.ceil((dueUs - clock.nowUs()) / 1_000)), signal);
        }
      }
    } finally {
      await requests.close();
    }
  }

  /** When the next close of a market of these symbols is settled; tomorrow where no calendar has one. */
  nextRefreshUs(nowUs: number): number {
    const { universe, calendars, adapter } = this.options;
    const ids = new Set(adapter.symbols.all.map((symbol) => universe.instrument(universe.intern(symbol)).calendar));
    const closes = [...ids].flatMap((id) => {
      const calendar = calendars.get(id);
      // A market that never closes has the end of its trade date.
      const ends = [calendar.tradeDayStartUs(calendar.tradeDay(nowUs) + 1)];
      const sessions = calendar.sessionsBetween(nowUs - AFTER_CLOSE_US, nowUs + REACH_US, ['regular']);
      if (sessions.length > 1) ends.splice(0, 1, ...sessions.map(({ endUs }) => endUs));
      return ends.map((endUs) => endUs + AFTER_CLOSE_US).filter((dueUs) => dueUs > nowUs);
    });
    return closes.length === 0 ? nowUs + US_PER_DAY : Math.min(...closes);
  }

  /** Asks for the last days of a symbol; gives the failure, if there was one. */
  private async *refresh(symbol: string, signal: AbortSignal): AsyncGenerator<EventBatch, TickloomError | undefined> {
    const { adapter, requests, clock, log } = this.options;
    const answered = new RowCollector({ sourceId: this.sourceId });
    const toUs = clock.nowUs();
    const fromUs = toUs - REACH_US;
    try {
      let query: HistoryQuery | undefined = adapter.history?.bars?.({ symbol, fromUs, toUs }, US_PER_DAY);
      while (query !== undefined) {
        const answer = await requests.ask(query.request, signal);
        answered.begin(clock.nowUs());
        // A day's bar is settled after its close, long before its midnight: which are, is looked at below.
        query = query.read(answer, clock.nowUs() + US_PER_DAY, answered);
      }
    } catch (error) {
      if (!(error instanceof TickloomError) || error instanceof UsageError) throw error;
      if (error.code !== 'refused-symbol') return error;
      log.warn('symbol_refused', error.message, { source: this.id, symbol });
    }
    const news = new RowCollector({ sourceId: this.sourceId });
    if (!this.isLive) this.status(news, 'connected', this.wasEverLive ? 'answers again' : 'started');
    this.isLive = true;
    this.wasEverLive = true;
    for (const batch of answered.filled) {
      for (let row = 0; row < batch.length; row++) {
        const isBar = batch.kind[row] === EventKind.SourceBar;
        const settledUs = isBar ? this.settledUs(symbol, batch.tsEventUs[row] as number) : toUs;
        const isWanted = !isBar || ((batch.tsEventUs[row] as number) >= fromUs && settledUs <= toUs);
        if (!isWanted || (isBar && !this.news.isNews(batch, row))) continue;
        const to = news.batch();
        to.tsRecvUs[to.copyRow(batch, row)] = this.receipt(settledUs);
      }
    }
    yield* news.filled;
    return undefined;
  }

  /** When the bar of the day that begins at a midnight counts: after the close, or the day's end where there is none. */
  private settledUs(symbol: string, startUs: number): number {
    const { universe, calendars } = this.options;
    const calendar = calendars.get(universe.instrument(universe.intern(symbol)).calendar);
    const day = calendar.tradeDay(startUs + US_PER_DAY / 2);
    const close = calendar.sessionsOn(day).findLast(({ kind }) => kind === 'regular');
    return close === undefined ? calendar.tradeDayStartUs(day + 1) : close.endUs;
  }

  /** Receive times never go backwards. */
  private receipt(settledUs: number): number {
    const { follow, clock } = this.options;
    const knownUs = follow === undefined ? clock.nowUs() : settledUs;
    if (knownUs > this.recvUs) {
      this.recvUs = knownUs;
      follow?.(knownUs);
    }
    return this.recvUs;
  }

  private *noteFailure(failure: TickloomError, round: number): Generator<EventBatch> {
    if (failure.code === 'aborted') return;
    const isUnreached = failure.code === 'http-failed' || failure.code === 'http-timeout';
    if (failure.code === 'refused' || (isUnreached && !this.wasEverLive && round >= FIRST_ROUNDS)) {
      throw new UsageError(`source: ${failure.message.replace(/\.+$/, '')}.`, { subject: 'source', cause: failure });
    }
    this.options.log.warn('refresh_failed', failure.message, { source: this.id, code: failure.code });
    if (!this.isLive) return;
    this.isLive = false;
    const news = new RowCollector({ sourceId: this.sourceId, capacity: 1 });
    this.status(news, 'disconnected', failure.code);
    yield* news.filled;
  }

  private status(to: RowCollector, state: StatusPayload['state'], reason: string): void {
    if (this.options.follow === undefined) this.recvUs = Math.max(this.recvUs, this.options.clock.nowUs());
    const payload: StatusPayload = { type: 'status', state, reason };
    to.batch().addPayload(EventKind.Status, -1, this.sourceId, this.recvUs, this.recvUs, payload);
  }

  /** @throws UsageError always: there are no trades in this mode. */
  // biome-ignore lint/correctness/useYield: it has nothing to yield
  async *history(symbol: string): AsyncGenerator<EventBatch> {
    throw new UsageError(`${this.id} has no past trades of ${symbol} in mode eod.`, { subject: 'mode' });
  }
}
