import type { Candlestick } from './candlestick.ts';

export const dojiStar: Candlestick = {
  id: 'doji-star',
  taLib: 'CDLDOJISTAR',
  title: 'Doji star',
  definition: 'A long candle, then a doji whose body gaps away in its direction.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    return c.body(1) > c.bodyLong(1) &&
      c.body(0) <= c.bodyDoji(0) &&
      ((c.isWhite(1) && c.bodyGapUp(0, 1)) || (c.isBlack(1) && c.bodyGapDown(0, 1)))
      ? -c.colour(1) * 100
      : 0;
  },
};
