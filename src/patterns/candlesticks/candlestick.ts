import type { CandleWindow } from './candle-window.ts';

/** What the sign of a candlestick's value says: always up, always down, up or down by its sign, or nothing. */
export type CandlestickDirection = 'up' | 'down' | 'either' | 'none';

/** One candlestick formation by TA-Lib's definition. */
export interface Candlestick {
  /** Kebab case, the file's name. */
  readonly id: string;
  /** Name of TA-Lib's function (release 0.6), which is the source of the definition. */
  readonly taLib: string;
  readonly title: string;
  readonly definition: string;
  readonly direction: CandlestickDirection;
  /** The largest absolute value that {@link recognise} gives. */
  readonly strongest: 100 | 200;
  /** Candles that the formation consists of, the latest one included. */
  readonly candles: number;
  /**
   * Colours that the definition asks for: `w` white, `b` black, `.` either; the last letter is the latest candle, and one
   * of the texts must fit. Absent: any colours. The scanner asks only candlesticks whose colours are there.
   */
  readonly colours?: readonly string[];
  /** Index of the first bar of a series at which TA-Lib says anything. */
  readonly lookback: number;
  /**
   * TA-Lib's value for the latest candle of the window: 0 where the formation is not there, else ±80, ±100 or ±200. Only
   * called from index `lookback` on.
   */
  recognise(candles: CandleWindow): number;
  /** Candles since the formation began where that is not `candles`: a formation that was confirmed later. */
  span?(candles: CandleWindow): number;
}
