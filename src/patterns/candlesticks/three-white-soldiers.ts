import type { Candlestick } from './candlestick.ts';

export const threeWhiteSoldiers: Candlestick = {
  id: 'three-white-soldiers',
  taLib: 'CDL3WHITESOLDIERS',
  title: 'Three advancing white soldiers',
  definition:
    'Three white candles with rising closes and hardly any upper shadow, each opening in or near the body before, none far shorter than the one before, the last one not short.',
  direction: 'up',
  strongest: 100,
  candles: 3,
  colours: ['www'],
  lookback: 12,
  recognise(c) {
    return c.isWhite(2) &&
      c.upperShadow(2) < c.shadowVeryShort(2) &&
      c.isWhite(1) &&
      c.upperShadow(1) < c.shadowVeryShort(1) &&
      c.isWhite(0) &&
      c.upperShadow(0) < c.shadowVeryShort(0) &&
      c.close(0) > c.close(1) &&
      c.close(1) > c.close(2) &&
      c.open(1) > c.open(2) &&
      c.open(1) <= c.close(2) + c.near(2) &&
      c.open(0) > c.open(1) &&
      c.open(0) <= c.close(1) + c.near(1) &&
      c.body(1) > c.body(2) - c.far(2) &&
      c.body(0) > c.body(1) - c.far(1) &&
      c.body(0) > c.bodyShort(0)
      ? 100
      : 0;
  },
};
