import type { Candlestick } from './candlestick.ts';

export const closingMarubozu: Candlestick = {
  id: 'closing-marubozu',
  taLib: 'CDLCLOSINGMARUBOZU',
  title: 'Closing marubozu',
  definition:
    'A long body that closes at the end of the range: white without upper shadow or black without lower shadow.',
  direction: 'either',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) > c.bodyLong(0) &&
      ((c.isWhite(0) && c.upperShadow(0) < c.shadowVeryShort(0)) ||
        (c.isBlack(0) && c.lowerShadow(0) < c.shadowVeryShort(0)))
      ? c.colour(0) * 100
      : 0;
  },
};
