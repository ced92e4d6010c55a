import type { Candlestick } from './candlestick.ts';

export const gapSideBySideWhite: Candlestick = {
  id: 'gap-side-by-side-white',
  taLib: 'CDLGAPSIDESIDEWHITE',
  title: 'Up/down-gap side-by-side white lines',
  definition:
    'Two white candles of like size and equal opens, both bodies on the same side of a gap from the candle before.',
  direction: 'either',
  strongest: 100,
  candles: 3,
  colours: ['ww'],
  lookback: 7,
  recognise(c) {
    return ((c.bodyGapUp(1, 2) && c.bodyGapUp(0, 2)) || (c.bodyGapDown(1, 2) && c.bodyGapDown(0, 2))) &&
      c.isWhite(1) &&
      c.isWhite(0) &&
      c.body(0) >= c.body(1) - c.near(1) &&
      c.body(0) <= c.body(1) + c.near(1) &&
      c.open(0) >= c.open(1) - c.equal(1) &&
      c.open(0) <= c.open(1) + c.equal(1)
      ? c.bodyGapUp(1, 2)
        ? 100
        : -100
      : 0;
  },
};
