import type { Candlestick } from './candlestick.ts';

export const dragonflyDoji: Candlestick = {
  id: 'dragonfly-doji',
  taLib: 'CDLDRAGONFLYDOJI',
  title: 'Dragonfly doji',
  definition: 'A doji at the high of its range with a lower shadow.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.lowerShadow(0) > c.shadowVeryShort(0)
      ? 100
      : 0;
  },
};
