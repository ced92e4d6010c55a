import {
  TICK_COUNTS,
  TICK_PRICE,
  TICK_QUALITY,
  TICK_SIDE,
  TICK_SIZE,
  TICK_SOURCE,
  TICK_TIE,
  TICK_TIER,
  TICK_TS,
} from './tick-record.ts';

/**
 * A bar under construction is a record of {@link BAR_WIDTH} doubles inside a larger Float64Array (the state of one
 * symbol). Everything but the order-flow fields is a function of the *set* of trades in it, whatever order they came in:
 * open and close are decided by the key (event time, tie), sums are double-double pairs.
 */
export const START = 0;
export const END = 1;
/** Highest price tier seen, -1 for none: see `TradeRule`. */
export const TIER = 2;
export const OPEN = 3;
export const OPEN_TS = 4;
export const OPEN_TIE = 5;
export const HIGH = 6;
export const LOW = 7;
export const CLOSE = 8;
export const CLOSE_TS = 9;
export const CLOSE_TIE = 10;
export const VOLUME = 11;
export const VOLUME_LOW = 12;
export const NOTIONAL = 13;
export const NOTIONAL_LOW = 14;
export const COUNT = 15;
/** Sum of quality in thousandths, an integer. */
export const QUALITY = 16;
export const BUY = 17;
export const SELL = 18;
export const SPREAD_SUM = 19;
export const SPREAD_COUNT = 20;
export const BID = 21;
export const ASK = 22;
/** -1 until the bar was said closed, then its revision. */
export const REVISION = 23;
export const SOURCE = 24;
/** 1 where a provider's bar stands in the record, 0 where trades or finer bars do. */
export const FROM_SOURCE = 25;
/** 1 while the bar stands in its series (a bar whose trades were all cancelled does not). */
export const LISTED = 26;
/** The stamp of the bar; see `BarClock`. */
export const LABEL = 27;
export const BID_SIZE = 28;
export const ASK_SIZE = 29;
/** 1 when a cancelled trade could not be taken out of the record: the bar needs a repair from stored trades. */
export const TAINTED = 30;
export const BAR_WIDTH = 31;

/** Empties a record and gives it an interval. */
export function openRecord(state: Float64Array, at: number, startUs: number, endUs: number, labelUs: number): void {
  state.fill(0, at, at + BAR_WIDTH);
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

/** Adds one trade to a record. */
export function addTick(state: Float64Array, at: number, tick: Float64Array): void {
  const price = tick[TICK_PRICE] as number;
  const tier = tick[TICK_TIER] as number;
  const held = state[at + TIER] as number;
  if (tier === held) {
    widen(state, at, price, price);
    const ts = tick[TICK_TS] as number;
    const tie = tick[TICK_TIE] as number;
    if (comesAfter(ts, tie, price, state, at + CLOSE)) {
      state[at + CLOSE] = price;
      state[at + CLOSE_TS] = ts;
      state[at + CLOSE_TIE] = tie;
    }
    if (comesBefore(ts, tie, price, state, at + OPEN)) {
      state[at + OPEN] = price;
      state[at + OPEN_TS] = ts;
      state[at + OPEN_TIE] = tie;
    }
  } else if (tier > held) {
    raiseTier(state, at, tier, held, tick);
  } else if (tier === 1) {
    widen(state, at, price, price);
  }
  const size = tick[TICK_SIZE] as number;
  if (tick[TICK_COUNTS] === 1) {
    addToPair(state, at + VOLUME, size);
    addToPair(state, at + NOTIONAL, size * price);
    const side = tick[TICK_SIDE] as number;
    if (side > 0) state[at + BUY] = (state[at + BUY] as number) + size;
    else if (side < 0) state[at + SELL] = (state[at + SELL] as number) + size;
  }
  state[at + COUNT] = (state[at + COUNT] as number) + 1;
  state[at + QUALITY] = (state[at + QUALITY] as number) + (tick[TICK_QUALITY] as number);
  state[at + SOURCE] = tick[TICK_SOURCE] as number;
}

function raiseTier(state: Float64Array, at: number, tier: number, held: number, tick: Float64Array): void {
  const price = tick[TICK_PRICE] as number;
  if (held < 1) {
    state[at + HIGH] = price;
    state[at + LOW] = price;
  } else {
    widen(state, at, price, price);
  }
  state[at + TIER] = tier;
  state[at + OPEN] = price;
  state[at + CLOSE] = price;
  state[at + OPEN_TS] = tick[TICK_TS] as number;
  state[at + CLOSE_TS] = tick[TICK_TS] as number;
  state[at + OPEN_TIE] = tick[TICK_TIE] as number;
  state[at + CLOSE_TIE] = tick[TICK_TIE] as number;
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
    state[at + OPEN] = open;
    state[at + OPEN_TS] = openTs;
    state[at + OPEN_TIE] = openTie;
  }
  const close = source[from + CLOSE] as number;
  const closeTs = source[from + CLOSE_TS] as number;
  const closeTie = source[from + CLOSE_TIE] as number;
  if (tier > held || comesAfter(closeTs, closeTie, close, state, at + CLOSE)) {
    state[at + CLOSE] = close;
    state[at + CLOSE_TS] = closeTs;
    state[at + CLOSE_TIE] = closeTie;
  }
  state[at + TIER] = tier;
}

function widen(state: Float64Array, at: number, high: number, low: number): void {
  if (high > (state[at + HIGH] as number)) state[at + HIGH] = high;
  if (low < (state[at + LOW] as number)) state[at + LOW] = low;
}

/** A full tie (same time, same tie value) falls to the price, so that the answer still does not depend on order. */
function comesAfter(ts: number, tie: number, price: number, state: Float64Array, at: number): boolean {
  const heldTs = state[at + 1] as number;
  if (ts !== heldTs) return ts > heldTs;
  const heldTie = state[at + 2] as number;
  return tie !== heldTie ? tie > heldTie : price > (state[at] as number);
}

function comesBefore(ts: number, tie: number, price: number, state: Float64Array, at: number): boolean {
  const heldTs = state[at + 1] as number;
  if (ts !== heldTs) return ts < heldTs;
  const heldTie = state[at + 2] as number;
  return tie !== heldTie ? tie < heldTie : price < (state[at] as number);
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
