import { invariant } from '../base/index.ts';
import type { Timeframe } from '../model/index.ts';
import { BarAnnouncer } from './bar-announcer.ts';
import type { BarClock } from './bar-clock.ts';
import { BAR_FIELDS, PRINT_FIELDS } from './bar-fields.ts';
import { addTick, mergeRecord, openRecord } from './bar-record.ts';
import type { BarSink } from './bar-sink.ts';
import { CloseSchedule } from './close-schedule.ts';
import {
  clearCurrent,
  copyRecord,
  dropOldest,
  findByEnd,
  findInLedger,
  insertInLedger,
  ledgerLength,
  ledgerRecord,
  openHotRow,
  type SeriesLayout,
  type StateLayout,
  stateLayout,
} from './symbol-state.ts';
import { type TimeframeTree, timeframeTree } from './timeframe-tree.ts';

const { START, END, COUNT, SPREAD_SUM, SPREAD_COUNT, REVISION, FROM_SOURCE } = BAR_FIELDS;
const { PRINT_WIDTH } = PRINT_FIELDS;

export interface AssemblyOptions {
  readonly timeframes: readonly Timeframe[];
  readonly clock: BarClock;
  readonly closeDelayUs: number;
  readonly revisionWindowUs: number;
  /** Bars kept per symbol and timeframe. */
  readonly seriesWindow: number;
  readonly sink: BarSink;
  readonly setTimer: (dueUs: number) => void;
}

/** Marks a contribution that is the trade in hand of the {@link BarAssembly} and not a record. */
export const FROM_TICK = -1;
const IS_TICK = FROM_TICK;

/**
 * The bars under construction of all symbols and the ledgers of recent ones. Invariant: every record of a ledger has
 * been merged into the bars that its timeframe feeds, the current record has not. So a contribution that lands in a
 * current record ends there, and one that lands in a ledger goes on to the timeframes fed.
 */
export class BarAssembly {
  readonly timeframes: readonly Timeframe[];
  readonly tree: TimeframeTree;
  readonly layout: StateLayout;
  readonly announcer: BarAnnouncer;
  /** The trade in hand, for {@link contribute}. */
  readonly print = new Float64Array(PRINT_WIDTH);
  flags = 0;
  readonly schedule: CloseSchedule;
  readonly closeDelayUs: number;
  private readonly clock: BarClock;
  /** Hot rows of all symbols; replaced when a symbol is added. */
  hot = new Float64Array(0);
  private readonly states: (Float64Array | undefined)[] = [];
  private readonly closeOne = (code: number): void => this.closeSeries(code);
  private closingEndUs = 0;

  constructor(options: AssemblyOptions) {
    this.timeframes = options.timeframes;
    this.tree = timeframeTree(options.timeframes);
    this.layout = stateLayout(options.timeframes, this.tree, options.closeDelayUs, options.revisionWindowUs);
    this.clock = options.clock;
    this.closeDelayUs = options.closeDelayUs;
    this.announcer = new BarAnnouncer({ ...options, layout: this.layout });
    this.schedule = new CloseSchedule(options.setTimer);
  }

  /** The ledgers of a symbol, made on first sight together with its hot row. */
  stateOf(symbol: number): Float64Array {
    return this.states[symbol] ?? this.addSymbol(symbol);
  }

  private addSymbol(symbol: number): Float64Array {
    while (this.states.length <= symbol) this.states.push(undefined);
    const { hotWidth, width } = this.layout;
    if ((symbol + 1) * hotWidth > this.hot.length) {
      const wider = new Float64Array(Math.max(16, symbol + 1, this.states.length * 2) * hotWidth);
      wider.set(this.hot);
      this.hot = wider;
    }
    openHotRow(this.hot, symbol * hotWidth, this.layout);
    const state = new Float64Array(width);
    this.states[symbol] = state;
    return state;
  }

  /** Where the hot row of a symbol begins. */
  hotRow(symbol: number): number {
    return symbol * this.layout.hotWidth;
  }

  /** The ledgers of a symbol if it has any. */
  knownState(symbol: number): Float64Array | undefined {
    return this.states[symbol];
  }

  get symbols(): number {
    return this.states.length;
  }

  /** Bytes of records and series. */
  get stateBytes(): number {
    let bytes = this.hot.byteLength;
    for (const state of this.states) bytes += state?.byteLength ?? 0;
    return bytes + this.announcer.stateBytes;
  }

  /** Finds the bar of a timeframe that holds a time; the answer is in the clock's fields. */
  locate(symbol: number, timeframe: number, tsUs: number): BarClock {
    this.clock.find(symbol, timeframe, tsUs);
    return this.clock;
  }

