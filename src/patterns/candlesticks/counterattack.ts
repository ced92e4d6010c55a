import type { Candlestick } from './candlestick.ts';

export const counterattack: Candlestick = {
  id: 'counterattack',
  taLib: 'CDLCOUNTERATTACK',
  title: 'Counterattack',
  definition: 'Two long candles of opposite colours with equal closes.',
  direction: 'either',
  strongest: 100,
  candles: 2,
  colours: ['wb', 'bw'],
  lookback: 11,
  recognise(c) {
    return c.colour(1) === -c.colour(0) &&
      c.body(1) > c.bodyLong(1) &&
      c.body(0) > c.bodyLong(0) &&
      c.close(0) <= c.close(1) + c.equal(1) &&
      c.close(0) >= c.close(1) - c.equal(1)
      ? c.colour(0) * 100
      : 0;
  },
};
