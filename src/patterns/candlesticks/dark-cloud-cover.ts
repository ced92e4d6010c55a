import type { Candlestick } from './candlestick.ts';

/** Share of the first body that the last candle must come back through: TA-Lib's default. */
const PENETRATION = 0.5;

export const darkCloudCover: Candlestick = {
  id: 'dark-cloud-cover',
  taLib: 'CDLDARKCLOUDCOVER',
  title: 'Dark cloud cover',
  definition:
    'A long white candle, then a black one that opens above its high and closes within its body, at least half way down.',
  direction: 'down',
  strongest: 100,
  candles: 2,
  colours: ['wb'],
  lookback: 11,
  recognise(c) {
    return c.isWhite(1) &&
      c.body(1) > c.bodyLong(1) &&
      c.isBlack(0) &&
      c.open(0) > c.high(1) &&
      c.close(0) > c.open(1) &&
      c.close(0) < c.close(1) - c.body(1) * PENETRATION
      ? -100
      : 0;
  },
};
