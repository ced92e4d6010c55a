import type { Candlestick } from './candlestick.ts';

export const concealingBabySwallow: Candlestick = {
  id: 'concealing-baby-swallow',
  taLib: 'CDLCONCEALBABYSWALL',
  title: 'Concealing baby swallow',
  definition:
    'Two black candles without shadows, a black one that gaps down but reaches into the body before, and a black one that engulfs it, shadows included.',
  direction: 'up',
  strongest: 100,
  candles: 4,
  colours: ['bbbb'],
  lookback: 13,
  recognise(c) {
    return c.isBlack(3) &&
      c.isBlack(2) &&
      c.isBlack(1) &&
      c.isBlack(0) &&
      c.lowerShadow(3) < c.shadowVeryShort(3) &&
      c.upperShadow(3) < c.shadowVeryShort(3) &&
      c.lowerShadow(2) < c.shadowVeryShort(2) &&
      c.upperShadow(2) < c.shadowVeryShort(2) &&
      c.bodyGapDown(1, 2) &&
      c.upperShadow(1) > c.shadowVeryShort(1) &&
      c.high(1) > c.close(2) &&
      c.high(0) > c.high(1) &&
      c.low(0) < c.low(1)
      ? 100
      : 0;
  },
};
