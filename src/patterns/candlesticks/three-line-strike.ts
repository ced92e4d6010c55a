import type { Candlestick } from './candlestick.ts';

export const threeLineStrike: Candlestick = {
  id: 'three-line-strike',
  taLib: 'CDL3LINESTRIKE',
  title: 'Three-line strike',
  definition:
    'Three candles of one colour with advancing closes, each opening in or near the body before; the fourth opens beyond the third close and closes beyond the first open.',
  direction: 'either',
  strongest: 100,
  candles: 4,
  colours: ['wwwb', 'bbbw'],
  lookback: 8,
  recognise(c) {
    return c.colour(3) === c.colour(2) &&
      c.colour(2) === c.colour(1) &&
      c.colour(0) === -c.colour(1) &&
      c.open(2) >= c.bottom(3) - c.near(3) &&
      c.open(2) <= c.top(3) + c.near(3) &&
      c.open(1) >= c.bottom(2) - c.near(2) &&
      c.open(1) <= c.top(2) + c.near(2) &&
      ((c.isWhite(1) &&
        c.close(1) > c.close(2) &&
        c.close(2) > c.close(3) &&
        c.open(0) > c.close(1) &&
        c.close(0) < c.open(3)) ||
        (c.isBlack(1) &&
          c.close(1) < c.close(2) &&
          c.close(2) < c.close(3) &&
          c.open(0) < c.close(1) &&
          c.close(0) > c.open(3)))
      ? c.colour(1) * 100
      : 0;
  },
};
