import type { Candlestick } from './candlestick.ts';

export const kicking: Candlestick = {
  id: 'kicking',
  taLib: 'CDLKICKING',
  title: 'Kicking',
  definition: "Two long candles without shadows, of opposite colours, with a gap in the second one's direction.",
  direction: 'either',
  strongest: 100,
  candles: 2,
  colours: ['wb', 'bw'],
  lookback: 11,
  recognise(c) {
    return c.colour(1) === -c.colour(0) &&
      c.body(1) > c.bodyLong(1) &&
      c.upperShadow(1) < c.shadowVeryShort(1) &&
      c.lowerShadow(1) < c.shadowVeryShort(1) &&
      c.body(0) > c.bodyLong(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.lowerShadow(0) < c.shadowVeryShort(0) &&
      ((c.isBlack(1) && c.gapUp(0, 1)) || (c.isWhite(1) && c.gapDown(0, 1)))
      ? c.colour(0) * 100
      : 0;
  },
};
