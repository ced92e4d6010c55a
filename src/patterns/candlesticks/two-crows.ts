import type { Candlestick } from './candlestick.ts';

export const twoCrows: Candlestick = {
  id: 'two-crows',
  taLib: 'CDL2CROWS',
  title: 'Two crows',
  definition:
    'A long white candle, a black one whose body gaps up, then a black one that opens within the second body and closes within the first.',
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['wbb'],
  lookback: 12,
  recognise(c) {
    return c.isWhite(2) &&
      c.body(2) > c.bodyLong(2) &&
      c.isBlack(1) &&
      c.bodyGapUp(1, 2) &&
      c.isBlack(0) &&
      c.open(0) < c.open(1) &&
      c.open(0) > c.close(1) &&
      c.close(0) > c.open(2) &&
      c.close(0) < c.close(2)
      ? -100
      : 0;
  },
};
