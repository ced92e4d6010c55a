/**
 * The volatility of the source system: mean over `window` bars of the average true range (Wilder) in percent of the close,
 * meant for daily bars. Kept under its own name: a range is about 1.5 standard deviations, so the two do not mix.
 * NaN during the warm-up.
 */
export function meanAtrPercent(
  high: ArrayLike<number>,
  low: ArrayLike<number>,
  close: ArrayLike<number>,
  atrBars: number,
  window: number,
): Float64Array {
  const out = new Float64Array(close.length).fill(Number.NaN);
  const share = new Float64Array(close.length).fill(Number.NaN);
  let atr = Number.NaN;
  let sum = 0;
  for (let i = 1; i < close.length; i++) {
    const before = close[i - 1] as number;
    const range = Math.max(high[i] as number, before) - Math.min(low[i] as number, before);
    sum += range;
    if (i < atrBars) continue;
    atr = i === atrBars ? sum / atrBars : (atr * (atrBars - 1) + range) / atrBars;
    share[i] = (100 * atr) / (close[i] as number);
    if (i >= atrBars + window - 1) out[i] = mean(share, i - window + 1, i + 1);
  }
  return out;
}

function mean(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] as number;
  return sum / (to - from);
}
