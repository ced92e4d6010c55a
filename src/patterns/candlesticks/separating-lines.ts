import type { Candlestick } from './candlestick.ts';

export const separatingLines: Candlestick = {
  id: 'separating-lines',
  taLib: 'CDLSEPARATINGLINES',
  title: 'Separating lines',
  definition: 'A candle, then a belt-hold of the other colour with the same open.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  colours: ['wb', 'bw'],
  lookback: 11,
  recognise(c) {
    return c.colour(1) === -c.colour(0) &&
      c.open(0) <= c.open(1) + c.equal(1) &&
      c.open(0) >= c.open(1) - c.equal(1) &&
      c.body(0) > c.bodyLong(0) &&
      ((c.isWhite(0) && c.lowerShadow(0) < c.shadowVeryShort(0)) ||
        (c.isBlack(0) && c.upperShadow(0) < c.shadowVeryShort(0)))
      ? c.colour(0) * 100
      : 0;
  },
};
