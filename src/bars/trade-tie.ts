const numbers = new Float64Array(3);
const words = new Uint32Array(numbers.buffer);
/** Bounds of the three kinds of ties; an object for the same reason as `BAR_FIELDS`. */
export const TRADE_TIES = { TWO_53: 9_007_199_254_740_992, TWO_52: 4_503_599_627_370_496 } as const;
const { TWO_53, TWO_52 } = TRADE_TIES;

/**
 * The value that orders trades of one event time (see {@link compareTies}): below zero a numeric id (shifted by 2^53,
 * where every id stays exact), from 2^52 on the order of arrival, between them the size of a trade that has neither.
 *
 * @param id provider's id; below zero or NaN for none that orders
 * @param index position of arrival within the symbol
 */
export function tradeTie(id: number, size: number, arrivalBreaksTies: boolean, index: number): number {
  if (id >= 0) return id - TWO_53;
  return arrivalBreaksTies ? TWO_52 + index : Math.min(size, TWO_52 - 1);
}

/**
 * Orders two trades of one event time: those with an id first, by id; then by arrival where the vendor's order means
 * something, else by a hash of the trade itself, an unbiased order that no shuffling changes. What is equal even then
 * falls to the price. Negative when the first trade comes first.
 */
export function compareTies(ts: number, tie: number, price: number, otherTie: number, otherPrice: number): number {
  if (tie >= 0 && tie < TWO_52 && otherTie >= 0 && otherTie < TWO_52) {
    const difference = hashOf(ts, price, tie) - hashOf(ts, otherPrice, otherTie);
    return difference !== 0 ? difference : price - otherPrice;
  }
  return tie !== otherTie ? (tie < otherTie ? -1 : 1) : price - otherPrice;
}

/** 53 bits of time, price and size, mixed with the constants of MurmurHash3. */
function hashOf(ts: number, price: number, size: number): number {
  numbers[0] = ts;
  numbers[1] = price;
  numbers[2] = size;
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
