import { BAR_FIELDS, PRINT_FIELDS } from './bar-fields.ts';
import { qualityOf, sideOf, sourceOf, TICK_FLAGS } from './tick-flags.ts';
import { compareTies } from './trade-tie.ts';

const {
  START,
  END,
  TIER,
  HIGH,
  LOW,
  CLOSE,
  CLOSE_TS,
  CLOSE_TIE,
  VOLUME,
  VOLUME_LOW,
  NOTIONAL,
  NOTIONAL_LOW,
  COUNT,
  QUALITY,
  UNSIGNED,
  BUY,
  SELL,
  SOURCE,
  OPEN,
  OPEN_TS,
  OPEN_TIE,
  SPREAD_SUM,
  SPREAD_COUNT,
  BID,
  ASK,
  BID_SIZE,
  ASK_SIZE,
  REVISION,
  LABEL,
  TAINTED,
  BAR_WIDTH,
} = BAR_FIELDS;
const { PRINT_TS, PRINT_PRICE, PRINT_SIZE, PRINT_TIE } = PRINT_FIELDS;
const { FLAG_TIER_MASK, FLAG_VOLUME } = TICK_FLAGS;

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
 * Adds one trade to a record.
 *
 * @param print its doubles, in an array because as arguments of a call each of them would be boxed
 * @param flags of `tick-flags.ts`
 */
export function addTick(state: Float64Array, at: number, print: Float64Array, flags: number): void {
  const ts = print[PRINT_TS] as number;
  const price = print[PRINT_PRICE] as number;
  const size = print[PRINT_SIZE] as number;
  if (ts > (state[at + CLOSE_TS] as number) && (flags & FLAG_TIER_MASK) === state[at + TIER]) {
    if (price > (state[at + HIGH] as number)) state[at + HIGH] = price;
    else if (price < (state[at + LOW] as number)) state[at + LOW] = price;
    state[at + CLOSE] = price;
    state[at + CLOSE_TS] = ts;
    state[at + CLOSE_TIE] = print[PRINT_TIE] as number;
  } else {
    addUnordered(state, at, print, flags & FLAG_TIER_MASK);
  }
  if ((flags & FLAG_VOLUME) !== 0) {
    addToPair(state, at + VOLUME, size);
    addToPair(state, at + NOTIONAL, size * price);
    // Which side is a coin toss: an index costs less than a mispredicted branch.
    const side = at + UNSIGNED + sideOf(flags);
    state[side] = (state[side] as number) + size;
  }
  state[at + COUNT] = (state[at + COUNT] as number) + 1;
  state[at + QUALITY] = (state[at + QUALITY] as number) + qualityOf(flags);
  state[at + SOURCE] = sourceOf(flags);
}

/**
 * Prices of a trade that is not simply the newest of its kind. One that is not later than all before it may still be the
 * last by its tie, or the first; one of a better tier takes open and close over.
 */
export function addUnordered(state: Float64Array, at: number, print: Float64Array, tier: number): void {
  const ts = print[PRINT_TS] as number;
  const price = print[PRINT_PRICE] as number;
  const tie = print[PRINT_TIE] as number;
  const held = state[at + TIER] as number;
  if (tier > held && held < 1) {
    state[at + HIGH] = price;
    state[at + LOW] = price;
  } else if (tier >= 1 || tier === held) {
    widen(state, at, price, price);
  }
  if (tier < held) return;
  state[at + TIER] = tier;
  const isBetter = tier > held;
  if (isBetter || comesAfter(ts, tie, price, state, at + CLOSE)) setEnd(state, at + CLOSE, ts, price, tie);
  if (isBetter || comesBefore(ts, tie, price, state, at + OPEN)) setEnd(state, at + OPEN, ts, price, tie);
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
  state[at + UNSIGNED] = (state[at + UNSIGNED] as number) + (source[from + UNSIGNED] as number);
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

/**
 * Adds `x` to the double-double pair at `at`: the arithmetic of base `addExact` in place, because its second half would
 * come back boxed.
 */
export function addToPair(state: Float64Array, at: number, x: number): void {
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
