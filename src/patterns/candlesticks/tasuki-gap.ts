import type { Candlestick } from './candlestick.ts';

export const tasukiGap: Candlestick = {
  id: 'tasuki-gap',
  taLib: 'CDLTASUKIGAP',
  title: 'Tasuki gap',
  definition:
    'A gap, a candle in its direction, then one of the other colour and like size that opens within its body and closes inside the gap.',
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['wb', 'bw'],
  lookback: 7,
  recognise(c) {
    return (c.bodyGapUp(1, 2) &&
      c.isWhite(1) &&
      c.isBlack(0) &&
      c.open(0) < c.close(1) &&
      c.open(0) > c.open(1) &&
      c.close(0) < c.open(1) &&
      c.close(0) > c.top(2) &&
      Math.abs(c.body(1) - c.body(0)) < c.near(1)) ||
      (c.bodyGapDown(1, 2) &&
        c.isBlack(1) &&
        c.isWhite(0) &&
        c.open(0) < c.open(1) &&
        c.open(0) > c.close(1) &&
        c.close(0) > c.open(1) &&
        c.close(0) < c.bottom(2) &&
        Math.abs(c.body(1) - c.body(0)) < c.near(1))
      ? c.colour(1) * 100
      : 0;
  },
};
