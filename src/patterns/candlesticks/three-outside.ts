import type { Candlestick } from './candlestick.ts';

export const threeOutside: Candlestick = {
  id: 'three-outside',
  taLib: 'CDL3OUTSIDE',
  title: 'Three outside up/down',
  definition:
    'A body that engulfs the body before it, of the other colour, and a third candle that closes further in the same direction.',
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['bw.', 'wb.'],
  lookback: 3,
  recognise(c) {
    return (c.isWhite(1) &&
      c.isBlack(2) &&
      c.close(1) > c.open(2) &&
      c.open(1) < c.close(2) &&
      c.close(0) > c.close(1)) ||
      (c.isBlack(1) && c.isWhite(2) && c.open(1) > c.close(2) && c.close(1) < c.open(2) && c.close(0) < c.close(1))
      ? c.colour(1) * 100
      : 0;
  },
};
