import type { Candlestick } from './candlestick.ts';

export const invertedHammer: Candlestick = {
  id: 'inverted-hammer',
  taLib: 'CDLINVERTEDHAMMER',
  title: 'Inverted hammer',
  definition: 'A small body with a long upper and hardly any lower shadow, gapping down from the body before.',
  direction: 'up',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) &&
      c.upperShadow(0) > c.shadowLong(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.bodyGapDown(0, 1)
      ? 100
      : 0;
  },
};
