import type { Candlestick } from './candlestick.ts';

export const matchingLow: Candlestick = {
  id: 'matching-low',
  taLib: 'CDLMATCHINGLOW',
  title: 'Matching low',
  definition: 'Two black candles with equal closes.',
  direction: 'up',
  strongest: 100,
  candles: 2,
  colours: ['bb'],
  lookback: 6,
  recognise(c) {
    return c.isBlack(1) &&
      c.isBlack(0) &&
      c.close(0) <= c.close(1) + c.equal(1) &&
      c.close(0) >= c.close(1) - c.equal(1)
      ? 100
      : 0;
  },
};
