/** Column functions of the whole-history forms, written the plain way on purpose: they check the incremental graph. */

/** A column of NaN. */
export function missingColumn(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}

/** Applies `f` to every index. */
export function columnOf(length: number, f: (index: number) => number): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = f(i);
  return out;
}

/** `f(values of the window)` for every full window of `length` values, which starts at `from` at the earliest. */
export function rollingColumn(
  x: Float64Array,
  length: number,
  from: number,
  f: (window: Float64Array) => number,
): Float64Array {
  const out = missingColumn(x.length);
  for (let i = from + length - 1; i < x.length; i++) out[i] = f(x.subarray(i - length + 1, i + 1));
  return out;
}

export function meanOf(window: Float64Array): number {
  const first = window[0] as number;
  let sum = 0;
  for (const value of window) sum += value - first;
  return first + sum / window.length;
}

/** Sum of squared deviations from the mean. */
export function squaresOf(window: Float64Array): number {
  const mean = meanOf(window);
  let sum = 0;
  for (const value of window) sum += (value - mean) ** 2;
  return sum;
}

/**
 * Exponential average with the given weight, seeded at index `from + length - 1` with the simple average of the
 * `length` values from `from` on.
 */
export function smoothedColumn(x: Float64Array, length: number, weight: number, from: number): Float64Array {
  const out = missingColumn(x.length);
  const seedAt = from + length - 1;
  if (seedAt >= x.length) return out;
  let average = meanOf(x.subarray(from, seedAt + 1));
  out[seedAt] = average;
  for (let i = seedAt + 1; i < x.length; i++) {
    average = weight * (x[i] as number) + (1 - weight) * average;
    out[i] = average;
  }
  return out;
}

/** True range from index 1 on (Wilder 1978). */
export function trueRangeColumn(high: Float64Array, low: Float64Array, close: Float64Array): Float64Array {
  const out = missingColumn(close.length);
  for (let i = 1; i < close.length; i++) {
    const before = close[i - 1] as number;
    out[i] = Math.max(high[i] as number, before) - Math.min(low[i] as number, before);
  }
  return out;
}
