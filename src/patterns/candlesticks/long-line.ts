import type { Candlestick } from './candlestick.ts';

export const longLine: Candlestick = {
  id: 'long-line',
  taLib: 'CDLLONGLINE',
  title: 'Long line candle',
  definition: 'A long body with short shadows.',
  direction: 'either',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) > c.bodyLong(0) && c.upperShadow(0) < c.shadowShort(0) && c.lowerShadow(0) < c.shadowShort(0)
      ? c.colour(0) * 100
      : 0;
  },
};
