import { TickloomError } from '../base/index.ts';
import type { Bar, EventBatch, Timeframe, Universe } from '../model/index.ts';
import { BarAssembly, type BarCounters, type BarSink, FROM_TICK } from './bar-assembly.ts';
import type { BarClock } from './bar-clock.ts';
import {
  ASK,
  ASK_SIZE,
  addTick,
  BAR_WIDTH,
  BID,
  BID_SIZE,
  END,
  SPREAD_COUNT,
  SPREAD_SUM,
  START,
} from './bar-record.ts';
import type { BarSeries } from './bar-series.ts';
import { restoreBuilder, saveBuilder } from './builder-snapshot.ts';
import type { ConditionRules } from './conditions/index.ts';
import { RULE_REGULAR, RULE_VOLUME, RuleTable } from './conditions/index.ts';
import { EarlyCancels } from './early-cancels.ts';
import { SourceBars } from './source-bars.ts';
import {
  LAST_ASK,
  LAST_ASK_SIZE,
  LAST_BID,
  LAST_BID_SIZE,
  LAST_PRICE,
  LAST_SIDE,
  type SeriesLayout,
} from './symbol-state.ts';
import {
  TICK_COUNTS,
  TICK_ID,
  TICK_PRICE,
  TICK_QUALITY,
  TICK_RECV,
  TICK_SEQ,
  TICK_SIDE,
  TICK_SIZE,
  TICK_SOURCE,
  TICK_TIE,
  TICK_TIER,
  TICK_TS,
} from './tick-record.ts';
import { TickRing } from './tick-ring.ts';
import { TradeRemoval } from './trade-removal.ts';
import { textIdKey, tradeTie } from './trade-tie.ts';

/** Ticks kept for rebuilding the bars of a root timeframe that is longer than this are not waited for. */
const MAX_ROOT_SPAN_US = 3_600_000_000;

export interface BarBuilderOptions {
  readonly universe: Universe;
  /** Ascending, 1 to 32. */
  readonly timeframes: readonly Timeframe[];
  readonly clock: BarClock;
  readonly rules: ConditionRules;
  /** A bar closes this long after its end in engine time. Default 1 s. */
  readonly closeDelayUs?: number;
  /** Events that reach a bar within this time of its end revise it. Default 60 s. */
  readonly revisionWindowUs?: number;
  /** Ticks kept per symbol. Default 10,000. */
  readonly ringCapacity?: number;
  /** Bars kept per symbol and timeframe, 50 to 5000. Default 5000. */
  readonly seriesWindow?: number;
  readonly sink: BarSink;
  /** Asks for a call of {@link BarBuilder.onTimer} when engine time reaches `dueUs`. */
  readonly setTimer: (dueUs: number) => void;
}

/**
 * Builds the bars of all symbols and timeframes from trades (or quote mids, or providers' bars) and keeps them right
 * when trades come late, are corrected or cancelled. See docs/bars.md.
 *
 * The owner sets engine time with {@link advance} before each event and calls {@link onTimer} for the timers it was
 * asked for, those that are due before an event first.
 */
export class BarBuilder {
  readonly ring: TickRing;
  readonly timeframes: readonly Timeframe[];
  private readonly universe: Universe;
  private readonly assembly: BarAssembly;
  private readonly removal: TradeRemoval;
  private readonly sourceBars: SourceBars;
  private readonly rules: RuleTable;
  private readonly cancels: EarlyCancels;
  private readonly horizonUs: number;
  private readonly roots: readonly number[];
  private readonly firstRoot: number;
  private readonly firstCurrent: number;
  private readonly scratch = new Float64Array(BAR_WIDTH);

