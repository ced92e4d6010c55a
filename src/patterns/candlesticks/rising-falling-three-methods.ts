import type { Candlestick } from './candlestick.ts';

export const risingFallingThreeMethods: Candlestick = {
  id: 'rising-falling-three-methods',
  taLib: 'CDLRISEFALL3METHODS',
  title: 'Rising/falling three methods',
  definition:
    'A long candle, three small ones of the other colour that drift back within its range, then a long one in its direction that closes beyond it.',
  direction: 'either',
  strongest: 100,
  candles: 5,
  colours: ['wbbbw', 'bwwwb'],
  lookback: 14,
  recognise(c) {
    return c.body(4) > c.bodyLong(4) &&
      c.body(3) < c.bodyShort(3) &&
      c.body(2) < c.bodyShort(2) &&
      c.body(1) < c.bodyShort(1) &&
      c.body(0) > c.bodyLong(0) &&
      c.colour(4) === -c.colour(3) &&
      c.colour(3) === c.colour(2) &&
      c.colour(2) === c.colour(1) &&
      c.colour(1) === -c.colour(0) &&
      c.bottom(3) < c.high(4) &&
      c.top(3) > c.low(4) &&
      c.bottom(2) < c.high(4) &&
      c.top(2) > c.low(4) &&
      c.bottom(1) < c.high(4) &&
      c.top(1) > c.low(4) &&
      c.close(2) * c.colour(4) < c.close(3) * c.colour(4) &&
      c.close(1) * c.colour(4) < c.close(2) * c.colour(4) &&
      c.open(0) * c.colour(4) > c.close(1) * c.colour(4) &&
      c.close(0) * c.colour(4) > c.close(4) * c.colour(4)
      ? 100 * c.colour(4)
      : 0;
  },
};
