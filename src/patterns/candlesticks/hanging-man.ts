import type { Candlestick } from './candlestick.ts';

export const hangingMan: Candlestick = {
  id: 'hanging-man',
  taLib: 'CDLHANGINGMAN',
  title: 'Hanging man',
  definition: 'A small body with a long lower and hardly any upper shadow, at or above the high of the candle before.',
  direction: 'down',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) &&
      c.lowerShadow(0) > c.shadowLong(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.bottom(0) >= c.high(1) - c.near(1)
      ? -100
      : 0;
  },
};
