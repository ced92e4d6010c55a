import type { Candlestick } from './candlestick.ts';

export const spinningTop: Candlestick = {
  id: 'spinning-top',
  taLib: 'CDLSPINNINGTOP',
  title: 'Spinning top',
  definition: 'A short body with shadows longer than the body on both sides.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) && c.upperShadow(0) > c.body(0) && c.lowerShadow(0) > c.body(0)
      ? c.colour(0) * 100
      : 0;
  },
};
