/**
 * Double-double addition (Dekker 1971, Knuth TAOCP 4.2.2): the pair (high, low) holds about 106 bits, so that the sum
 * of a bar's sizes does not depend on the order in which trades arrived. Sums live in two columns; these functions
 * return the halves of the renewed pair.
 */
let sumLow = 0;

/** Adds `x` to (high, low); returns the new high half. Read the new low half with {@link lowHalf} before the next call. */
export function addExact(high: number, low: number, x: number): number {
  const s = high + x;
  const bb = s - high;
  const error = high - (s - bb) + (x - bb) + low;
  const renewed = s + error;
  sumLow = error - (renewed - s);
  return renewed;
}

/** Adds the pair (xHigh, xLow) to (high, low); returns the new high half, the low half through {@link lowHalf}. */
export function addExactPair(high: number, low: number, xHigh: number, xLow: number): number {
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
  sumLow = w - (renewed - v);
  return renewed;
}

/** The low half of the last {@link addExact} or {@link addExactPair}. */
export function lowHalf(): number {
  return sumLow;
}
