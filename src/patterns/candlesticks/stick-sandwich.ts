import type { Candlestick } from './candlestick.ts';

export const stickSandwich: Candlestick = {
  id: 'stick-sandwich',
  taLib: 'CDLSTICKSANDWICH',
  title: 'Stick sandwich',
  definition: 'Two black candles with equal closes around a white one that trades above the first close only.',
  direction: 'up',
  strongest: 100,
  candles: 3,
  colours: ['bwb'],
  lookback: 7,
  recognise(c) {
    return c.isBlack(2) &&
      c.isWhite(1) &&
      c.isBlack(0) &&
      c.low(1) > c.close(2) &&
      c.close(0) <= c.close(2) + c.equal(2) &&
      c.close(0) >= c.close(2) - c.equal(2)
      ? 100
      : 0;
  },
};
