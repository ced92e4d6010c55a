import type { Candlestick } from './candlestick.ts';

export const threeBlackCrows: Candlestick = {
  id: 'three-black-crows',
  taLib: 'CDL3BLACKCROWS',
  title: 'Three black crows',
  definition:
    "After a white candle three black ones with falling closes and hardly any lower shadow, the second and third opening within the body before; the first closes under the white candle's high.",
  direction: 'down',
  strongest: 100,
  candles: 4,
  colours: ['wbbb'],
  lookback: 13,
  recognise(c) {
    return c.isWhite(3) &&
      c.isBlack(2) &&
      c.lowerShadow(2) < c.shadowVeryShort(2) &&
      c.isBlack(1) &&
      c.lowerShadow(1) < c.shadowVeryShort(1) &&
      c.isBlack(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.open(1) < c.open(2) &&
      c.open(1) > c.close(2) &&
      c.open(0) < c.open(1) &&
      c.open(0) > c.close(1) &&
      c.high(3) > c.close(2) &&
      c.close(2) > c.close(1) &&
      c.close(1) > c.close(0)
      ? -100
      : 0;
  },
};