  /**
   * Brings a contribution, the trade in hand or the record at `from`, into the bar of `timeframe` that holds `tsUs`
   * and, where that bar has rolled already, into the bars fed by it.
   */
  contribute(symbol: number, state: Float64Array, timeframe: number, tsUs: number, from: number): void {
    const layout = this.layout.series[timeframe] as SeriesLayout;
    const { hot } = this;
    const current = this.hotRow(symbol) + layout.current;
    if (tsUs >= (hot[current + START] as number) && tsUs < (hot[current + END] as number)) {
      this.add(hot, current, state, from);
      return;
    }
    const clock = this.locate(symbol, timeframe, tsUs);
    const { startUs, endUs, labelUs } = clock as { startUs: number; endUs: number; labelUs: number };
    if (this.isNext(current, state, layout, startUs, endUs)) {
      this.open(symbol, state, timeframe, startUs, endUs, labelUs);
      this.add(hot, current, state, from);
      return;
    }
    const at = this.entry(symbol, state, timeframe, startUs, endUs, labelUs);
    if (at < 0) {
      this.announcer.needRepair(symbol, timeframe, startUs, endUs);
    } else if (state[at + FROM_SOURCE] === 1) {
      this.announcer.counters.tradesInSourceBars++;
      return;
    } else {
      this.add(state, at, state, from);
      this.announcer.touch(timeframe, at);
    }
    for (const consumer of this.tree.consumers[timeframe] as readonly number[]) {
      this.contribute(symbol, state, consumer, tsUs, from);
    }
  }

  private add(target: Float64Array, at: number, state: Float64Array, from: number): void {
    if (from === IS_TICK) {
      addTick(target, at, this.print, this.flags);
      return;
    }
    invariant(
      (state[from + START] as number) >= (target[at + START] as number) &&
        (state[from + END] as number) <= (target[at + END] as number),
      'a bar lies inside one bar of every timeframe that it feeds (see feederOf)',
    );
    mergeRecord(target, at, state, from);
  }

  /** Whether a bar comes after all that this timeframe has and is not due yet, so that it becomes the current one. */
  private isNext(current: number, state: Float64Array, layout: SeriesLayout, startUs: number, endUs: number): boolean {
    if (startUs < (this.hot[current + END] as number) || endUs + this.closeDelayUs <= this.announcer.nowUs)
      return false;
    const length = ledgerLength(state, layout);
    return length === 0 || (state[ledgerRecord(state, layout, length - 1) + START] as number) < startUs;
  }

  /** Makes the bar the current one, after rolling the one before, and does the same for the bars that it feeds. */
  open(symbol: number, state: Float64Array, timeframe: number, startUs: number, endUs: number, labelUs: number): void {
    this.roll(symbol, state, timeframe);
    const layout = this.layout.series[timeframe] as SeriesLayout;
    const row = this.hotRow(symbol);
    openRecord(this.hot, row + layout.current, startUs, endUs, labelUs);
    this.takeWaitingSpread(row, layout);
    this.schedule.add(endUs + this.closeDelayUs, symbol * this.timeframes.length + timeframe);
    for (const consumer of this.tree.consumers[timeframe] as readonly number[]) {
      const above = this.layout.series[consumer] as SeriesLayout;
      if (startUs < (this.hot[row + above.current + END] as number)) continue;
      const clock = this.locate(symbol, consumer, startUs);
      const bounds = clock as { startUs: number; endUs: number; labelUs: number };
      if (this.isNext(row + above.current, state, above, bounds.startUs, bounds.endUs)) {
        this.open(symbol, state, consumer, bounds.startUs, bounds.endUs, bounds.labelUs);
      }
    }
  }

  private takeWaitingSpread(row: number, layout: SeriesLayout): void {
    const { hot } = this;
    const waiting = row + layout.waitingSpread;
    hot[row + layout.current + SPREAD_SUM] = hot[waiting] as number;
    hot[row + layout.current + SPREAD_COUNT] = hot[waiting + 1] as number;
    hot[waiting] = 0;
    hot[waiting + 1] = 0;
  }

  /** Moves the current record into the ledger and merges it into the bars that it feeds. */
  roll(symbol: number, state: Float64Array, timeframe: number): void {
    const layout = this.layout.series[timeframe] as SeriesLayout;
    const { hot } = this;
    const row = this.hotRow(symbol);
    const current = row + layout.current;
    if (hot[current + END] === Number.NEGATIVE_INFINITY) return;
    const startUs = hot[current + START] as number;
    if ((hot[current + COUNT] as number) === 0) {
      hot[row + layout.waitingSpread] = hot[current + SPREAD_SUM] as number;
      hot[row + layout.waitingSpread + 1] = hot[current + SPREAD_COUNT] as number;
      clearCurrent(hot, current);
      return;
    }
    const at = this.insert(symbol, state, timeframe, -1 - findInLedger(state, layout, startUs));
    copyRecord(hot, current, state, at);
    clearCurrent(hot, current);
    for (const consumer of this.tree.consumers[timeframe] as readonly number[]) {
      this.contribute(symbol, state, consumer, startUs, at);
    }
  }

