import type { Candlestick } from './candlestick.ts';

export const beltHold: Candlestick = {
  id: 'belt-hold',
  taLib: 'CDLBELTHOLD',
  title: 'Belt-hold',
  definition:
    'A long body that begins at the end of the range: white without lower shadow or black without upper shadow.',
  direction: 'either',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) > c.bodyLong(0) &&
      ((c.isWhite(0) && c.lowerShadow(0) < c.shadowVeryShort(0)) ||
        (c.isBlack(0) && c.upperShadow(0) < c.shadowVeryShort(0)))
      ? c.colour(0) * 100
      : 0;
  },
};
