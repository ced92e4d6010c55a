import type { Bar, BarChange } from '../model/index.ts';
import { BAR_FIELDS } from './bar-fields.ts';
import { BarSeries } from './bar-series.ts';
import { type BarSink, newCounters } from './bar-sink.ts';
import { ledgerLength, ledgerRecord, type SeriesLayout, type StateLayout } from './symbol-state.ts';

const { START, END, COUNT, REVISION, FROM_SOURCE, LISTED, LABEL, TAINTED } = BAR_FIELDS;

export interface AnnouncerOptions {
  readonly layout: StateLayout;
  readonly closeDelayUs: number;
  readonly revisionWindowUs: number;
  /** Bars kept per symbol and timeframe. */
  readonly seriesWindow: number;
  readonly sink: BarSink;
}

/** Says which bars closed, changed or vanished, with their revisions, and keeps the series of what was said. */
export class BarAnnouncer {
  readonly counters = newCounters();
  /** Engine time. */
  nowUs = Number.NEGATIVE_INFINITY;
  /** True while a provider's bar is handled: history that it brings counts as new where it extends a series. */
  isSourceBar = false;
  readonly closeDelayUs: number;
  readonly revisionWindowUs: number;
  private readonly layout: StateLayout;
  private readonly timeframes: number;
  private readonly sink: BarSink;
  private readonly seriesWindow: number;
  private readonly series: (BarSeries | undefined)[] = [];
  /** Per timeframe the ledger record that the event in hand changed, -1 for none. */
  private readonly touched: Int32Array;
  private hasTouched = false;
  private readonly single = new BarSeries(1);

  constructor(options: AnnouncerOptions) {
    this.layout = options.layout;
    this.timeframes = options.layout.series.length;
    this.closeDelayUs = options.closeDelayUs;
    this.revisionWindowUs = options.revisionWindowUs;
    this.seriesWindow = options.seriesWindow;
    this.sink = options.sink;
    this.touched = new Int32Array(this.timeframes).fill(-1);
  }

  seriesOf(symbol: number, timeframe: number): BarSeries {
    const code = symbol * this.timeframes + timeframe;
    let series = this.series[code];
    if (series === undefined) {
      while (this.series.length <= code) this.series.push(undefined);
      series = new BarSeries(this.seriesWindow);
      this.series[code] = series;
    }
    return series;
  }

  /** Bytes of all series. */
  get stateBytes(): number {
    let bytes = 0;
    for (const series of this.series) bytes += series?.stateBytes ?? 0;
    return bytes;
  }

  /** Remembers that the event in hand changed a ledger record; {@link settle} says what became of it. */
  touch(timeframe: number, at: number): void {
    this.touched[timeframe] = at;
    this.hasTouched = true;
  }

  /** Says every closed bar that the event in hand changed, timeframes ascending. */
  settle(symbol: number, state: Float64Array): void {
    if (!this.hasTouched) return;
    this.hasTouched = false;
    let isBeyond = false;
    for (let timeframe = 0; timeframe < this.touched.length; timeframe++) {
      const at = this.touched[timeframe] as number;
      if (at < 0) continue;
      this.touched[timeframe] = -1;
      const endUs = state[at + END] as number;
      if (state[at + FROM_SOURCE] !== 1 && endUs + this.closeDelayUs > this.nowUs) continue;
      const isInside = this.isInside(endUs) || (this.isSourceBar && this.isNewest(state, timeframe, at));
      isBeyond ||= !isInside;
      const revision = state[at + REVISION] as number;
      if ((state[at + COUNT] as number) === 0) this.retract(symbol, state, timeframe, at, isInside);
      else this.say(symbol, state, timeframe, at, !isInside ? 'repaired' : revision < 0 ? 'final' : 'revised');
    }
    if (isBeyond) this.counters.lateBeyondWindow++;
  }

  isInside(endUs: number): boolean {
    return this.nowUs - endUs <= this.revisionWindowUs;
  }

  private isNewest(state: Float64Array, timeframe: number, at: number): boolean {
    const layout = this.layout.series[timeframe] as SeriesLayout;
    return ledgerRecord(state, layout, ledgerLength(state, layout) - 1) === at;
  }

  /** Says a bar with its next revision. */
  say(symbol: number, state: Float64Array, timeframe: number, at: number, change: BarChange): void {
    state[at + REVISION] = (state[at + REVISION] as number) + 1;
    state[at + LISTED] = 1;
    const series = this.seriesOf(symbol, timeframe);
    const index = series.put(state, at);
    const bar = index >= 0 ? series.bar(index, symbol, timeframe) : this.barOfRecord(state, symbol, timeframe, at);
    this.sink.onBar(bar, change, index);
    if (state[at + TAINTED] === 1) {
      this.needRepair(symbol, timeframe, state[at + START] as number, state[at + END] as number);
    }
  }

  private retract(symbol: number, state: Float64Array, timeframe: number, at: number, isInside: boolean): void {
    if (state[at + LISTED] !== 1) return;
    state[at + LISTED] = 0;
    state[at + REVISION] = (state[at + REVISION] as number) + 1;
    const series = this.seriesOf(symbol, timeframe);
    const bar: Bar = {
      ...this.barOfRecord(state, symbol, timeframe, at),
      open: Number.NaN,
      high: Number.NaN,
      low: Number.NaN,
      close: Number.NaN,
    };
    const index = series.remove(state[at + LABEL] as number);
    this.sink.onBarRetracted(bar, isInside ? 'revised' : 'repaired', index);
  }

  /** A record as a bar of its own. */
  barOfRecord(state: Float64Array, symbol: number, timeframe: number, at = 0): Bar {
    this.single.length = 0;
    this.single.put(state, at);
    return this.single.bar(0, symbol, timeframe);
  }

  needRepair(symbol: number, timeframe: number, startUs: number, endUs: number): void {
    this.counters.repairsNeeded++;
    this.sink.onRepairNeeded(symbol, timeframe, startUs, endUs);
  }
}
