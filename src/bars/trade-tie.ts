import { TICK_ID, TICK_PRICE, TICK_SIZE, TICK_TS } from './tick-record.ts';

const numbers = new Float64Array(3);
const words = new Uint32Array(numbers.buffer);
const TWO_53 = 9_007_199_254_740_992;

/**
 * The value that orders trades of one event time. Trades with a numeric id come first, by id (shifted below zero, where
 * every id below 2^53 stays exact); trades without one follow by arrival where the vendor's order means something, else
 * by a hash of the trade itself: an unbiased order that no shuffling changes.
 *
 * @param index position of arrival of the trade within its symbol
 */
export function tradeTie(tick: Float64Array, arrivalBreaksTies: boolean, index: number): number {
  const id = tick[TICK_ID] as number;
  if (id >= 0) return id - TWO_53;
  return arrivalBreaksTies ? index : hashOf(tick);
}

/** 53 bits of time, price and size, mixed by the finaliser of MurmurHash3. */
function hashOf(tick: Float64Array): number {
  numbers[0] = tick[TICK_TS] as number;
  numbers[1] = tick[TICK_PRICE] as number;
  numbers[2] = tick[TICK_SIZE] as number;
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < 6; i += 2) {
    a = Math.imul(a ^ (words[i] as number), 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ (words[i + 1] as number) ^ a, 0x1b873593);
    b = (b << 13) | (b >>> 19);
    a = (a + b) | 0;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (b >>> 13) ^ a, 0xc2b2ae35);
  return ((a ^ (b >>> 16)) >>> 0) * 2_097_152 + (b >>> 11);
}

/**
 * A text id as a negative integer above -2^53, to look trades up by. It never orders trades: texts have no order that
 * means anything.
 */
export function textIdKey(text: string): number {
  let a = 0x243f6a88;
  let b = 0xb7e15162;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
    b ^= b >>> 15;
  }
  a ^= a >>> 16;
  return -1 - ((a >>> 0) * 2_097_152 + (b >>> 11));
}
