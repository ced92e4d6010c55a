import type { Candlestick } from './candlestick.ts';

export const threeStarsInTheSouth: Candlestick = {
  id: 'three-stars-in-the-south',
  taLib: 'CDL3STARSINSOUTH',
  title: 'Three stars in the south',
  definition:
    "Three black candles: a long one with a long lower shadow, a smaller one with a higher low, and a small one without shadows inside the second one's range.",
  direction: 'up',
  strongest: 100,
  candles: 3,
  colours: ['bbb'],
  lookback: 12,
  recognise(c) {
    return c.isBlack(2) &&
      c.isBlack(1) &&
      c.isBlack(0) &&
      c.body(2) > c.bodyLong(2) &&
      c.lowerShadow(2) > c.shadowLong(2) &&
      c.body(1) < c.body(2) &&
      c.open(1) > c.close(2) &&
      c.open(1) <= c.high(2) &&
      c.low(1) < c.close(2) &&
      c.low(1) >= c.low(2) &&
      c.lowerShadow(1) > c.shadowVeryShort(1) &&
      c.body(0) < c.bodyShort(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.low(0) > c.low(1) &&
      c.high(0) < c.high(1)
      ? 100
      : 0;
  },
};
