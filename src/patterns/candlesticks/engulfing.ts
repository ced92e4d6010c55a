import type { Candlestick } from './candlestick.ts';

export const engulfing: Candlestick = {
  id: 'engulfing',
  taLib: 'CDLENGULFING',
  title: 'Engulfing',
  definition: 'A body that covers the body before it, of the other colour; 80 where one end is equal.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  colours: ['bw', 'wb'],
  lookback: 2,
  recognise(c) {
    const covers =
      (c.isWhite(0) &&
        c.isBlack(1) &&
        ((c.close(0) >= c.open(1) && c.open(0) < c.close(1)) || (c.close(0) > c.open(1) && c.open(0) <= c.close(1)))) ||
      (c.isBlack(0) &&
        c.isWhite(1) &&
        ((c.open(0) >= c.close(1) && c.close(0) < c.open(1)) || (c.open(0) > c.close(1) && c.close(0) <= c.open(1))));
    if (!covers) return 0;
    const isClear = c.open(0) !== c.close(1) && c.close(0) !== c.open(1);
    return c.colour(0) * (isClear ? 100 : 80);
  },
};
