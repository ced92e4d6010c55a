import type { Candlestick } from './candlestick.ts';

export const shootingStar: Candlestick = {
  id: 'shooting-star',
  taLib: 'CDLSHOOTINGSTAR',
  title: 'Shooting star',
  definition: 'A small body with a long upper and hardly any lower shadow, gapping up from the body before.',
  direction: 'down',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    return c.body(0) < c.bodyShort(0) &&
      c.upperShadow(0) > c.shadowLong(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.bodyGapUp(0, 1)
      ? -100
      : 0;
  },
};
