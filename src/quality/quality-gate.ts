import { TickloomError, US_PER_DAY, US_PER_MINUTE, US_PER_SECOND } from '../base/index.ts';
import type { Calendars, TradingCalendar } from '../calendar/index.ts';
import { type EventBatch, EventKind, type Universe } from '../model/index.ts';
import { checkBar, checkOrigin, checkQuote, checkTrade, checkValue, type TimeLimits } from './hard-checks.ts';
import { type OutlierRule, resetTrack, TRACK_SLOTS, trackPrice } from './outlier-track.ts';
import { REASON_WEIGHTS, REJECT_NAMES, Reason, Reject } from './reasons.ts';
import { type TradeIdSnapshot, TradeIdWindow } from './trade-id-window.ts';

export interface QualityOptions extends OutlierRule, TimeLimits {
  /** A trade or quote received this long after it happened comes from a stale source. */
  readonly staleSourceUs: number;
  /** Spread over mid above which a quote is wide, in hundredths of a percent. */
  readonly wideSpreadBps: number;
  /** After a silence this long the first price is not compared with the last (for bars at least ten bar lengths). */
  readonly resetAfterUs: number;
  /** Most trade ids remembered per symbol and source; a repeat is recognised for at least half as many trades. */
  readonly tradeIds: number;
  /** Whether a vendor's condition text marks a print as doubtful. */
  readonly isSuspicious: (conditions: string) => boolean;
}

const DEFAULT_QUALITY_OPTIONS: QualityOptions = {
  clockSkewUs: 5 * US_PER_SECOND,
  // 1971: whoever takes seconds for milliseconds lands in January 1970.
  earliestUs: 365 * US_PER_DAY,
  staleSourceUs: 10 * US_PER_SECOND,
  wideSpreadBps: 500,
  tradeIds: 16_384,
  outlierZ: 8,
  minScale: 1e-4,
  resetAfterUs: 15 * US_PER_MINUTE,
  isSuspicious: (conditions) => /suspicious/i.test(conditions),
};

// Columns per symbol: for each stream a price track and the latest event time; for bars also their length.
const TRADE = 0;
const QUOTE = TRACK_SLOTS + 1;
const BAR = 2 * (TRACK_SLOTS + 1);
const NEWEST = TRACK_SLOTS;
const BAR_LENGTH = 3 * (TRACK_SLOTS + 1);
const STRIDE = BAR_LENGTH + 1;

/** State of a {@link QualityGate} as plain values. */
export interface QualitySnapshot {
  /** Columns of all symbols. */
  readonly symbols: readonly number[];
  /** Counters: rejections, then reasons. */
  readonly counts: readonly number[];
  /** Windows of trade ids by key (symbol * 65536 + source). */
  readonly windows: readonly (readonly [key: number, window: TradeIdSnapshot])[];
}

/**
 * Judges every event that enters the engine. A verdict is one number: negative is a {@link Reject}, everything else is
 * the set of {@link Reason} bits that lowers the score (0: nothing to say; see `scoreOf`). It depends on the event and
 * on earlier events only. Whether a trade counts never depends on soft reasons, and refusals do not depend on the
 * order of arrival (but for which of two trades with one id came first), so that a shuffled tape ends in the same bars.
 */
export class QualityGate {
  readonly options: QualityOptions;
  /** Accepted events at index 0, then rejections by `-verdict`. */
  readonly rejectCounts = new Float64Array(REJECT_NAMES.length);
  /** Accepted events that carry a reason, by bit position. */
  readonly reasonCounts = new Float64Array(REASON_WEIGHTS.length);
  private readonly universe: Universe;
  private readonly calendars: Calendars;
  private readonly calendarOf: (TradingCalendar | undefined)[] = [];
  private readonly windows = new Map<number, TradeIdWindow>();
  /** The window used last, by symbol, and its source: most symbols have one source, which saves the map. */
  private readonly recentWindow: (TradeIdWindow | undefined)[] = [];
  private readonly recentSource: number[] = [];
  private state = new Float64Array(64 * STRIDE);
  /** By condition id: 0 not looked at yet, 1 plain, 2 suspicious. */
  private conditionMarks = new Uint8Array(256);

  constructor(universe: Universe, calendars: Calendars, options: Partial<QualityOptions> = {}) {
    this.universe = universe;
    this.calendars = calendars;
    this.options = { ...DEFAULT_QUALITY_OPTIONS, ...options };
  }

