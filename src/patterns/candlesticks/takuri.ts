import type { Candlestick } from './candlestick.ts';

export const takuri: Candlestick = {
  id: 'takuri',
  taLib: 'CDLTAKURI',
  title: 'Takuri (dragonfly doji with a very long lower shadow)',
  definition: 'A doji at the high of its range with a very long lower shadow.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.lowerShadow(0) > c.shadowVeryLong(0)
      ? 100
      : 0;
  },
};
