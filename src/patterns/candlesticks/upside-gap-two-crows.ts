import type { Candlestick } from './candlestick.ts';

export const upsideGapTwoCrows: Candlestick = {
  id: 'upside-gap-two-crows',
  taLib: 'CDLUPSIDEGAP2CROWS',
  title: 'Upside gap two crows',
  definition:
    'A long white candle, a short black body that gaps up, then a black one that engulfs it and still closes above the first close.',
  direction: 'down',
  strongest: 100,
  candles: 3,
  colours: ['wbb'],
  lookback: 12,
  recognise(c) {
    return c.isWhite(2) &&
      c.body(2) > c.bodyLong(2) &&
      c.isBlack(1) &&
      c.body(1) <= c.bodyShort(1) &&
      c.bodyGapUp(1, 2) &&
      c.isBlack(0) &&
      c.open(0) > c.open(1) &&
      c.close(0) < c.close(1) &&
      c.close(0) > c.close(2)
      ? -100
      : 0;
  },
};
