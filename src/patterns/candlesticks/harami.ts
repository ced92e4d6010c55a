import type { Candlestick } from './candlestick.ts';

export const harami: Candlestick = {
  id: 'harami',
  taLib: 'CDLHARAMI',
  title: 'Harami',
  definition: 'A long candle, then a short body inside its body; 80 where one end is equal.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    if (c.body(1) > c.bodyLong(1) && c.body(0) <= c.bodyShort(0)) {
      if (c.top(0) < c.top(1) && c.bottom(0) > c.bottom(1)) return -c.colour(1) * 100;
      if (c.top(0) <= c.top(1) && c.bottom(0) >= c.bottom(1)) return -c.colour(1) * 80;
    }
    return 0;
  },
};