  /**
   * The ledger record of a bar, made where there is none yet; -1 where the bar may have been said before and is no
   * longer held.
   */
  entry(
    symbol: number,
    state: Float64Array,
    timeframe: number,
    startUs: number,
    endUs: number,
    labelUs: number,
  ): number {
    const layout = this.layout.series[timeframe] as SeriesLayout;
    const found = findInLedger(state, layout, startUs);
    if (found >= 0) return ledgerRecord(state, layout, found);
    const index = -1 - found;
    const length = ledgerLength(state, layout);
    const extends_ = this.announcer.isSourceBar && index === length;
    if (index === 0 && (length === layout.capacity || !(this.announcer.isInside(endUs) || extends_))) return -1;
    const at = this.insert(symbol, state, timeframe, index);
    openRecord(state, at, startUs, endUs, labelUs);
    if (endUs + this.closeDelayUs > this.announcer.nowUs) {
      this.schedule.add(endUs + this.closeDelayUs, symbol * this.timeframes.length + timeframe);
    }
    return at;
  }

  private insert(symbol: number, state: Float64Array, timeframe: number, index: number): number {
    const layout = this.layout.series[timeframe] as SeriesLayout;
    invariant(index >= 0, 'a bar is in the ledger once');
    if (ledgerLength(state, layout) < layout.capacity) return insertInLedger(state, layout, index);
    const oldest = ledgerRecord(state, layout, 0);
    if ((state[oldest + REVISION] as number) < 0 && (state[oldest + COUNT] as number) > 0) {
      this.announcer.counters.closedEarly++;
      this.announcer.say(symbol, state, timeframe, oldest, 'final');
    }
    dropOldest(state, layout);
    return insertInLedger(state, layout, Math.max(0, index - 1));
  }

  /** Closes the bars that are due at `dueUs`, in silence too. */
  close(dueUs: number): void {
    this.announcer.nowUs = Math.max(this.announcer.nowUs, dueUs);
    this.closingEndUs = dueUs - this.closeDelayUs;
    this.schedule.fire(dueUs, this.closeOne);
  }

  private closeSeries(code: number): void {
    const symbol = Math.floor(code / this.timeframes.length);
    const timeframe = code % this.timeframes.length;
    const state = this.stateOf(symbol);
    const layout = this.layout.series[timeframe] as SeriesLayout;
    if (this.hot[this.hotRow(symbol) + layout.current + END] === this.closingEndUs) this.roll(symbol, state, timeframe);
    this.announcer.settle(symbol, state);
    const at = findByEnd(state, layout, this.closingEndUs);
    if (at < 0 || (state[at + REVISION] as number) >= 0 || (state[at + COUNT] as number) === 0) return;
    this.announcer.say(symbol, state, timeframe, at, 'final');
  }

  /** Shows the bars that have ended and wait for stragglers, oldest first. */
  endedNotClosed(symbol: number, timeframe: number, each: (state: Float64Array, at: number) => void): void {
    const state = this.knownState(symbol);
    if (state === undefined) return;
    const layout = this.layout.series[timeframe] as SeriesLayout;
    for (let i = 0; i < ledgerLength(state, layout); i++) {
      const at = ledgerRecord(state, layout, i);
      if ((state[at + REVISION] as number) < 0 && (state[at + COUNT] as number) > 0) each(state, at);
    }
  }

  /**
   * Builds the bar of a timeframe as it stands now, finer bars under construction included, into a scratch record;
   * false when nothing of it exists.
   */
  forming(symbol: number, timeframe: number, into: Float64Array): boolean {
    const { hot } = this;
    const row = this.hotRow(symbol);
    const current = row + (this.layout.series[timeframe] as SeriesLayout).current;
    if (hot[current + END] === Number.NEGATIVE_INFINITY) return false;
    copyRecord(hot, current, into, 0);
    let feeder = this.tree.feeder[timeframe] as number;
    while (feeder >= 0) {
      const below = row + (this.layout.series[feeder] as SeriesLayout).current;
      const start = hot[below + START] as number;
      if (start >= (into[START] as number) && start < (into[END] as number)) mergeRecord(into, 0, hot, below);
      feeder = this.tree.feeder[feeder] as number;
    }
    return (into[COUNT] as number) > 0;
  }
}
