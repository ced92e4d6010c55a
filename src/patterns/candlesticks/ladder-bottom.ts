import type { Candlestick } from './candlestick.ts';

export const ladderBottom: Candlestick = {
  id: 'ladder-bottom',
  taLib: 'CDLLADDERBOTTOM',
  title: 'Ladder bottom',
  definition:
    'Three black candles with falling opens and closes, a black one with an upper shadow, then a white one that opens above its body and closes above its high.',
  direction: 'up',
  strongest: 100,
  candles: 5,
  colours: ['bbbbw'],
  lookback: 14,
  recognise(c) {
    return c.isBlack(4) &&
      c.isBlack(3) &&
      c.isBlack(2) &&
      c.open(4) > c.open(3) &&
      c.open(3) > c.open(2) &&
      c.close(4) > c.close(3) &&
      c.close(3) > c.close(2) &&
      c.isBlack(1) &&
      c.upperShadow(1) > c.shadowVeryShort(1) &&
      c.isWhite(0) &&
      c.open(0) > c.open(1) &&
      c.close(0) > c.high(1)
      ? 100
      : 0;
  },
};
