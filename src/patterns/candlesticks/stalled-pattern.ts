import type { Candlestick } from './candlestick.ts';

export const stalledPattern: Candlestick = {
  id: 'stalled-pattern',
  taLib: 'CDLSTALLEDPATTERN',
  title: 'Stalled pattern',
  definition:
    "Three white candles with rising closes: two long ones, the second without upper shadow, then a small one riding on the second one's shoulder.",
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['www'],
  lookback: 12,
  recognise(c) {
    return c.isWhite(2) &&
      c.isWhite(1) &&
      c.isWhite(0) &&
      c.close(0) > c.close(1) &&
      c.close(1) > c.close(2) &&
      c.body(2) > c.bodyLong(2) &&
      c.body(1) > c.bodyLong(1) &&
      c.upperShadow(1) < c.shadowVeryShort(1) &&
      c.open(1) > c.open(2) &&
      c.open(1) <= c.close(2) + c.near(2) &&
      c.body(0) < c.bodyShort(0) &&
      c.open(0) >= c.close(1) - c.body(0) - c.near(1)
      ? -100
      : 0;
  },
};
