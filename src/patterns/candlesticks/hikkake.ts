import type { CandleWindow } from './candle-window.ts';
import type { Candlestick } from './candlestick.ts';
import { barsToConfirmed } from './confirmation.ts';

function formed(c: CandleWindow, back: number): number {
  if (!(c.high(back + 1) < c.high(back + 2) && c.low(back + 1) > c.low(back + 2))) return 0;
  if (c.high(back) < c.high(back + 1) && c.low(back) < c.low(back + 1)) return 1;
  return c.high(back) > c.high(back + 1) && c.low(back) > c.low(back + 1) ? -1 : 0;
}

export const hikkake: Candlestick = {
  id: 'hikkake',
  taLib: 'CDLHIKKAKE',
  title: 'Hikkake',
  definition:
    'An inside bar, then a false break: a lower high and low (up) or a higher high and low (down). 200 where one of the next three candles closes back beyond the inside bar.',
  direction: 'either',
  strongest: 200,
  candles: 3,
  lookback: 5,
  recognise(c) {
    const now = formed(c, 0);
    if (now !== 0) return now * 100;
    const back = barsToConfirmed(c, formed);
    return back === 0 ? 0 : formed(c, back) * 200;
  },
  span(c) {
    return formed(c, 0) !== 0 ? 3 : 3 + barsToConfirmed(c, formed);
  },
};
