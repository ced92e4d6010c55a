import type { Candlestick } from './candlestick.ts';

export const shortLine: Candlestick = {
  id: 'short-line',
  taLib: 'CDLSHORTLINE',
  title: 'Short line candle',
  definition: 'A short body with short shadows.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) && c.upperShadow(0) < c.shadowShort(0) && c.lowerShadow(0) < c.shadowShort(0)
      ? c.colour(0) * 100
      : 0;
  },
};
