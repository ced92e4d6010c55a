import { joinParts, TickloomError } from '../base/index.ts';
import { type Bar, EventBatch, type Timeframe, type Universe } from '../model/index.ts';
import { aggressorOf } from './aggressor.ts';
import { BarAssembly, FROM_TICK } from './bar-assembly.ts';
import type { BarClock } from './bar-clock.ts';
import { BAR_FIELDS, PRINT_FIELDS } from './bar-fields.ts';
import { addTick } from './bar-record.ts';
import type { BarSeries } from './bar-series.ts';
import type { BarCounters, BarSink } from './bar-sink.ts';
import { restoreBuilder, saveBuilder } from './builder-snapshot.ts';
import type { ConditionRules } from './conditions/index.ts';
import { RULE_REGULAR, RuleTable } from './conditions/index.ts';
import { EarlyCancels } from './early-cancels.ts';
import { carryQuote, noteQuote } from './last-quote.ts';
import { PlainTrades } from './plain-trades.ts';
import { SourceBars } from './source-bars.ts';
import { HEAD_FIELDS, type SeriesLayout } from './symbol-state.ts';
import { packFlags } from './tick-flags.ts';
import { TickRing } from './tick-ring.ts';
import { TradeRemoval } from './trade-removal.ts';
import { textIdKey, tradeTie } from './trade-tie.ts';

const { BAR_WIDTH, END, START } = BAR_FIELDS;
const { PRINT_TS, PRINT_PRICE, PRINT_SIZE, PRINT_TIE } = PRINT_FIELDS;
const { LAST_PRICE, LAST_BID, LAST_ASK, LAST_BID_SIZE, LAST_ASK_SIZE } = HEAD_FIELDS;

