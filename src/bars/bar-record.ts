import { FLAG_BUY, FLAG_SELL, FLAG_TIER_MASK, FLAG_VOLUME, qualityOf, sourceOf } from './tick-flags.ts';
import { compareTies } from './trade-tie.ts';

/**
 * A bar under construction is a record of {@link BAR_WIDTH} doubles inside a larger Float64Array (the state of one
 * symbol). Everything but the order-flow fields is a function of the *set* of trades in it, whatever order they came in:
 * open and close are decided by the key (event time, tie), sums are double-double pairs. What every trade touches stands
 * first, in three cache lines.
 */
export const START = 0;
export const END = 1;
/** Highest price tier seen, -1 for none: see `TradeRule`. */
export const TIER = 2;
export const HIGH = 3;
export const LOW = 4;
export const CLOSE = 5;
export const CLOSE_TS = 6;
export const CLOSE_TIE = 7;
export const VOLUME = 8;
export const VOLUME_LOW = 9;
export const NOTIONAL = 10;
export const NOTIONAL_LOW = 11;
export const COUNT = 12;
/** Sum of quality in thousandths, an integer. */
export const QUALITY = 13;
export const BUY = 14;
export const SELL = 15;
export const SOURCE = 16;
export const OPEN = 17;
export const OPEN_TS = 18;
export const OPEN_TIE = 19;
export const SPREAD_SUM = 20;
export const SPREAD_COUNT = 21;
export const BID = 22;
export const ASK = 23;
export const BID_SIZE = 24;
export const ASK_SIZE = 25;
/** -1 until the bar was said closed, then its revision. */
export const REVISION = 26;
/** 1 where a provider's bar stands in the record, 0 where trades or finer bars do. */
export const FROM_SOURCE = 27;
/** 1 while the bar stands in its series (a bar whose trades were all cancelled does not). */
export const LISTED = 28;
/** The stamp of the bar; see `BarClock`. */
export const LABEL = 29;
/** 1 when a cancelled trade could not be taken out of the record: the bar needs a repair from stored trades. */
export const TAINTED = 30;
export const BAR_WIDTH = 31;

/** Empties a record and gives it an interval. */
export function openRecord(state: Float64Array, at: number, startUs: number, endUs: number, labelUs: number): void {
  // A loop: the built-in fill costs several times as much on so few elements.
  for (let i = 0; i < BAR_WIDTH; i++) state[at + i] = 0;
  state[at + START] = startUs;
  state[at + END] = endUs;
  state[at + LABEL] = labelUs;
  state[at + TIER] = -1;
  state[at + BID] = Number.NaN;
  state[at + ASK] = Number.NaN;
  state[at + BID_SIZE] = Number.NaN;
  state[at + ASK_SIZE] = Number.NaN;
  state[at + REVISION] = -1;
}

/**
 * Adds one trade to a record. Kept small enough for the compiler to inline it into the hot path, where the doubles then
 * stay in registers; the rare cases are functions of their own.
 *
 * @param flags of `tick-flags.ts`
 */
export function addTick(
  state: Float64Array,
  at: number,
  ts: number,
  price: number,
  size: number,
  tie: number,
  flags: number,
): void {
  if ((flags & FLAG_TIER_MASK) !== state[at + TIER]) {
    addOtherTier(state, at, ts, price, tie, flags & FLAG_TIER_MASK);
  } else {
    if (price > (state[at + HIGH] as number)) state[at + HIGH] = price;
    else if (price < (state[at + LOW] as number)) state[at + LOW] = price;
    if (ts > (state[at + CLOSE_TS] as number)) {
      state[at + CLOSE] = price;
      state[at + CLOSE_TS] = ts;
      state[at + CLOSE_TIE] = tie;
    } else {
      addUnordered(state, at, ts, price, tie);
    }
  }
  if ((flags & FLAG_VOLUME) !== 0) {
    addToPair(state, at + VOLUME, size);
    addToPair(state, at + NOTIONAL, size * price);
    if ((flags & FLAG_BUY) !== 0) state[at + BUY] = (state[at + BUY] as number) + size;
    else if ((flags & FLAG_SELL) !== 0) state[at + SELL] = (state[at + SELL] as number) + size;
  }
  state[at + COUNT] = (state[at + COUNT] as number) + 1;
  state[at + QUALITY] = (state[at + QUALITY] as number) + qualityOf(flags);
  state[at + SOURCE] = sourceOf(flags);
}

/** A trade that is not later than all before it may still be the last by its tie, or the first. */
function addUnordered(state: Float64Array, at: number, ts: number, price: number, tie: number): void {
  if (comesAfter(ts, tie, price, state, at + CLOSE)) setEnd(state, at + CLOSE, ts, price, tie);
  if (comesBefore(ts, tie, price, state, at + OPEN)) setEnd(state, at + OPEN, ts, price, tie);
}

/** A trade of another tier than the best so far: a better one takes open and close over. */
function addOtherTier(state: Float64Array, at: number, ts: number, price: number, tie: number, tier: number): void {
  const held = state[at + TIER] as number;
  if (tier < held) {
    if (tier === 1) widen(state, at, price, price);
    return;
  }
  if (held < 1) {
    state[at + HIGH] = price;
    state[at + LOW] = price;
  } else {
    widen(state, at, price, price);
  }
  state[at + TIER] = tier;
  setEnd(state, at + OPEN, ts, price, tie);
  setEnd(state, at + CLOSE, ts, price, tie);
}

