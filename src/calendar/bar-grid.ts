import type { Micros } from '../base/index.ts';
import type { Timeframe } from '../model/index.ts';
import type { CivilDay } from './civil-day.ts';
import { firstDayOfMonth, monthIndexOf } from './civil-day.ts';
import type { TradingCalendar } from './trading-calendar.ts';

/** 1970-01-05, the first Monday: weeks are counted from it. */
const FIRST_MONDAY: CivilDay = 4;

/** One bucket of a timeframe: events in [startUs, endUs) belong to it; its bar is stamped with `labelUs`. */
export interface BarBounds {
  readonly startUs: Micros;
  readonly endUs: Micros;
  readonly labelUs: Micros;
}

/**
 * Cuts time into the bars of one timeframe under one calendar. The buckets partition time.
 *
 * Intraday buckets are counted from the start of the session that holds the event and end with it at the latest; in
 * gaps they are counted from midnight of the exchange day. Calendars anchored at the clock (24/7, forex) count from
 * 1970-01-01T00:00Z and never cut. Their label is their start.
 *
 * Buckets of days, weeks (from Monday) and months hold whole trade dates and are labelled with the midnight of their
 * first date; `nd`, `nw`, `nM` group dates, weeks and months counted from 1970-01-01, 1970-01-05 and 1970-01. The
 * label lies inside the bucket but is not its start where the trade date begins the evening before.
 */
export class BarGrid {
  readonly calendar: TradingCalendar;
  readonly timeframe: Timeframe;
  /** Start, end and label of the bucket found last. */
  startUs: Micros = 1;
  endUs: Micros = 0;
  labelUs: Micros = 0;
  private readonly lengthUs: number;
  private readonly isClockAnchored: boolean;

  constructor(calendar: TradingCalendar, timeframe: Timeframe) {
    this.calendar = calendar;
    this.timeframe = timeframe;
    this.lengthUs = timeframe.lengthUs;
    this.isClockAnchored = calendar.plan.barAnchor === 'clock';
  }

  /** Finds the bucket of an instant and returns its label; the bounds are then in `startUs` and `endUs`. */
  seek(tsUs: Micros): Micros {
    if (tsUs >= this.startUs && tsUs < this.endUs) return this.labelUs;
    if (!this.timeframe.isIntraday) this.seekDays(tsUs);
    else if (this.isClockAnchored) this.seekClock(tsUs);
    else this.seekSession(tsUs);
    return this.labelUs;
  }

  /** As {@link seek}, as a value that the caller may keep. */
  boundsAt(tsUs: Micros): BarBounds {
    this.seek(tsUs);
    return { startUs: this.startUs, endUs: this.endUs, labelUs: this.labelUs };
  }

  private seekClock(tsUs: Micros): void {
    this.startUs = Math.floor(tsUs / this.lengthUs) * this.lengthUs;
    this.endUs = this.startUs + this.lengthUs;
    this.labelUs = this.startUs;
  }

  private seekSession(tsUs: Micros): void {
    const span = this.calendar.spanAt(tsUs);
    const cutUs = span.anchorUs + Math.floor((tsUs - span.anchorUs) / this.lengthUs) * this.lengthUs;
    this.startUs = Math.max(cutUs, span.startUs);
    this.endUs = Math.min(cutUs + this.lengthUs, span.endUs);
    this.labelUs = this.startUs;
  }

  private seekDays(tsUs: Micros): void {
    const day = this.calendar.tradeDay(tsUs);
    const first = this.firstDayOfGroup(day);
    this.startUs = this.calendar.tradeDayStartUs(first);
    this.endUs = this.calendar.tradeDayStartUs(this.firstDayAfterGroup(first));
    this.labelUs = this.calendar.dayLabelUs(first);
  }

  private firstDayOfGroup(day: CivilDay): CivilDay {
    const { count, unit } = this.timeframe;
    if (unit === 'd') return Math.floor(day / count) * count;
    if (unit === 'w') return Math.floor((day - FIRST_MONDAY) / (7 * count)) * 7 * count + FIRST_MONDAY;
    return firstDayOfMonth(Math.floor(monthIndexOf(day) / count) * count);
  }

  private firstDayAfterGroup(first: CivilDay): CivilDay {
    const { count, unit } = this.timeframe;
    if (unit === 'M') return firstDayOfMonth(monthIndexOf(first) + count);
    return first + (unit === 'w' ? 7 : 1) * count;
  }
}

/** Label of the bar that an instant belongs to. In a loop keep a {@link BarGrid} instead. */
export function barStartUs(calendar: TradingCalendar, timeframe: Timeframe, tsUs: Micros): Micros {
  return new BarGrid(calendar, timeframe).seek(tsUs);
}

/** Bounds and label of the bar that an instant belongs to. In a loop keep a {@link BarGrid} instead. */
export function barBoundsUs(calendar: TradingCalendar, timeframe: Timeframe, tsUs: Micros): BarBounds {
  return new BarGrid(calendar, timeframe).boundsAt(tsUs);
}
