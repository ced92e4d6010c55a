import type { Candlestick } from './candlestick.ts';

export const identicalThreeCrows: Candlestick = {
  id: 'identical-three-crows',
  taLib: 'CDLIDENTICAL3CROWS',
  title: 'Identical three crows',
  definition:
    'Three black candles with falling closes and hardly any lower shadow, the second and third opening at the close before.',
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['bbb'],
  lookback: 12,
  recognise(c) {
    return c.isBlack(2) &&
      c.lowerShadow(2) < c.shadowVeryShort(2) &&
      c.isBlack(1) &&
      c.lowerShadow(1) < c.shadowVeryShort(1) &&
      c.isBlack(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      c.close(2) > c.close(1) &&
      c.close(1) > c.close(0) &&
      c.open(1) <= c.close(2) + c.equal(2) &&
      c.open(1) >= c.close(2) - c.equal(2) &&
      c.open(0) <= c.close(1) + c.equal(1) &&
      c.open(0) >= c.close(1) - c.equal(1)
      ? -100
      : 0;
  },
};
