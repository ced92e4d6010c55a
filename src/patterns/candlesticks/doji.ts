import type { Candlestick } from './candlestick.ts';

export const doji: Candlestick = {
  id: 'doji',
  taLib: 'CDLDOJI',
  title: 'Doji',
  definition: 'Open and close are nearly equal.',
  direction: 'none',
  strongest: 100,
  candles: 1,
  lookback: 10,
  recognise(c) {
    return c.body(0) <= c.bodyDoji(0) ? 100 : 0;
  },
};
