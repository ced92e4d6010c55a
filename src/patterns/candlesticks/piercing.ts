import type { Candlestick } from './candlestick.ts';

export const piercing: Candlestick = {
  id: 'piercing',
  taLib: 'CDLPIERCING',
  title: 'Piercing',
  definition:
    'A long black candle, then a long white one that opens under its low and closes within the upper half of its body.',
  direction: 'up',
  strongest: 100,
  candles: 2,
  colours: ['bw'],
  lookback: 11,
  recognise(c) {
    return c.isBlack(1) &&
      c.body(1) > c.bodyLong(1) &&
      c.isWhite(0) &&
      c.body(0) > c.bodyLong(0) &&
      c.open(0) < c.low(1) &&
      c.close(0) < c.open(1) &&
      c.close(0) > c.close(1) + c.body(1) * 0.5
      ? 100
      : 0;
  },
};
