import type { Candlestick } from './candlestick.ts';

export const advanceBlock: Candlestick = {
  id: 'advance-block',
  taLib: 'CDLADVANCEBLOCK',
  title: 'Advance block',
  definition:
    'Three white candles with rising closes that weaken: smaller bodies or longer upper shadows after a long first one.',
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['www'],
  lookback: 12,
  recognise(c) {
    return c.isWhite(2) &&
      c.isWhite(1) &&
      c.isWhite(0) &&
      c.close(0) > c.close(1) &&
      c.close(1) > c.close(2) &&
      c.open(1) > c.open(2) &&
      c.open(1) <= c.close(2) + c.near(2) &&
      c.open(0) > c.open(1) &&
      c.open(0) <= c.close(1) + c.near(1) &&
      c.body(2) > c.bodyLong(2) &&
      c.upperShadow(2) < c.shadowShort(2) &&
      ((c.body(1) < c.body(2) - c.far(2) && c.body(0) < c.body(1) + c.near(1)) ||
        c.body(0) < c.body(1) - c.far(1) ||
        (c.body(0) < c.body(1) &&
          c.body(1) < c.body(2) &&
          (c.upperShadow(0) > c.shadowShort(0) || c.upperShadow(1) > c.shadowShort(1))) ||
        (c.body(0) < c.body(1) && c.upperShadow(0) > c.shadowLong(0)))
      ? -100
      : 0;
  },
};