  /** @throws TickloomError `bad-timeframe` or `bad-window` naming what is allowed. */
  constructor(options: BarBuilderOptions) {
    const { closeDelayUs = 1_000_000, revisionWindowUs = 60_000_000, seriesWindow = 5000 } = options;
    if (!(seriesWindow >= 50 && seriesWindow <= 5000)) {
      throw new TickloomError('bad-window', `A series holds 50 to 5000 bars, not ${seriesWindow}.`);
    }
    this.universe = options.universe;
    this.timeframes = options.timeframes;
    this.ring = new TickRing(options.ringCapacity);
    this.assembly = new BarAssembly({ ...options, closeDelayUs, revisionWindowUs, seriesWindow });
    this.rules = new RuleTable(options.rules, options.universe.conditions);
    this.roots = this.assembly.tree.roots;
    this.firstRoot = this.roots[0] as number;
    this.firstCurrent = (this.assembly.layout.series[this.firstRoot] as SeriesLayout).current;
    const longestRootUs = Math.max(...this.roots.map((root) => (this.timeframes[root] as Timeframe).lengthUs));
    this.horizonUs = closeDelayUs + revisionWindowUs + Math.min(longestRootUs, MAX_ROOT_SPAN_US);
    this.removal = new TradeRemoval(this.assembly, this.ring, options.rules.arrivalBreaksTies, this.horizonUs);
    this.sourceBars = new SourceBars(this.assembly, this.removal);
    this.cancels = new EarlyCancels(this.horizonUs);
  }

  get counters(): Readonly<BarCounters> {
    return this.assembly.counters;
  }

  /** Bytes held for records, series and tick rings. */
  get stateBytes(): number {
    return this.assembly.stateBytes + this.ring.stateBytes;
  }

  /** Sets engine time; it never goes back. */
  advance(nowUs: number): void {
    if (nowUs > this.assembly.nowUs) this.assembly.nowUs = nowUs;
  }

  /** Closes the bars that are due; engine time is then at least `dueUs`. */
  onTimer(dueUs: number): void {
    this.assembly.close(dueUs);
  }

  /** An accepted trade. @param quality 0 to 1 */
  addTrade(batch: EventBatch, row: number, quality: number): void {
    const symbol = batch.symbol[row] as number;
    const state = this.assembly.stateOf(symbol);
    const tick = this.fill(batch, row, quality);
    if (this.cancels.size > 0 && this.cancels.claim(symbol, idOf(tick), tick[TICK_SOURCE] as number, this.now)) {
      this.assembly.counters.cancelledOnArrival++;
      return;
    }
    tick[TICK_PRICE] = batch.p0[row] as number;
    tick[TICK_SIZE] = batch.p1[row] as number;
    tick[TICK_TS] = batch.tsEventUs[row] as number;
    this.setRule(this.rules.ruleOf(batch.conditions[row] as number));
    this.setSide(state);
    this.place(symbol, state);
  }

  /**
   * An accepted quote: the last bid and ask, the mean spread, and for instruments whose bars are built from mids the
   * price, with size 0 (so that volume is 0, vwap NaN and the number of trades that of quotes).
   */
  addQuote(batch: EventBatch, row: number, quality: number): void {
    const symbol = batch.symbol[row] as number;
    const state = this.assembly.stateOf(symbol);
    const bid = batch.p0[row] as number;
    const ask = batch.p2[row] as number;
    state[LAST_BID] = bid;
    state[LAST_ASK] = ask;
    state[LAST_BID_SIZE] = batch.p1[row] as number;
    state[LAST_ASK_SIZE] = batch.p3[row] as number;
    if (this.universe.instrument(symbol).barBasis === 'mid' && bid > 0 && ask > 0) {
      const tick = this.fill(batch, row, quality);
      tick[TICK_PRICE] = (bid + ask) / 2;
      tick[TICK_SIZE] = 0;
      tick[TICK_TS] = batch.tsEventUs[row] as number;
      tick[TICK_SIDE] = 0;
      this.setRule(RULE_REGULAR);
      this.place(symbol, state);
    }
    for (let i = 0; i < this.roots.length; i++) this.noteQuote(state, this.roots[i] as number);
  }

