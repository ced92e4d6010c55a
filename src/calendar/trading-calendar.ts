import type { Micros } from '../base/index.ts';
import { US_PER_DAY } from '../base/index.ts';
import type { CalendarPlan, EarlyClose, Hours, WeekPlan } from './calendar-definition.ts';
import type { CivilDay } from './civil-day.ts';
import { formatCivilDay, weekdayOf, yearOf } from './civil-day.ts';
import type { Session, SessionKind } from './session.ts';
import type { ExchangeYear } from './us-equity-days.ts';
import { ZoneClock } from './zone-clock.ts';

/** How far ahead the trade date of a day without sessions is looked for; beyond it the day counts to itself. */
const MAX_CLOSED_DAYS = 30;
/** How far ahead {@link TradingCalendar.nextSession} looks: longer than any exchange has ever been shut. */
const MAX_SEARCH_DAYS = 400;
const CACHE_DAYS = 512;

/** A stretch of time in which nothing about the calendar changes: a session, or a gap between sessions. */
export interface CalendarSpan {
  readonly startUs: Micros;
  readonly endUs: Micros;
  /** Where intraday buckets are counted from: the session's start; in a gap the midnight of the exchange day. */
  readonly anchorUs: Micros;
  readonly tradeDay: CivilDay;
  readonly session: Session | undefined;
}

interface TradeDay {
  readonly day: CivilDay;
  readonly sessions: readonly Session[];
}

interface LocalDay {
  readonly day: CivilDay;
  readonly spans: readonly CalendarSpan[];
}

const NO_SPAN: CalendarSpan = { startUs: 1, endUs: 0, anchorUs: 0, tradeDay: 0, session: undefined };

/**
 * The sessions and trade dates of a market. All answers follow from the plan and the runtime's zone data; the fields
 * below the plan are caches of derived facts (direct-mapped, so that they need no eviction), never state.
 */
export class TradingCalendar {
  readonly id: string;
  readonly zone: string;
  readonly plan: CalendarPlan;
  private readonly clock: ZoneClock;
  private readonly years = new Map<number, ExchangeYear>();
  private readonly tradeDays: (TradeDay | undefined)[] = new Array(CACHE_DAYS).fill(undefined);
  private readonly localDays: (LocalDay | undefined)[] = new Array(CACHE_DAYS).fill(undefined);
  private span: CalendarSpan = NO_SPAN;

  constructor(plan: CalendarPlan) {
    this.id = plan.id;
    this.zone = plan.zone;
    this.plan = plan;
    this.clock = new ZoneClock(plan.zone);
  }

  /** The session that holds an instant, `undefined` when the market is closed. */
  sessionAt(tsUs: Micros): Session | undefined {
    return this.spanAt(tsUs).session;
  }

  /** Whether a session (of one of `kinds`, when given) holds the instant. */
  isOpen(tsUs: Micros, kinds?: readonly SessionKind[]): boolean {
    const session = this.spanAt(tsUs).session;
    return session !== undefined && (kinds === undefined || kinds.includes(session.kind));
  }

  /** The first session (of one of `kinds`) that starts at or after an instant; `undefined` when none does for 400 days. */
  nextSession(tsUs: Micros, kinds?: readonly SessionKind[]): Session | undefined {
    const first = this.tradeDay(tsUs);
    for (let day = first; day <= first + MAX_SEARCH_DAYS; day++) {
      for (const session of this.sessionsOn(day)) {
        if (session.startUs >= tsUs && (kinds === undefined || kinds.includes(session.kind))) return session;
      }
    }
    return undefined;
  }

  /** Sessions that overlap [fromUs, toUs), in order. */
  sessionsBetween(fromUs: Micros, toUs: Micros, kinds?: readonly SessionKind[]): Session[] {
    const found: Session[] = [];
    if (!(fromUs < toUs)) return found;
    const last = this.tradeDay(toUs - 1);
    for (let day = this.tradeDay(fromUs); day <= last; day++) {
      for (const session of this.sessionsOn(day)) {
        const isWanted = kinds === undefined || kinds.includes(session.kind);
        if (isWanted && session.startUs < toUs && session.endUs > fromUs) found.push(session);
      }
    }
    return found;
  }

