import type { BarClock } from '../bars/index.ts';
import { BarGrid, type Calendars } from '../calendar/index.ts';
import type { Timeframe, Universe } from '../model/index.ts';

/** Where bars begin and end under the calendar of each instrument. Instruments of one calendar share its grids. */
export class CalendarBarClock implements BarClock {
  startUs = 0;
  endUs = 0;
  private readonly universe: Universe;
  private readonly calendars: Calendars;
  private readonly timeframes: readonly Timeframe[];
  private readonly grids = new Map<string, readonly BarGrid[]>();
  private readonly bySymbol: (readonly BarGrid[] | undefined)[] = [];

  constructor(universe: Universe, calendars: Calendars, timeframes: readonly Timeframe[]) {
    this.universe = universe;
    this.calendars = calendars;
    this.timeframes = timeframes;
  }

  find(symbol: number, timeframe: number, tsUs: number): void {
    const grid = this.gridOf(symbol, timeframe);
    grid.seek(tsUs);
    this.startUs = grid.startUs;
    this.endUs = grid.endUs;
  }

  /** The time a bar is stamped with: its start, or the midnight of its first trade date for days and longer. */
  labelUs(symbol: number, timeframe: number, startUs: number): number {
    return (this.timeframes[timeframe] as Timeframe).isIntraday ? startUs : this.gridOf(symbol, timeframe).seek(startUs);
  }

  private gridOf(symbol: number, timeframe: number): BarGrid {
    const known = this.bySymbol[symbol];
    if (known !== undefined) return known[timeframe] as BarGrid;
    const id = this.universe.instrument(symbol).calendar;
    let grids = this.grids.get(id);
    if (grids === undefined) {
      const calendar = this.calendars.get(id);
      grids = this.timeframes.map((unit) => new BarGrid(calendar, unit));
      this.grids.set(id, grids);
    }
    this.bySymbol[symbol] = grids;
    return grids[timeframe] as BarGrid;
  }
}
