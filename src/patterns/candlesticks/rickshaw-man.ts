import type { Candlestick } from './candlestick.ts';

export const rickshawMan: Candlestick = {
  id: 'rickshaw-man',
  taLib: 'CDLRICKSHAWMAN',
  title: 'Rickshaw man',
  definition: 'A doji with two long shadows and its body near the middle of the range.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) &&
      c.lowerShadow(0) > c.shadowLong(0) &&
      c.upperShadow(0) > c.shadowLong(0) &&
      c.bottom(0) <= c.low(0) + c.range(0) / 2 + c.near(0) &&
      c.top(0) >= c.low(0) + c.range(0) / 2 - c.near(0)
      ? 100
      : 0;
  },
};
