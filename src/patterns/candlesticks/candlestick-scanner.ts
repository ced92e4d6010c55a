import { type CandleColumns, CandleWindow } from './candle-window.ts';
import type { Candlestick } from './candlestick.ts';
import { CANDLESTICKS } from './registry.ts';

/** Told of a candlestick that the latest bar completes: TA-Lib's value, ±80, ±100 or ±200, and the candles since it began. */
export type CandlestickFound = (candlestick: Candlestick, value: number, candles: number) => void;

/** From this index on every candlestick of the registry may speak. */
const ALL_SPEAK_FROM = Math.max(...CANDLESTICKS.map((candlestick) => candlestick.lookback));

/** Recognises every candlestick at the latest bar of a series. It keeps nothing: the answer comes from the bars alone. */
export class CandlestickScanner {
  private readonly window = new CandleWindow();

  /** @param index of the bar in the series; it counts as the latest one whatever follows. */
  scan(series: CandleColumns, index: number, found: CandlestickFound): void {
    const { window } = this;
    window.load(series, index);
    for (let i = 0; i < CANDLESTICKS.length; i++) {
      const candlestick = CANDLESTICKS[i] as Candlestick;
      if (index < ALL_SPEAK_FROM && index < candlestick.lookback) continue;
      const value = candlestick.recognise(window);
      if (value !== 0) found(candlestick, value, candlestick.span?.(window) ?? candlestick.candles);
    }
  }
}
