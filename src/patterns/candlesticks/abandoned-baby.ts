import type { Candlestick } from './candlestick.ts';

/** Share of the first body that the last candle must come back through: TA-Lib's default. */
const PENETRATION = 0.3;

export const abandonedBaby: Candlestick = {
  id: 'abandoned-baby',
  taLib: 'CDLABANDONEDBABY',
  title: 'Abandoned baby',
  definition:
    'A long candle, a doji separated from both neighbours by gaps between the shadows, then a candle of the other colour that closes well within the first body.',
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['w.b', 'b.w'],
  lookback: 12,
  recognise(c) {
    return c.body(2) > c.bodyLong(2) &&
      c.body(1) <= c.bodyDoji(1) &&
      c.body(0) > c.bodyShort(0) &&
      ((c.isWhite(2) &&
        c.isBlack(0) &&
        c.close(0) < c.close(2) - c.body(2) * PENETRATION &&
        c.gapUp(1, 2) &&
        c.gapDown(0, 1)) ||
        (c.isBlack(2) &&
          c.isWhite(0) &&
          c.close(0) > c.close(2) + c.body(2) * PENETRATION &&
          c.gapDown(1, 2) &&
          c.gapUp(0, 1)))
      ? c.colour(0) * 100
      : 0;
  },
};
