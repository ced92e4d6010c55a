import type { Candlestick } from './candlestick.ts';

export const uniqueThreeRiver: Candlestick = {
  id: 'unique-three-river',
  taLib: 'CDLUNIQUE3RIVER',
  title: 'Unique three river',
  definition:
    'A long black candle, a black body inside its body with a lower low, then a short white one that opens above that low.',
  direction: 'up',
  strongest: 100,
  candles: 3,
  colours: ['bbw'],
  lookback: 12,
  recognise(c) {
    return c.body(2) > c.bodyLong(2) &&
      c.isBlack(2) &&
      c.isBlack(1) &&
      c.close(1) > c.close(2) &&
      c.open(1) <= c.open(2) &&
      c.low(1) < c.low(2) &&
      c.body(0) < c.bodyShort(0) &&
      c.isWhite(0) &&
      c.open(0) > c.low(1)
      ? 100
      : 0;
  },
};
