import type { Candlestick } from './candlestick.ts';

export const gravestoneDoji: Candlestick = {
  id: 'gravestone-doji',
  taLib: 'CDLGRAVESTONEDOJI',
  title: 'Gravestone doji',
  definition: 'A doji at the low of its range with an upper shadow.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.upperShadow(0) > c.shadowVeryShort(0)
      ? 100
      : 0;
  },
};
