import { formatMicros, type TimerQueue, US_PER_MINUTE, US_PER_SECOND } from '../base/index.ts';
import type { Calendars, TradingCalendar } from '../calendar/index.ts';
import type { Universe } from '../model/index.ts';
import { freshness, WATCHED_SESSIONS } from '../quality/index.ts';
import type { AnomalyLog } from './anomaly-log.ts';

export interface StalenessOptions {
  readonly universe: Universe;
  readonly calendars: Calendars;
  readonly timers: TimerQueue;
  /** Kind under which the owner hands timers back to {@link Staleness.onTimer}. */
  readonly timerKind: number;
  readonly staleAfterUs: number;
  readonly log: AnomalyLog;
}

/** How often a stale symbol is looked at, for the end of its session: it bounds the timers of one that comes and goes. */
const STALE_LOOK_US = US_PER_MINUTE;

// Columns per symbol: time of the newest event, of the timer that counts (0: not watched), whether it is stale, and told to be.
const NEWEST = 0;
const DUE = 1;
const STALE = 2;
const TOLD = 3;
const STRIDE = 4;

/**
 * Says when a symbol has gone stale within a session, and when it is heard of again. Symbols are watched from their first
 * trade or quote on. A symbol that is stale when its session ends is so no longer, without a word.
 */
export class Staleness {
  private readonly options: StalenessOptions;
  private readonly calendarOf: (TradingCalendar | undefined)[] = [];
  private columns = new Float64Array(0);
  private isOver = false;

  constructor(options: StalenessOptions) {
    this.options = options;
  }

  /** Notes an accepted trade or quote. */
  note(symbol: number, tsUs: number, nowUs: number): void {
    const at = symbol * STRIDE;
    if (at + STRIDE > this.columns.length) this.grow(at + STRIDE);
    const { columns } = this;
    if (tsUs <= (columns[at + NEWEST] as number)) return;
    const silentUs = tsUs - (columns[at + NEWEST] as number);
    columns[at + NEWEST] = tsUs;
    if (columns[at + DUE] === 0) this.watchFrom(symbol, Math.max(tsUs, nowUs));
    else if (columns[at + STALE] === 1 && nowUs - tsUs <= this.options.staleAfterUs) this.end(symbol, at, silentUs);
  }

  private end(symbol: number, at: number, silentUs: number): void {
    const { columns } = this;
    columns[at + STALE] = 0;
    this.watchFrom(symbol, columns[at + NEWEST] as number);
    if (columns[at + TOLD] === 0) return;
    columns[at + TOLD] = 0;
    const value = silentUs / US_PER_SECOND;
    const name = this.options.universe.symbol(symbol);
    const detail = `${name} is heard of again after ${rounded(value)} s.`;
    this.options.log.sayOver({ symbol, kind: 'stale', value, limit: this.limitS, detail });
  }

  /** The time of a symbol has come: it is stale, or silent for less, or its market is closed. */
  onTimer(symbol: number, dueUs: number): void {
    if (this.isOver) return;
    const at = symbol * STRIDE;
    const { columns } = this;
    // Another one was set since.
    if (columns[at + DUE] !== dueUs) return;
    const calendar = this.calendar(symbol);
    const newestUs = columns[at + NEWEST] as number;
    const { state } = freshness(newestUs, dueUs, calendar, this.options.staleAfterUs);
    if (state === 'closed') {
      columns[at + STALE] = 0;
      columns[at + TOLD] = 0;
      const next = calendar.nextSession(dueUs, WATCHED_SESSIONS);
      if (next === undefined) columns[at + DUE] = 0;
      else this.watchFrom(symbol, next.startUs);
      return;
    }
    const session = calendar.spanAt(dueUs);
    if (state === 'fresh') {
      this.watchFrom(symbol, Math.max(session.startUs, newestUs));
      return;
    }
    this.setTimer(symbol, Math.min(Math.max(session.endUs, dueUs + 1), dueUs + STALE_LOOK_US));
    columns[at + STALE] = 1;
    // What a cool-down kept back is said when that is over, if it is still so.
    if (columns[at + TOLD] === 1) return;
    const value = (dueUs - newestUs) / US_PER_SECOND;
    const name = this.options.universe.symbol(symbol);
    const detail = `${name} is stale: nothing for ${rounded(value)} s in its session, the last event is of ${formatMicros(newestUs)}.`;
    columns[at + TOLD] = this.options.log.say({ symbol, kind: 'stale', value, limit: this.limitS, detail }) ? 1 : 0;
  }

  /** The tape ends: that nothing follows is no silence of the market. */
  finish(): void {
    this.isOver = true;
  }

  /** Silence that begins at `sinceUs` is staleness once it is longer than the bound. */
  private watchFrom(symbol: number, sinceUs: number): void {
    this.setTimer(symbol, sinceUs + this.options.staleAfterUs + 1);
  }

  private setTimer(symbol: number, dueUs: number): void {
    this.columns[symbol * STRIDE + DUE] = dueUs;
    this.options.timers.set(dueUs, this.options.timerKind, symbol);
  }

  private get limitS(): number {
    return this.options.staleAfterUs / US_PER_SECOND;
  }

  private calendar(symbol: number): TradingCalendar {
    const known = this.calendarOf[symbol];
    if (known !== undefined) return known;
    const calendar = this.options.calendars.get(this.options.universe.instrument(symbol).calendar);
    this.calendarOf[symbol] = calendar;
    return calendar;
  }

  private grow(length: number): void {
    const columns = new Float64Array(Math.max(2 * this.columns.length, length));
    for (let at = this.columns.length; at < columns.length; at += STRIDE) {
      columns[at + NEWEST] = Number.NEGATIVE_INFINITY;
    }
    columns.set(this.columns);
    this.columns = columns;
  }

  snapshot(): readonly number[] {
    return [...this.columns];
  }

  restore(columns: readonly number[]): void {
    this.columns = Float64Array.from(columns);
  }
}

function rounded(seconds: number): string {
  return String(Number(seconds.toPrecision(4)));
}
