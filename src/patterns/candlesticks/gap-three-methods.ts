import type { Candlestick } from './candlestick.ts';

export const gapThreeMethods: Candlestick = {
  id: 'gap-three-methods',
  taLib: 'CDLXSIDEGAP3METHODS',
  title: 'Upside/downside gap three methods',
  definition:
    'Two candles of one colour with a gap between, then one of the other colour that opens within the second body and closes within the first.',
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['wwb', 'bbw'],
  lookback: 2,
  recognise(c) {
    return c.colour(2) === c.colour(1) &&
      c.colour(1) === -c.colour(0) &&
      c.open(0) < c.top(1) &&
      c.open(0) > c.bottom(1) &&
      c.close(0) < c.top(2) &&
      c.close(0) > c.bottom(2) &&
      ((c.isWhite(2) && c.bodyGapUp(1, 2)) || (c.isBlack(2) && c.bodyGapDown(1, 2)))
      ? c.colour(2) * 100
      : 0;
  },
};
