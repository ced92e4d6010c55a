import type { Candlestick } from './candlestick.ts';

/** Share of the first body that the last candle must come back through: TA-Lib's default. */
const PENETRATION = 0.3;

export const eveningStar: Candlestick = {
  id: 'evening-star',
  taLib: 'CDLEVENINGSTAR',
  title: 'Evening star',
  definition:
    'A long white candle, a short body that gaps up, then a black candle, not short, that closes well within the first body.',
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['w.b'],
  lookback: 12,
  recognise(c) {
    return c.body(2) > c.bodyLong(2) &&
      c.isWhite(2) &&
      c.body(1) <= c.bodyShort(1) &&
      c.bodyGapUp(1, 2) &&
      c.body(0) > c.bodyShort(0) &&
      c.isBlack(0) &&
      c.close(0) < c.close(2) - c.body(2) * PENETRATION
      ? -100
      : 0;
  },
};
