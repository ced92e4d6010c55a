import type { Micros } from '../base/index.ts';
import { TickloomError, US_PER_DAY } from '../base/index.ts';
import { BarGrid, type Calendars } from '../calendar/index.ts';
import type { Timeframe, Universe } from '../model/index.ts';

/**
 * Where bars begin and end. `find` looks up the bar of a timeframe that holds an event time and leaves its half-open
 * interval in `startUs` and `endUs` and its stamp in `labelUs` (fields instead of a result object, because it runs once per bar of each symbol).
 *
 * What the builder relies on: every time lies in exactly one bar of each timeframe (outside a session too); bars of
 * one timeframe do not overlap and ascend with time; a bar of a feeding timeframe (see {@link feederOf}) lies inside
 * one bar of the timeframe that it feeds.
 */
export interface BarClock {
  readonly startUs: Micros;
  readonly endUs: Micros;
  /** The stamp of the bar: its start, but for days and longer the midnight of its first trade date. */
  readonly labelUs: Micros;
  /**
   * @param symbol instrument id in the universe
   * @param timeframe index in the list of timeframes
   */
  find(symbol: number, timeframe: number, tsUs: Micros): void;
}

/**
 * A market that never closes: buckets count from the epoch, days end at midnight UTC, weeks begin on Mondays.
 * @throws TickloomError `bad-timeframe` for months, which have no fixed length.
 */
export class ContinuousBarClock implements BarClock {
  startUs = 0;
  endUs = 0;
  labelUs = 0;
  private readonly lengthsUs: Float64Array;
  private readonly anchorsUs: Float64Array;

  constructor(timeframes: readonly Timeframe[]) {
    for (const timeframe of timeframes) {
      if (timeframe.unit === 'M') {
        throw new TickloomError('bad-timeframe', `"${timeframe.text}" needs a calendar: months have no fixed length.`);
      }
    }
    this.lengthsUs = Float64Array.from(timeframes, (timeframe) => timeframe.lengthUs);
    // 1970-01-05 was the first Monday of the epoch.
    this.anchorsUs = Float64Array.from(timeframes, (timeframe) => (timeframe.unit === 'w' ? 4 * US_PER_DAY : 0));
  }

  find(_symbol: number, timeframe: number, tsUs: Micros): void {
    const length = this.lengthsUs[timeframe] as number;
    const anchor = this.anchorsUs[timeframe] as number;
    this.startUs = Math.floor(((tsUs as number) - anchor) / length) * length + anchor;
    this.endUs = this.startUs + length;
    this.labelUs = this.startUs;
  }
}

/** Bars cut by the calendar of each instrument. */
export class CalendarBarClock implements BarClock {
  startUs = 0;
  endUs = 0;
  labelUs = 0;
  private readonly universe: Universe;
  private readonly calendars: Calendars;
  private readonly timeframes: readonly Timeframe[];
  private readonly gridsOfSymbol: (readonly BarGrid[])[] = [];
  private readonly gridsOfCalendar = new Map<string, readonly BarGrid[]>();

  constructor(universe: Universe, calendars: Calendars, timeframes: readonly Timeframe[]) {
    this.universe = universe;
    this.calendars = calendars;
    this.timeframes = timeframes;
  }

  find(symbol: number, timeframe: number, tsUs: Micros): void {
    const grid = (this.gridsOfSymbol[symbol] ?? this.gridsOf(symbol))[timeframe] as BarGrid;
    this.labelUs = grid.seek(tsUs) as number;
    this.startUs = grid.startUs as number;
    this.endUs = grid.endUs as number;
  }

  private gridsOf(symbol: number): readonly BarGrid[] {
    const id = this.universe.instrument(symbol).calendar;
    let grids = this.gridsOfCalendar.get(id);
    if (grids === undefined) {
      const calendar = this.calendars.get(id);
      grids = this.timeframes.map((timeframe) => new BarGrid(calendar, timeframe));
      this.gridsOfCalendar.set(id, grids);
    }
    this.gridsOfSymbol[symbol] = grids;
    return grids;
  }
}
