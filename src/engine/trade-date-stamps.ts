import { US_PER_DAY } from '../base/index.ts';
import type { Calendars } from '../calendar/index.ts';
import type { EventBatch, Universe } from '../model/index.ts';

/** The stamps of ready-made bars of a day or longer. */
export class TradeDateStamps {
  private readonly universe: Universe;
  private readonly calendars: Calendars;

  constructor(universe: Universe, calendars: Calendars) {
    this.universe = universe;
    this.calendars = calendars;
  }

  /**
   * Gives such a bar the stamp of its trade date: a stamp at midnight UTC is read as a date, as most vendors write it.
   * False where the calendar has no such trade date (a Sunday of the forex week). Shorter bars keep theirs.
   */
  settle(batch: EventBatch, row: number): boolean {
    if ((batch.p7[row] as number) < US_PER_DAY) return true;
    const calendar = this.calendars.get(this.universe.instrument(batch.symbol[row] as number).calendar);
    const stampUs = batch.tsEventUs[row] as number;
    const day = stampUs / US_PER_DAY;
    const labelUs = Number.isInteger(day) ? calendar.dayLabelUs(day) : stampUs;
    if (calendar.dayLabelUs(calendar.tradeDay(labelUs)) !== labelUs) return false;
    batch.tsEventUs[row] = labelUs;
    return true;
  }
}
