import type { Candlestick } from './candlestick.ts';

export const threeInside: Candlestick = {
  id: 'three-inside',
  taLib: 'CDL3INSIDE',
  title: 'Three inside up/down',
  definition:
    "A long candle, a short body inside its body, then a candle of the other colour that closes beyond the first one's open.",
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['w.b', 'b.w'],
  lookback: 12,
  recognise(c) {
    return c.body(2) > c.bodyLong(2) &&
      c.body(1) <= c.bodyShort(1) &&
      c.top(1) < c.top(2) &&
      c.bottom(1) > c.bottom(2) &&
      ((c.isWhite(2) && c.isBlack(0) && c.close(0) < c.open(2)) ||
        (c.isBlack(2) && c.isWhite(0) && c.close(0) > c.open(2)))
      ? -c.colour(2) * 100
      : 0;
  },
};
