import type { Candlestick } from './candlestick.ts';

/** Share of the first body that the small bodies may fall back through: TA-Lib's default. */
const PENETRATION = 0.5;

export const matHold: Candlestick = {
  id: 'mat-hold',
  taLib: 'CDLMATHOLD',
  title: 'Mat hold',
  definition:
    'A long white candle, three small bodies that gap up and fall back less than half its body, then a white one that closes above their highs.',
  direction: 'up',
  strongest: 100,
  candles: 5,
  colours: ['wb..w'],
  lookback: 14,
  recognise(c) {
    return c.body(4) > c.bodyLong(4) &&
      c.body(3) < c.bodyShort(3) &&
      c.body(2) < c.bodyShort(2) &&
      c.body(1) < c.bodyShort(1) &&
      c.isWhite(4) &&
      c.isBlack(3) &&
      c.isWhite(0) &&
      c.bodyGapUp(3, 4) &&
      c.bottom(2) < c.close(4) &&
      c.bottom(1) < c.close(4) &&
      c.bottom(2) > c.close(4) - c.body(4) * PENETRATION &&
      c.bottom(1) > c.close(4) - c.body(4) * PENETRATION &&
      c.top(2) < c.open(3) &&
      c.top(1) < c.top(2) &&
      c.open(0) > c.close(1) &&
      c.close(0) > Math.max(Math.max(c.high(3), c.high(2)), c.high(1))
      ? 100
      : 0;
  },
};
