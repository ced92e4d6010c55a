import type { BarSeries } from '../bars/index.ts';
import type { Calendars, TradingCalendar } from '../calendar/index.ts';
import type { Universe } from '../model/index.ts';

/** Says where sessions begin in a series of bars. */
export class SessionStarts {
  private readonly universe: Universe;
  private readonly calendars: Calendars;
  private readonly calendarOf: (TradingCalendar | undefined)[] = [];

  constructor(universe: Universe, calendars: Calendars) {
    this.universe = universe;
    this.calendars = calendars;
  }

  /** Whether the bar before lies in another session (or there is none). Looked up by ends, which lie inside for days too. */
  isFirst(symbol: number, series: BarSeries, index: number): boolean {
    if (index === 0) return true;
    const calendar = this.calendar(symbol);
    const endUs = series.endUs[series.slot(index)] as number;
    const previousEndUs = series.endUs[series.slot(index - 1)] as number;
    return calendar.spanAt(previousEndUs - 1).startUs !== calendar.spanAt(endUs - 1).startUs;
  }

  calendar(symbol: number): TradingCalendar {
    const known = this.calendarOf[symbol];
    if (known !== undefined) return known;
    const calendar = this.calendars.get(this.universe.instrument(symbol).calendar);
    this.calendarOf[symbol] = calendar;
    return calendar;
  }
}
