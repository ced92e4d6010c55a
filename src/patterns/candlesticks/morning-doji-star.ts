import type { Candlestick } from './candlestick.ts';

/** Share of the first body that the last candle must come back through: TA-Lib's default. */
const PENETRATION = 0.3;

export const morningDojiStar: Candlestick = {
  id: 'morning-doji-star',
  taLib: 'CDLMORNINGDOJISTAR',
  title: 'Morning doji star',
  definition:
    'A long black candle, a doji whose body gaps down, then a white candle, not short, that closes well within the first body.',
  direction: 'up',
  strongest: 100,
  candles: 3,
  colours: ['b.w'],
  lookback: 12,
  recognise(c) {
    return c.body(2) > c.bodyLong(2) &&
      c.isBlack(2) &&
      c.body(1) <= c.bodyDoji(1) &&
      c.bodyGapDown(1, 2) &&
      c.body(0) > c.bodyShort(0) &&
      c.isWhite(0) &&
      c.close(0) > c.close(2) + c.body(2) * PENETRATION
      ? 100
      : 0;
  },
};
