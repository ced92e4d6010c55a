import type { Candlestick } from './candlestick.ts';

export const tristar: Candlestick = {
  id: 'tristar',
  taLib: 'CDLTRISTAR',
  title: 'Tristar',
  definition: "Three doji, the middle one's body gapping away from the first and the third coming back.",
  direction: 'either',
  strongest: 100,
  candles: 3,
  lookback: 12,
  recognise(c) {
    const limit = c.bodyDoji(2);
    if (c.body(2) > limit || c.body(1) > limit || c.body(0) > limit) return 0;
    if (c.bodyGapDown(1, 2) && c.bottom(0) > c.bottom(1)) return 100;
    return c.bodyGapUp(1, 2) && c.top(0) < c.top(1) ? -100 : 0;
  },
};
