import type { Candlestick } from './candlestick.ts';

export const haramiCross: Candlestick = {
  id: 'harami-cross',
  taLib: 'CDLHARAMICROSS',
  title: 'Harami cross',
  definition: 'A long candle, then a doji inside its body; 80 where one end is equal.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  lookback: 11,
  recognise(c) {
    if (c.body(1) > c.bodyLong(1) && c.body(0) <= c.bodyDoji(0)) {
      if (c.top(0) < c.top(1) && c.bottom(0) > c.bottom(1)) return -c.colour(1) * 100;
      if (c.top(0) <= c.top(1) && c.bottom(0) >= c.bottom(1)) return -c.colour(1) * 80;
    }
    return 0;
  },
};
