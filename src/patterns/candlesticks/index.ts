export type { CandleColumns } from './candle-window.ts';
export type { Candlestick, CandlestickDirection } from './candlestick.ts';
export { type BarTimes, candlestickFinding } from './candlestick-finding.ts';
export { type CandlestickFound, CandlestickScanner } from './candlestick-scanner.ts';
export { CANDLESTICKS } from './registry.ts';
