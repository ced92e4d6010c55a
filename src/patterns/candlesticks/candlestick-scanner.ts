import { type CandleColumns, CandleWindow, COLOURED } from './candle-window.ts';
import type { Candlestick } from './candlestick.ts';
import { CANDLESTICKS } from './registry.ts';

/** Told of a candlestick that the latest bar completes: TA-Lib's value, ±80, ±100 or ±200, and the candles since it began. */
export type CandlestickFound = (candlestick: Candlestick, value: number, candles: number) => void;

/** From this index on every candlestick of the registry may speak. */
const ALL_SPEAK_FROM = Math.max(...CANDLESTICKS.map((candlestick) => candlestick.lookback));

/** By the colours of the last candles: the candlesticks that they leave possible, in the order of the registry. */
const POSSIBLE: readonly (readonly Candlestick[])[] = Array.from({ length: 1 << COLOURED }, (_, colours) =>
  CANDLESTICKS.filter((candlestick) => candlestick.colours?.some((text) => fits(text, colours)) ?? true),
);

function fits(text: string, colours: number): boolean {
  return [...text]
    .reverse()
    .every((letter, back) => letter === '.' || (letter === 'w') === (((colours >> back) & 1) === 1));
}

/** Recognises every candlestick at the latest bar of a series. It keeps nothing: the answer comes from the bars alone. */
export class CandlestickScanner {
  private readonly window = new CandleWindow();

  /** @param index of the bar in the series; it counts as the latest one whatever follows. */
  scan(series: CandleColumns, index: number, found: CandlestickFound): void {
    const { window } = this;
    window.load(series, index);
    const possible = POSSIBLE[window.colours] as readonly Candlestick[];
    for (let i = 0; i < possible.length; i++) {
      const candlestick = possible[i] as Candlestick;
      if (index < ALL_SPEAK_FROM && index < candlestick.lookback) continue;
      const value = candlestick.recognise(window);
      if (value !== 0) found(candlestick, value, candlestick.span?.(window) ?? candlestick.candles);
    }
  }
}
