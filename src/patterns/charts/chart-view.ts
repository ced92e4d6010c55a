import type { ChartBars } from './chart-bars.ts';
import { CHART_STATE } from './chart-state.ts';

const {
  BARS,
  VARIANCE,
  LEG,
  EXTREME_ORDINAL,
  EXTREME_START,
  EXTREME_PRICE,
  COUNTER_PRICE,
  PIVOTS,
  NEWEST_KIND,
  RING,
  RING_PIVOTS,
  PIVOT_WIDTH,
} = CHART_STATE;

/** What a detector sees at the close of a bar: the pivots known by then, the leg under way and the bars. One, reused. */
export class ChartView {
  series!: ChartBars;
  /** Ordinal of the bar that has just closed. */
  ordinal = 0;
  /** Standard deviation of one bar's return (a share of the price), as known at this close. */
  sigma = 0;
  close = 0;
  high = 0;
  low = 0;
  startUs = 0;
  endUs = 0;
  /** Return from the close before. */
  move = 0;
  private state: Float64Array = new Float64Array(CHART_STATE.WATCHES);
  private at = 0;
  private index = 0;

  /** Points the view at a bar that the block has taken in. @param previousClose the close before it. */
  look(state: Float64Array, at: number, series: ChartBars, index: number, slot: number, previousClose: number): void {
    this.state = state;
    this.at = at;
    this.series = series;
    this.index = index;
    this.ordinal = (state[at + BARS] as number) - 1;
    this.sigma = Math.sqrt(state[at + VARIANCE] as number);
    this.close = series.close[slot] as number;
    this.high = series.high[slot] as number;
    this.low = series.low[slot] as number;
    this.startUs = series.startUs[slot] as number;
    this.endUs = series.endUs[slot] as number;
    this.move = (this.close - previousClose) / previousClose;
  }

  /** Pivots that can be asked for. */
  get pivots(): number {
    return Math.min(this.state[this.at + PIVOTS] as number, RING_PIVOTS);
  }

  /** +1 when the newest known pivot is a high, -1 when it is a low. Kinds alternate. */
  get newestKind(): number {
    return this.state[this.at + NEWEST_KIND] as number;
  }

  /** Ordinal of a pivot's bar; 0 is the newest. */
  pivotOrdinal(back: number): number {
    return this.state[this.place(back)] as number;
  }

  pivotStartUs(back: number): number {
    return this.state[this.place(back) + 1] as number;
  }

  /** End of the pivot's bar: when it was formed. It became known later. */
  pivotEndUs(back: number): number {
    return this.state[this.place(back) + 2] as number;
  }

  pivotPrice(back: number): number {
    return this.state[this.place(back) + 3] as number;
  }

  /** +1 while the price rises from the newest pivot, -1 while it falls. */
  get leg(): number {
    return this.state[this.at + LEG] as number;
  }

  /** Extreme of the leg under way, not yet a pivot. */
  get extremeOrdinal(): number {
    return this.state[this.at + EXTREME_ORDINAL] as number;
  }

  get extremeStartUs(): number {
    return this.state[this.at + EXTREME_START] as number;
  }

  get extremePrice(): number {
    return this.state[this.at + EXTREME_PRICE] as number;
  }

  /** Furthest price against the leg since its extreme. */
  get counterPrice(): number {
    return this.state[this.at + COUNTER_PRICE] as number;
  }

  /** Slot in the series of the bar `back` bars ago, -1 where the series does not reach. */
  slotBack(back: number): number {
    return back <= this.index && back <= this.ordinal ? this.series.slot(this.index - back) : -1;
  }

  private place(back: number): number {
    const number = (this.state[this.at + PIVOTS] as number) - 1 - back;
    return this.at + RING + (number & (RING_PIVOTS - 1)) * PIVOT_WIDTH;
  }
}
