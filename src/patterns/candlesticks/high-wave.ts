import type { Candlestick } from './candlestick.ts';

export const highWave: Candlestick = {
  id: 'high-wave',
  taLib: 'CDLHIGHWAVE',
  title: 'High-wave candle',
  definition: 'A short body with very long shadows on both sides.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) &&
      c.upperShadow(0) > c.shadowVeryLong(0) &&
      c.lowerShadow(0) > c.shadowVeryLong(0)
      ? c.colour(0) * 100
      : 0;
  },
};