  private noteQuote(state: Float64Array, root: number): void {
    const layout = this.assembly.layout.series[root] as SeriesLayout;
    const spread = (state[LAST_ASK] as number) - (state[LAST_BID] as number);
    const current = layout.current;
    const isOpen = state[current + END] !== Number.NEGATIVE_INFINITY;
    if (isOpen) {
      state[current + BID] = state[LAST_BID] as number;
      state[current + ASK] = state[LAST_ASK] as number;
      state[current + BID_SIZE] = state[LAST_BID_SIZE] as number;
      state[current + ASK_SIZE] = state[LAST_ASK_SIZE] as number;
    }
    if (spread !== spread) return;
    const sum = isOpen ? current + SPREAD_SUM : layout.waitingSpread;
    const count = isOpen ? current + SPREAD_COUNT : layout.waitingSpread + 1;
    state[sum] = (state[sum] as number) + spread;
    state[count] = (state[count] as number) + 1;
  }

  /** A provider's own bar. @returns false when no timeframe has its length. */
  addSourceBar(batch: EventBatch, row: number, quality: number): boolean {
    return this.sourceBars.add(batch, row, quality);
  }

  /** A cancel: the trade of its id is taken out of every bar. */
  cancel(batch: EventBatch, row: number): void {
    const symbol = batch.symbol[row] as number;
    const state = this.assembly.stateOf(symbol);
    this.takeBack(symbol, state, batch, row);
    this.assembly.settle(symbol, state);
  }

  /** A correction: the trade of its id is replaced by the one in this row, at the event time of the original. */
  correct(batch: EventBatch, row: number, quality: number): void {
    const symbol = batch.symbol[row] as number;
    const state = this.assembly.stateOf(symbol);
    const originalUs = this.takeBack(symbol, state, batch, row);
    const tick = this.fill(batch, row, quality);
    tick[TICK_PRICE] = batch.p0[row] as number;
    tick[TICK_SIZE] = batch.p1[row] as number;
    tick[TICK_TS] = originalUs ?? (batch.tsEventUs[row] as number);
    this.setRule(this.rules.ruleOf(batch.conditions[row] as number));
    this.setSide(state);
    this.place(symbol, state);
    this.assembly.settle(symbol, state);
  }

  private takeBack(symbol: number, state: Float64Array, batch: EventBatch, row: number): number | undefined {
    const id = idOf(this.fill(batch, row, 1));
    const source = batch.source[row] as number;
    const originalUs = id === id ? this.removal.takeBack(symbol, state, id, source) : undefined;
    if (originalUs !== undefined) return originalUs;
    this.assembly.counters.amendmentsUnmatched++;
    if (id === id) this.cancels.add(symbol, id, source, this.now);
    const tsUs = batch.tsEventUs[row] as number;
    if (tsUs > this.now - this.horizonUs && this.removal.holdsHorizon(symbol)) return undefined;
    for (let timeframe = 0; timeframe < this.timeframes.length; timeframe++) {
      const { startUs, endUs } = this.assembly.locate(symbol, timeframe, tsUs);
      this.assembly.needRepair(symbol, timeframe, startUs as number, endUs as number);
    }
    return undefined;
  }

  private get now(): number {
    return this.assembly.nowUs;
  }

  private fill(batch: EventBatch, row: number, quality: number): Float64Array {
    const tick = this.assembly.tick;
    tick[TICK_RECV] = batch.tsRecvUs[row] as number;
    tick[TICK_ID] = batch.idNum[row] as number;
    tick[TICK_SEQ] = batch.seq[row] as number;
    tick[TICK_SOURCE] = batch.source[row] as number;
    tick[TICK_QUALITY] = Math.round(quality * 1000);
    if (batch.idText.length > 0) {
      const text = batch.idText[row];
      if (text !== undefined) tick[TICK_ID] = textIdKey(text);
    }
    return tick;
  }

