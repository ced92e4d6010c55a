import type { Candlestick } from './candlestick.ts';

export const marubozu: Candlestick = {
  id: 'marubozu',
  taLib: 'CDLMARUBOZU',
  title: 'Marubozu',
  definition: 'A long body with hardly any shadow.',
  direction: 'either',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) > c.bodyLong(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0)
      ? c.colour(0) * 100
      : 0;
  },
};
