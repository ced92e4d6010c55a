export {
  CANDLESTICKS,
  type Candlestick,
  type CandlestickDirection,
  type CandlestickFound,
  CandlestickScanner,
  candlestickConfidence,
  candlestickDirection,
  candlestickFinding,
} from './candlesticks/index.ts';
