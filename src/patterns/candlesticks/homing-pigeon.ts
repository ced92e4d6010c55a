import type { Candlestick } from './candlestick.ts';

export const homingPigeon: Candlestick = {
  id: 'homing-pigeon',
  taLib: 'CDLHOMINGPIGEON',
  title: 'Homing pigeon',
  definition: 'A long black candle, then a short black body inside its body.',
  direction: 'up',
  strongest: 100,
  candles: 2,
  colours: ['bb'],
  lookback: 11,
  recognise(c) {
    return c.isBlack(1) &&
      c.isBlack(0) &&
      c.body(1) > c.bodyLong(1) &&
      c.body(0) <= c.bodyShort(0) &&
      c.open(0) < c.open(1) &&
      c.close(0) > c.close(1)
      ? 100
      : 0;
  },
};