  /** Verdict on any event. Kinds without prices are judged by their times and symbol, `Malformed` not at all. */
  validate(batch: EventBatch, row: number): number {
    const kind = batch.kind[row];
    if (kind === EventKind.Trade) return this.validateTrade(batch, row);
    if (kind === EventKind.Quote) return this.validateQuote(batch, row);
    if (kind === EventKind.SourceBar) return this.validateBar(batch, row);
    if (kind === EventKind.Correction) return this.validateCorrection(batch, row);
    if (kind === EventKind.Cancel) return this.count(checkOrigin(batch, row, this.options));
    return this.count(0);
  }

  /** Verdict on a Trade row. */
  validateTrade(batch: EventBatch, row: number): number {
    const refused = this.judgeValue(batch, row, checkTrade(batch, row, this.options));
    if (refused < 0) return this.count(refused);
    if (this.isRepeated(batch, row)) return this.count(Reject.Duplicate);
    const base = this.slot(batch.symbol[row] as number) + TRADE;
    const tsUs = batch.tsEventUs[row] as number;
    let reasons = this.judgeTimes(batch, row, base) | this.judgeConditions(batch.conditions[row] as number);
    if (batch.p1[row] === 0) reasons |= Reason.ZeroSize;
    return this.count(
      reasons | this.judgePrice(batch.p0[row] as number, tsUs, base, reasons, this.options.resetAfterUs),
    );
  }

  /** Verdict on a Quote row. A side that is absent (NaN) or 0 makes it one-sided; both absent is no price. */
  validateQuote(batch: EventBatch, row: number): number {
    const bid = batch.p0[row] as number;
    const ask = batch.p2[row] as number;
    const refused = checkQuote(batch, row, this.options);
    if (refused < 0) return this.count(refused);
    const base = this.slot(batch.symbol[row] as number) + QUOTE;
    const tsUs = batch.tsEventUs[row] as number;
    let reasons = this.judgeTimes(batch, row, base) | this.judgeConditions(batch.conditions[row] as number);
    if (!(bid > 0 && ask > 0)) return this.count(reasons | Reason.OneSided);
    // Venues that give no sizes send 0 on both sides.
    if ((batch.p1[row] === 0) !== (batch.p3[row] === 0)) reasons |= Reason.ZeroSize;
    if (bid > ask) reasons |= Reason.Crossed;
    else if (bid === ask) reasons |= Reason.Locked;
    else if ((ask - bid) * 20_000 > this.options.wideSpreadBps * (ask + bid)) reasons |= Reason.WideSpread;
    // The middle of a stub quote says nothing about the price.
    if ((reasons & Reason.WideSpread) !== 0) return this.count(reasons);
    return this.count(reasons | this.judgePrice(bid / 2 + ask / 2, tsUs, base, reasons, this.options.resetAfterUs));
  }

  /** Verdict on a SourceBar row. Volume, vwap and count may be absent (NaN). */
  validateBar(batch: EventBatch, row: number): number {
    const refused = checkBar(batch, row, this.options);
    if (refused < 0) return this.count(refused);
    const symbolBase = this.slot(batch.symbol[row] as number);
    const base = symbolBase + BAR;
    const lengthUs = batch.p7[row] as number;
    if (this.state[symbolBase + BAR_LENGTH] !== lengthUs) {
      // Bars of another length follow another clock and have another spread of returns.
      resetTrack(this.state, base);
      this.state[base + NEWEST] = 0;
      this.state[symbolBase + BAR_LENGTH] = lengthUs;
    }
    const tsUs = batch.tsEventUs[row] as number;
    const reasons = tsUs < (this.state[base + NEWEST] as number) ? Reason.OutOfOrder : 0;
    if (reasons === 0) this.state[base + NEWEST] = tsUs;
    const resetAfterUs = Math.max(this.options.resetAfterUs, 10 * lengthUs);
    return this.count(reasons | this.judgePrice(batch.p3[row] as number, tsUs, base, reasons, resetAfterUs));
  }

  /** Verdict on a Correction row: its values must be those of a trade; it may well be old. */
  validateCorrection(batch: EventBatch, row: number): number {
    const refused = this.judgeValue(batch, row, checkTrade(batch, row, this.options));
    if (refused < 0) return this.count(refused);
    return this.count(batch.p1[row] === 0 ? Reason.ZeroSize : 0);
  }

  /** Trade ids forgotten at the bound, over all symbols and sources. */
  get evictedIds(): number {
    let sum = 0;
    for (const window of this.windows.values()) sum += window.evicted;
    return sum;
  }

  snapshot(): QualitySnapshot {
    return {
      symbols: [...this.state],
      counts: [...this.rejectCounts, ...this.reasonCounts],
      windows: [...this.windows].map(([key, window]) => [key, window.snapshot()] as const),
    };
  }

