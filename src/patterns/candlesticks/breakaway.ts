import type { Candlestick } from './candlestick.ts';

export const breakaway: Candlestick = {
  id: 'breakaway',
  taLib: 'CDLBREAKAWAY',
  title: 'Breakaway',
  definition:
    'A long candle, a gap in its direction, two candles that go on, then one of the other colour that closes inside the gap.',
  direction: 'either',
  strongest: 100,
  candles: 5,
  colours: ['ww.wb', 'bb.bw'],
  lookback: 14,
  recognise(c) {
    return c.body(4) > c.bodyLong(4) &&
      c.colour(4) === c.colour(3) &&
      c.colour(3) === c.colour(1) &&
      c.colour(1) === -c.colour(0) &&
      ((c.isBlack(4) &&
        c.bodyGapDown(3, 4) &&
        c.high(2) < c.high(3) &&
        c.low(2) < c.low(3) &&
        c.high(1) < c.high(2) &&
        c.low(1) < c.low(2) &&
        c.close(0) > c.open(3) &&
        c.close(0) < c.close(4)) ||
        (c.isWhite(4) &&
          c.bodyGapUp(3, 4) &&
          c.high(2) > c.high(3) &&
          c.low(2) > c.low(3) &&
          c.high(1) > c.high(2) &&
          c.low(1) > c.low(2) &&
          c.close(0) < c.open(3) &&
          c.close(0) > c.close(4)))
      ? c.colour(0) * 100
      : 0;
  },
};
