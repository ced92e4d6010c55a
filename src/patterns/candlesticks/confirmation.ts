import type { CandleWindow } from './candle-window.ts';

/** A confirmation may come this many candles after the formation. */
const CONFIRMED_WITHIN = 3;

/**
 * How many candles ago the formation was that the latest candle confirms: the latest of the last three, not confirmed
 * yet; 0 where there is none. TA-Lib remembers the formation; here it is looked for again, so that nothing has to be kept.
 * @param formed 1, -1 or 0 for a formation that ended `back` candles ago.
 */
export function barsToConfirmed(c: CandleWindow, formed: (c: CandleWindow, back: number) => number): number {
  for (let back = 1; back <= CONFIRMED_WITHIN; back++) {
    const direction = formed(c, back);
    if (direction === 0) continue;
    for (let later = back - 1; later > 0; later--) if (confirms(c, direction, back, later)) return 0;
    return confirms(c, direction, back, 0) ? back : 0;
  }
  return 0;
}

/** The candle `at` closes back beyond the inside bar of the formation that ended `back` candles ago. */
function confirms(c: CandleWindow, direction: number, back: number, at: number): boolean {
  return direction > 0 ? c.close(at) > c.high(back + 1) : c.close(at) < c.low(back + 1);
}