/** A minute bar can be rebuilt until its window ends, so its ticks are kept in reach that long. */
const LEAST_REACH_US = 60_000_000;
/** Bars of roots longer than this are rebuilt from stored trades instead. */
const MOST_REACH_US = 3_600_000_000;

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
  private readonly plain: PlainTrades;
  private readonly cancels: EarlyCancels;
  private readonly horizonUs: number;
  private readonly roots: readonly number[];
  private readonly firstCurrent: number;
  private readonly hasOneRoot: boolean;
  private readonly hotWidth: number;
  private readonly arrivalBreaksTies: boolean;
  private readonly scratch = new Float64Array(BAR_WIDTH);
  private readonly corrected = new EventBatch(1);

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
    this.plain = new PlainTrades(this.assembly, this.ring, this.rules);
    this.roots = this.assembly.tree.roots;
    this.firstCurrent = (this.assembly.layout.series[this.roots[0] as number] as SeriesLayout).current;
    this.hasOneRoot = this.roots.length === 1;
    this.hotWidth = this.assembly.layout.hotWidth;
    const longestRootUs = Math.max(...this.roots.map((root) => (this.timeframes[root] as Timeframe).lengthUs));
    const reachUs = Math.min(Math.max(longestRootUs, LEAST_REACH_US), MOST_REACH_US);
    this.horizonUs = closeDelayUs + revisionWindowUs + reachUs;
    this.arrivalBreaksTies = options.rules.arrivalBreaksTies;
    this.removal = new TradeRemoval(this.assembly, this.ring, this.arrivalBreaksTies, this.horizonUs);
    this.sourceBars = new SourceBars(this.assembly, this.removal);
    this.cancels = new EarlyCancels(this.horizonUs);
  }

  get counters(): Readonly<BarCounters> {
    return this.assembly.announcer.counters;
  }

  /** Bytes held for records, series and tick rings. */
  get stateBytes(): number {
    return this.assembly.stateBytes + this.ring.stateBytes;
  }

  /** Sets engine time; it never goes back. */
  advance(nowUs: number): void {
    if (nowUs > this.assembly.announcer.nowUs) this.assembly.announcer.nowUs = nowUs;
  }

  /** Closes the bars that are due; engine time is then at least `dueUs`. */
  onTimer(dueUs: number): void {
    this.assembly.close(dueUs);
  }

  /** An accepted trade. @param quality 0 to 1 */
  addTrade(batch: EventBatch, row: number, quality: number): void {
    if (this.cancels.size > 0 && this.wasCancelled(batch, row)) return;
    if (this.hasOneRoot && this.plain.add(batch, row, quality)) return;
    this.addPrint(batch, row, quality);
  }

  private wasCancelled(batch: EventBatch, row: number): boolean {
    const symbol = batch.symbol[row] as number;
    if (!this.cancels.claim(symbol, idOf(batch, row), batch.source[row] as number, this.now)) return false;
    this.assembly.announcer.counters.cancelledOnArrival++;
    return true;
  }

  /** A trade of any kind: ring and bars. */
  private addPrint(batch: EventBatch, row: number, quality: number): void {
    const { assembly } = this;
    const symbol = batch.symbol[row] as number;
    const state = assembly.stateOf(symbol);
    const hotRow = assembly.hotRow(symbol);
    const ts = batch.tsEventUs[row] as number;
    const price = batch.p0[row] as number;
    const size = batch.p1[row] as number;
    const id = idOf(batch, row);
    const rule = this.rules.ruleOf(batch.conditions[row] as number);
    const side = aggressorOf(assembly.hot, hotRow, price);
    const flags = packFlags(rule, side, quality, batch.source[row] as number);
    const recv = batch.tsRecvUs[row] as number;
    const index = this.ring.push(symbol, ts, recv, price, size, id, batch.seq[row] as number, flags);
    const { print } = assembly;
    print[PRINT_TS] = ts;
    print[PRINT_PRICE] = price;
    print[PRINT_SIZE] = size;
    print[PRINT_TIE] = tradeTie(id, size, this.arrivalBreaksTies, index);
    const { hot } = assembly;
    const current = hotRow + this.firstCurrent;
    const isInCurrent = ts >= (hot[current + START] as number) && ts < (hot[current + END] as number);
    if (isInCurrent) addTick(hot, current, print, flags);
    if (!isInCurrent || !this.hasOneRoot) this.place(symbol, state, ts, flags, isInCurrent);
  }

  /** Brings a print into the roots that it is not in yet. */
  private place(symbol: number, state: Float64Array, ts: number, flags: number, isInFirst: boolean): void {
    const { assembly } = this;
    assembly.flags = flags;
    for (let i = isInFirst ? 1 : 0; i < this.roots.length; i++) {
      assembly.contribute(symbol, state, this.roots[i] as number, ts, FROM_TICK);
      carryQuote(assembly, symbol * this.hotWidth, this.roots[i] as number);
    }
    assembly.announcer.settle(symbol, state);
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
    const { hot } = this.assembly;
    const hotRow = symbol * this.hotWidth;
    hot[hotRow + LAST_BID] = bid;
    hot[hotRow + LAST_ASK] = ask;
    hot[hotRow + LAST_BID_SIZE] = batch.p1[row] as number;
    hot[hotRow + LAST_ASK_SIZE] = batch.p3[row] as number;
    if (this.universe.instrument(symbol).barBasis === 'mid' && bid > 0 && ask > 0) {
      this.addMid(symbol, state, batch, row, quality);
    }
    for (let i = 0; i < this.roots.length; i++) noteQuote(this.assembly, hotRow, this.roots[i] as number);
  }

  private addMid(symbol: number, state: Float64Array, batch: EventBatch, row: number, quality: number): void {
    const mid = ((batch.p0[row] as number) + (batch.p2[row] as number)) / 2;
    const ts = batch.tsEventUs[row] as number;
    const recv = batch.tsRecvUs[row] as number;
    const flags = packFlags(RULE_REGULAR, 0, quality, batch.source[row] as number);
    const index = this.ring.push(symbol, ts, recv, mid, 0, Number.NaN, batch.seq[row] as number, flags);
    this.assembly.hot[symbol * this.hotWidth + LAST_PRICE] = mid;
    const { print } = this.assembly;
    print[PRINT_TS] = ts;
    print[PRINT_PRICE] = mid;
    print[PRINT_SIZE] = 0;
    print[PRINT_TIE] = tradeTie(Number.NaN, 0, this.arrivalBreaksTies, index);
    this.place(symbol, state, ts, flags, false);
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
    this.assembly.announcer.settle(symbol, state);
  }

  /** A correction: the trade of its id is replaced by the one in this row, at the event time of the original. */
  correct(batch: EventBatch, row: number, quality: number): void {
    const { assembly } = this;
    const symbol = batch.symbol[row] as number;
    const state = assembly.stateOf(symbol);
    const originalUs = this.takeBack(symbol, state, batch, row);
    this.corrected.clear();
    this.corrected.copyRow(batch, row);
    if (originalUs !== undefined) this.corrected.tsEventUs[0] = originalUs;
    this.addPrint(this.corrected, 0, quality);
    assembly.announcer.settle(symbol, state);
  }

  private takeBack(symbol: number, state: Float64Array, batch: EventBatch, row: number): number | undefined {
    const id = idOf(batch, row);
    const source = batch.source[row] as number;
    const originalUs = id === id ? this.removal.takeBack(symbol, state, id, source) : undefined;
    if (originalUs !== undefined) return originalUs;
    this.assembly.announcer.counters.amendmentsUnmatched++;
    if (id === id) this.cancels.add(symbol, id, source, this.now);
    const tsUs = batch.tsEventUs[row] as number;
    if (tsUs > this.now - this.horizonUs && this.removal.holdsHorizon(symbol)) return undefined;
    for (let timeframe = 0; timeframe < this.timeframes.length; timeframe++) {
      const { startUs, endUs } = this.assembly.locate(symbol, timeframe, tsUs);
      this.assembly.announcer.needRepair(symbol, timeframe, startUs as number, endUs as number);
    }
    return undefined;
  }

  private get now(): number {
    return this.assembly.announcer.nowUs;
  }

  /** The closed bars of a symbol and timeframe; empty before the first one. */
  series(symbol: number, timeframe: number): BarSeries {
    return this.assembly.announcer.seriesOf(symbol, timeframe);
  }

  /** The bar under construction as it stands now; `undefined` when there is none. Its revision is 0. */
  formingBar(symbol: number, timeframe: number): Bar | undefined {
    const isKnown = this.assembly.knownState(symbol) !== undefined;
    if (!isKnown || !this.assembly.forming(symbol, timeframe, this.scratch)) return undefined;
    return this.assembly.announcer.barOfRecord(this.scratch, symbol, timeframe);
  }

  /** Bars that have ended and are held open for stragglers, oldest first. Their revision is 0. */
  pendingBars(symbol: number, timeframe: number): Bar[] {
    const bars: Bar[] = [];
    this.assembly.endedNotClosed(symbol, timeframe, (state, at) => {
      this.scratch.set(state.subarray(at, at + BAR_WIDTH));
      bars.push(this.assembly.announcer.barOfRecord(this.scratch, symbol, timeframe));
    });
    return bars;
  }

  /** The last quote and trade price of a symbol; NaN where none was seen. */
  lastOf(symbol: number): { readonly bid: number; readonly ask: number; readonly price: number } {
    const isKnown = this.assembly.knownState(symbol) !== undefined;
    const hotRow = this.assembly.hotRow(symbol);
    const at = (field: number): number => (isKnown ? (this.assembly.hot[hotRow + field] as number) : Number.NaN);
    return { bid: at(LAST_BID), ask: at(LAST_ASK), price: at(LAST_PRICE) };
  }

  /** Everything that later outputs depend on. The timers asked for belong to their owner's own snapshot. */
  snapshot(): Uint8Array {
    return joinParts(this.snapshotParts());
  }

  /** A {@link snapshot} in pieces, in their order: what takes the copying twice is saved. */
  snapshotParts(): readonly Uint8Array[] {
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

/** The provider's id as a number: itself, a negative key of a text, NaN for none. */
function idOf(batch: EventBatch, row: number): number {
  const id = batch.idNum[row] as number;
  if (batch.idText.length === 0) return id;
  const text = batch.idText[row];
  return text === undefined ? id : textIdKey(text);
}