/** Writes open or close with its key: three neighbouring fields. */
function setEnd(state: Float64Array, at: number, ts: number, price: number, tie: number): void {
  state[at] = price;
  state[at + 1] = ts;
  state[at + 2] = tie;
}

/** Merges record `from` of `source` into record `at` of `state`; the interval and the revision of `at` stay. */
export function mergeRecord(state: Float64Array, at: number, source: Float64Array, from: number): void {
  mergePrices(state, at, source, from);
  addPairToPair(state, at + VOLUME, source[from + VOLUME] as number, source[from + VOLUME_LOW] as number);
  addPairToPair(state, at + NOTIONAL, source[from + NOTIONAL] as number, source[from + NOTIONAL_LOW] as number);
  state[at + COUNT] = (state[at + COUNT] as number) + (source[from + COUNT] as number);
  state[at + QUALITY] = (state[at + QUALITY] as number) + (source[from + QUALITY] as number);
  state[at + BUY] = (state[at + BUY] as number) + (source[from + BUY] as number);
  state[at + SELL] = (state[at + SELL] as number) + (source[from + SELL] as number);
  state[at + SPREAD_SUM] = (state[at + SPREAD_SUM] as number) + (source[from + SPREAD_SUM] as number);
  state[at + SPREAD_COUNT] = (state[at + SPREAD_COUNT] as number) + (source[from + SPREAD_COUNT] as number);
  const bid = source[from + BID] as number;
  if (bid === bid) {
    state[at + BID] = bid;
    state[at + ASK] = source[from + ASK] as number;
    state[at + BID_SIZE] = source[from + BID_SIZE] as number;
    state[at + ASK_SIZE] = source[from + ASK_SIZE] as number;
  }
  if (source[from + TAINTED] === 1) state[at + TAINTED] = 1;
  if ((source[from + COUNT] as number) > 0) state[at + SOURCE] = source[from + SOURCE] as number;
}

function mergePrices(state: Float64Array, at: number, source: Float64Array, from: number): void {
  const tier = source[from + TIER] as number;
  const held = state[at + TIER] as number;
  if (tier < 0) return;
  const high = source[from + HIGH] as number;
  const low = source[from + LOW] as number;
  if (held < 1 && tier > held) {
    state[at + HIGH] = high;
    state[at + LOW] = low;
  } else if (tier >= 1 || tier === held) {
    widen(state, at, high, low);
  }
  if (tier < held) return;
  const open = source[from + OPEN] as number;
  const openTs = source[from + OPEN_TS] as number;
  const openTie = source[from + OPEN_TIE] as number;
  if (tier > held || comesBefore(openTs, openTie, open, state, at + OPEN)) {
    setEnd(state, at + OPEN, openTs, open, openTie);
  }
  const close = source[from + CLOSE] as number;
  const closeTs = source[from + CLOSE_TS] as number;
  const closeTie = source[from + CLOSE_TIE] as number;
  if (tier > held || comesAfter(closeTs, closeTie, close, state, at + CLOSE)) {
    setEnd(state, at + CLOSE, closeTs, close, closeTie);
  }
  state[at + TIER] = tier;
}

function widen(state: Float64Array, at: number, high: number, low: number): void {
  if (high > (state[at + HIGH] as number)) state[at + HIGH] = high;
  if (low < (state[at + LOW] as number)) state[at + LOW] = low;
}

function comesAfter(ts: number, tie: number, price: number, state: Float64Array, at: number): boolean {
  const heldTs = state[at + 1] as number;
  if (ts !== heldTs) return ts > heldTs;
  return compareTies(ts, tie, price, state[at + 2] as number, state[at] as number) > 0;
}

function comesBefore(ts: number, tie: number, price: number, state: Float64Array, at: number): boolean {
  const heldTs = state[at + 1] as number;
  if (ts !== heldTs) return ts < heldTs;
  return compareTies(ts, tie, price, state[at + 2] as number, state[at] as number) < 0;
}

// The arithmetic of base `addExact`, on a pair in place: going through a returned half would box a double per trade.
function addToPair(state: Float64Array, at: number, x: number): void {
  const high = state[at] as number;
  const s = high + x;
  const bb = s - high;
  const error = high - (s - bb) + (x - bb) + (state[at + 1] as number);
  const renewed = s + error;
  state[at] = renewed;
  state[at + 1] = error - (renewed - s);
}

// The arithmetic of base `addExactPair`, likewise.
function addPairToPair(state: Float64Array, at: number, xHigh: number, xLow: number): void {
  const high = state[at] as number;
  const low = state[at + 1] as number;
  const s = high + xHigh;
  const bb = s - high;
  const e = high - (s - bb) + (xHigh - bb);
  const t = low + xLow;
  const tb = t - low;
  const f = low - (t - tb) + (xLow - tb);
  const c = e + t;
  const v = s + c;
  const w = f + (c - (v - s));
  const renewed = v + w;
  state[at] = renewed;
  state[at + 1] = w - (renewed - v);
}