  /** The exchange day that something at this instant counts to, `2026-01-30`. */
  tradeDate(tsUs: Micros): string {
    return formatCivilDay(this.spanAt(tsUs).tradeDay);
  }

  /** As {@link tradeDate}, as a day number. */
  tradeDay(tsUs: Micros): CivilDay {
    return this.spanAt(tsUs).tradeDay;
  }

  isTradingDay(day: CivilDay): boolean {
    return this.sessionsOn(day).length > 0;
  }

  /** The sessions of a trade date, in order; none on holidays and days off. */
  sessionsOn(day: CivilDay): readonly Session[] {
    const slot = ((day % CACHE_DAYS) + CACHE_DAYS) % CACHE_DAYS;
    const cached = this.tradeDays[slot];
    if (cached !== undefined && cached.day === day) return cached.sessions;
    const sessions = this.buildSessions(day);
    this.tradeDays[slot] = { day, sessions };
    return sessions;
  }

  /**
   * The first instant that counts to trade date `day` or a later one. Trade dates partition time: `day` lasts up to
   * `tradeDayStartUs(day + 1)`.
   */
  tradeDayStartUs(day: CivilDay): Micros {
    let first = day;
    if (this.plan.offDays === 'next') {
      const target = this.countingDay(day);
      while (!this.isTradingDay(first - 1) && this.countingDay(first - 1) === target) first--;
    }
    return this.rollUs(first);
  }

  /** The midnight that stamps bars of trade date `day`: the exchange's or UTC's, as the calendar says. */
  dayLabelUs(day: CivilDay): Micros {
    return this.plan.dayLabel === 'utc' ? day * US_PER_DAY : this.clock.instantOf(day * US_PER_DAY);
  }

  /** The session or gap that holds an instant. Gaps end at sessions, at midnight of the zone and where the date rolls. */
  spanAt(tsUs: Micros): CalendarSpan {
    const current = this.span;
    if (tsUs >= current.startUs && tsUs < current.endUs) return current;
    const found = this.findSpan(tsUs);
    this.span = found;
    return found;
  }

  private findSpan(tsUs: Micros): CalendarSpan {
    let day = Math.floor((tsUs + this.clock.offsetUs(tsUs)) / US_PER_DAY);
    // Where clocks are set back across midnight the local date runs backwards for a while; the first midnight rules.
    while (tsUs < this.midnightUs(day)) day--;
    while (tsUs >= this.midnightUs(day + 1)) day++;
    const spans = this.localDay(day).spans;
    let i = 0;
    while (tsUs >= (spans[i] as CalendarSpan).endUs) i++;
    return spans[i] as CalendarSpan;
  }

  private localDay(day: CivilDay): LocalDay {
    const slot = ((day % CACHE_DAYS) + CACHE_DAYS) % CACHE_DAYS;
    const cached = this.localDays[slot];
    if (cached !== undefined && cached.day === day) return cached;
    const built = { day, spans: this.buildSpans(day) };
    this.localDays[slot] = built;
    return built;
  }

  private buildSpans(day: CivilDay): CalendarSpan[] {
    const startUs = this.midnightUs(day);
    const endUs = this.midnightUs(day + 1);
    const rollUs = this.rollUs(day + 1);
    const spans: CalendarSpan[] = [];
    let at = startUs;
    const addGap = (untilUs: number): void => {
      for (const stopUs of [Math.min(rollUs, untilUs), untilUs]) {
        if (stopUs <= at) continue;
        const tradeDay = this.countingDay(at >= rollUs ? day + 1 : day);
        spans.push({ startUs: at, endUs: stopUs, anchorUs: startUs, tradeDay, session: undefined });
        at = stopUs;
      }
    };
    for (const tradeDay of [day, day + 1]) {
      for (const session of this.sessionsOn(tradeDay)) {
        if (session.endUs <= startUs || session.startUs >= endUs) continue;
        addGap(session.startUs);
        spans.push({ startUs: session.startUs, endUs: session.endUs, anchorUs: session.startUs, tradeDay, session });
        at = session.endUs;
      }
    }
    addGap(endUs);
    return spans;
  }