  private setRule(rule: number): void {
    const tick = this.assembly.tick;
    tick[TICK_TIER] = rule & 3;
    tick[TICK_COUNTS] = (rule & RULE_VOLUME) === 0 ? 0 : 1;
  }

  /** Quote rule where there is a mid, else tick rule (Lee and Ready 1991). */
  private setSide(state: Float64Array): void {
    const tick = this.assembly.tick;
    const price = tick[TICK_PRICE] as number;
    const doubleMid = (state[LAST_BID] as number) + (state[LAST_ASK] as number);
    const previous = state[LAST_PRICE] as number;
    let side = state[LAST_SIDE] as number;
    if (2 * price > doubleMid) side = 1;
    else if (2 * price < doubleMid) side = -1;
    else if (price > previous) side = 1;
    else if (price < previous) side = -1;
    state[LAST_PRICE] = price;
    state[LAST_SIDE] = side;
    tick[TICK_SIDE] = side;
  }

  private place(symbol: number, state: Float64Array): void {
    const { assembly } = this;
    const { tick } = assembly;
    const index = this.ring.push(symbol, tick);
    tick[TICK_TIE] = tradeTie(tick, this.rules.rules.arrivalBreaksTies, index);
    const ts = tick[TICK_TS] as number;
    const current = this.firstCurrent;
    if (ts >= (state[current + START] as number) && ts < (state[current + END] as number)) {
      addTick(state, current, tick);
    } else {
      assembly.contribute(symbol, state, this.firstRoot, ts, FROM_TICK);
      this.carryQuote(state, this.firstRoot);
    }
    for (let i = 1; i < this.roots.length; i++) {
      assembly.contribute(symbol, state, this.roots[i] as number, ts, FROM_TICK);
      this.carryQuote(state, this.roots[i] as number);
    }
    assembly.settle(symbol, state);
  }

  /** A new bar begins with the quote that stood before it. */
  private carryQuote(state: Float64Array, root: number): void {
    const { current } = this.assembly.layout.series[root] as SeriesLayout;
    const bid = state[current + BID] as number;
    if (bid === bid || state[current + END] === Number.NEGATIVE_INFINITY) return;
    state[current + BID] = state[LAST_BID] as number;
    state[current + ASK] = state[LAST_ASK] as number;
    state[current + BID_SIZE] = state[LAST_BID_SIZE] as number;
    state[current + ASK_SIZE] = state[LAST_ASK_SIZE] as number;
  }

  /** The closed bars of a symbol and timeframe; empty before the first one. */
  series(symbol: number, timeframe: number): BarSeries {
    return this.assembly.seriesOf(symbol, timeframe);
  }

  /** The bar under construction as it stands now; `undefined` when there is none. Its revision is 0. */
  formingBar(symbol: number, timeframe: number): Bar | undefined {
    const state = this.assembly.knownState(symbol);
    if (state === undefined || !this.assembly.forming(state, timeframe, this.scratch)) return undefined;
    return this.assembly.barOfRecord(this.scratch, symbol, timeframe);
  }

  /** The last quote and trade price of a symbol; NaN where none was seen. */
  lastOf(symbol: number): { readonly bid: number; readonly ask: number; readonly price: number } {
    const state = this.assembly.knownState(symbol);
    const at = (field: number): number => state?.[field] ?? Number.NaN;
    return { bid: at(LAST_BID), ask: at(LAST_ASK), price: at(LAST_PRICE) };
  }

  /** Everything that later outputs depend on. The timers asked for belong to their owner's own snapshot. */
  snapshot(): Uint8Array {
    return saveBuilder(this.assembly, this.ring, this.cancels, this.horizonUs);
  }

  /**
   * Continues from a {@link snapshot}; the builder must be new and have the same options.
   * @throws TickloomError `bad-snapshot`
   */
  restore(bytes: Uint8Array): void {
    restoreBuilder(bytes, this.assembly, this.ring, this.cancels);
  }
}

function idOf(tick: Float64Array): number {
  return tick[TICK_ID] as number;
}
