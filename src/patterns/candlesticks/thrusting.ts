import type { Candlestick } from './candlestick.ts';

export const thrusting: Candlestick = {
  id: 'thrusting',
  taLib: 'CDLTHRUSTING',
  title: 'Thrusting',
  definition:
    'A long black candle, then a white one that opens under its low and closes into its body, under the middle.',
  direction: 'down',
  strongest: 100,
  candles: 2,
  colours: ['bw'],
  lookback: 11,
  recognise(c) {
    return c.isBlack(1) &&
      c.body(1) > c.bodyLong(1) &&
      c.isWhite(0) &&
      c.open(0) < c.low(1) &&
      c.close(0) > c.close(1) + c.equal(1) &&
      c.close(0) <= c.close(1) + c.body(1) * 0.5
      ? -100
      : 0;
  },
};