  /** The trade date that a day without sessions counts to. */
  private countingDay(day: CivilDay): CivilDay {
    if (this.plan.offDays === 'own') return day;
    for (let next = day; next <= day + MAX_CLOSED_DAYS; next++) if (this.isTradingDay(next)) return next;
    return day;
  }

  private midnightUs(day: CivilDay): Micros {
    return this.clock.instantOf(day * US_PER_DAY);
  }

  /** Where the date rolls to `day`. */
  private rollUs(day: CivilDay): Micros {
    return this.clock.instantOf(day * US_PER_DAY + (this.weekOf(day)?.dayStartUs ?? 0));
  }

  private weekOf(day: CivilDay): WeekPlan | undefined {
    for (const week of this.plan.weeks) if (day >= week.fromDay && day <= week.toDay) return week;
    return undefined;
  }

  private buildSessions(day: CivilDay): readonly Session[] {
    const tradeDate = formatCivilDay(day);
    const sessions: Session[] = [];
    for (const hours of this.hoursOn(day, tradeDate)) {
      const startUs = this.clock.instantOf(day * US_PER_DAY + hours.fromUs);
      const endUs = this.clock.instantOf(day * US_PER_DAY + hours.toUs);
      // Hours that clocks skip have no length.
      if (endUs > startUs) sessions.push({ kind: hours.kind, startUs, endUs, tradeDate });
    }
    return sessions;
  }

  private hoursOn(day: CivilDay, date: string): readonly Hours[] {
    const plan = this.plan;
    const special = plan.specialDays.get(date);
    if (special !== undefined) return special;
    const weekly = this.weekOf(day)?.hours[weekdayOf(day)] ?? [];
    if (weekly.length === 0) return weekly;
    const yearly = date.slice(5);
    const ruled = plan.rule === undefined ? undefined : this.exchangeYear(yearOf(day), plan.rule);
    const isHoliday = plan.holidays.has(date) || plan.holidays.has(yearly) || ruled?.closures.has(day) === true;
    if (isHoliday && !plan.openDays.has(date) && !plan.openDays.has(yearly)) return [];
    const early =
      plan.earlyCloses.get(date) ??
      plan.earlyCloses.get(yearly) ??
      (ruled?.earlyCloses.has(day) === true ? plan.ruledEarlyClose : undefined);
    const openUs = plan.lateOpensUs.get(date) ?? plan.lateOpensUs.get(yearly);
    return opened(early === undefined ? weekly : closed(weekly, early), openUs);
  }

  private exchangeYear(year: number, rule: (year: number) => ExchangeYear): ExchangeYear {
    let found = this.years.get(year);
    if (found === undefined) {
      found = rule(year);
      this.years.set(year, found);
    }
    return found;
  }
}

function closed(hours: readonly Hours[], early: EarlyClose): readonly Hours[] {
  const kept: Hours[] = [];
  for (const segment of hours) {
    if (segment.kind === 'post' || segment.fromUs >= early.closeUs) continue;
    kept.push({ ...segment, toUs: Math.min(segment.toUs, early.closeUs) });
  }
  if (early.extendedToUs !== undefined) {
    kept.push({ kind: 'post', fromUs: early.closeUs, toUs: early.extendedToUs });
  }
  return kept;
}

function opened(hours: readonly Hours[], openUs: number | undefined): readonly Hours[] {
  if (openUs === undefined) return hours;
  const kept: Hours[] = [];
  for (const segment of hours) {
    if (segment.toUs > openUs) kept.push({ ...segment, fromUs: Math.max(segment.fromUs, openUs) });
  }
  return kept;
}