  /** Takes over a snapshot of a gate over the same universe and options. */
  restore(snapshot: QualitySnapshot): void {
    this.state = Float64Array.from(snapshot.symbols);
    this.rejectCounts.set(snapshot.counts.slice(0, this.rejectCounts.length));
    this.reasonCounts.set(snapshot.counts.slice(this.rejectCounts.length));
    this.windows.clear();
    this.recentWindow.length = 0;
    for (const [key, window] of snapshot.windows) {
      this.windows.set(key, TradeIdWindow.restore(this.options.tradeIds, window));
    }
  }

  private count(verdict: number): number {
    if (verdict < 0) {
      this.rejectCounts[-verdict] = (this.rejectCounts[-verdict] as number) + 1;
      return verdict;
    }
    this.rejectCounts[0] = (this.rejectCounts[0] as number) + 1;
    for (let bits = verdict, i = 0; bits !== 0; bits >>= 1, i++) {
      if ((bits & 1) !== 0) this.reasonCounts[i] = (this.reasonCounts[i] as number) + 1;
    }
    return verdict;
  }

  /** A rate or a change of an economic series may be 0 or below: it is no price. */
  private judgeValue(batch: EventBatch, row: number, verdict: number): number {
    if (verdict !== Reject.PriceNotPositive) return verdict;
    const { assetClass } = this.universe.instrument(batch.symbol[row] as number);
    return assetClass === 'macro' ? checkValue(batch, row) : verdict;
  }

  private isRepeated(batch: EventBatch, row: number): boolean {
    const id = batch.idNum[row] as number;
    const isNumeric = id === id;
    const text = isNumeric ? undefined : batch.idText[row];
    if (!isNumeric && text === undefined) return false;
    const window = this.windowOf(batch.symbol[row] as number, batch.source[row] as number);
    const exchange = batch.exchange[row] as number;
    return text === undefined ? !window.add(id, exchange) : !window.addText(text, exchange);
  }

  private windowOf(symbol: number, source: number): TradeIdWindow {
    const recent = this.recentWindow[symbol];
    if (recent !== undefined && this.recentSource[symbol] === source) return recent;
    const key = symbol * 65_536 + source;
    let window = this.windows.get(key);
    if (window === undefined) {
      window = new TradeIdWindow(this.options.tradeIds);
      this.windows.set(key, window);
    }
    this.recentWindow[symbol] = window;
    this.recentSource[symbol] = source;
    return window;
  }

  private judgeTimes(batch: EventBatch, row: number, base: number): number {
    const tsUs = batch.tsEventUs[row] as number;
    let reasons = 0;
    if (tsUs < (this.state[base + NEWEST] as number)) reasons |= Reason.OutOfOrder;
    else this.state[base + NEWEST] = tsUs;
    if ((batch.tsRecvUs[row] as number) - tsUs > this.options.staleSourceUs) reasons |= Reason.StaleSource;
    if (!this.calendar(batch.symbol[row] as number).isOpen(tsUs)) reasons |= Reason.OutsideSession;
    return reasons;
  }

  private judgeConditions(conditions: number): number {
    if (conditions === 0) return 0;
    if (conditions >= this.conditionMarks.length) {
      const marks = new Uint8Array(Math.max(2 * this.conditionMarks.length, conditions + 1));
      marks.set(this.conditionMarks);
      this.conditionMarks = marks;
    }
    let mark = this.conditionMarks[conditions] as number;
    if (mark === 0) {
      mark = this.options.isSuspicious(this.universe.conditions.text(conditions)) ? 2 : 1;
      this.conditionMarks[conditions] = mark;
    }
    return mark === 2 ? Reason.Suspicious : 0;
  }

  /** An event out of order is judged but not followed: it is no news of where the price is now. */
  private judgePrice(price: number, tsUs: number, base: number, reasons: number, resetAfterUs: number): number {
    // Shares of a value that may be 0 or below say nothing; prices never get here with one.
    if (price <= 0) return 0;
    const isFollowed = (reasons & Reason.OutOfOrder) === 0;
    return trackPrice(this.state, base, price, tsUs, resetAfterUs, isFollowed, this.options) ? Reason.Outlier : 0;
  }

  private calendar(symbol: number): TradingCalendar {
    const known = this.calendarOf[symbol];
    if (known !== undefined) return known;
    const calendar = this.calendars.get(this.universe.instrument(symbol).calendar);
    this.calendarOf[symbol] = calendar;
    return calendar;
  }

  private slot(symbol: number): number {
    const base = symbol * STRIDE;
    if (base + STRIDE > this.state.length) {
      if (symbol >= this.universe.size) throw new TickloomError('unknown-id', `No instrument with id ${symbol}.`);
      const state = new Float64Array(Math.max(2 * this.state.length, base + STRIDE));
      state.set(this.state);
      this.state = state;
    }
    return base;
  }
}
