import type { CandleWindow } from './candle-window.ts';
import type { Candlestick } from './candlestick.ts';
import { barsToConfirmed } from './confirmation.ts';

function formed(c: CandleWindow, back: number): number {
  const isInside =
    c.high(back + 2) < c.high(back + 3) &&
    c.low(back + 2) > c.low(back + 3) &&
    c.high(back + 1) < c.high(back + 2) &&
    c.low(back + 1) > c.low(back + 2);
  if (!isInside) return 0;
  const near = c.near(back + 2);
  if (c.high(back) < c.high(back + 1) && c.low(back) < c.low(back + 1)) {
    return c.close(back + 2) <= c.low(back + 2) + near ? 1 : 0;
  }
  if (c.high(back) > c.high(back + 1) && c.low(back) > c.low(back + 1)) {
    return c.close(back + 2) >= c.high(back + 2) - near ? -1 : 0;
  }
  return 0;
}

export const modifiedHikkake: Candlestick = {
  id: 'modified-hikkake',
  taLib: 'CDLHIKKAKEMOD',
  title: 'Modified hikkake',
  definition:
    'Two inside bars, the first of which closes near its low (up) or high (down), then a false break in that direction. 200 where one of the next three candles closes back beyond the second inside bar.',
  direction: 'either',
  strongest: 200,
  candles: 4,
  lookback: 10,
  recognise(c) {
    const now = formed(c, 0);
    if (now !== 0) return now * 100;
    const back = barsToConfirmed(c, formed);
    return back === 0 ? 0 : formed(c, back) * 200;
  },
  span(c) {
    return formed(c, 0) !== 0 ? 4 : 4 + barsToConfirmed(c, formed);
  },
};
