import type { Candlestick } from './candlestick.ts';

export const longLeggedDoji: Candlestick = {
  id: 'long-legged-doji',
  taLib: 'CDLLONGLEGGEDDOJI',
  title: 'Long-legged doji',
  definition: 'A doji with at least one long shadow.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) && (c.lowerShadow(0) > c.shadowLong(0) || c.upperShadow(0) > c.shadowLong(0))
      ? 100
      : 0;
  },
};
