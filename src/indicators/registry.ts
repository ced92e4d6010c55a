import { adx } from './adx.ts';
import { adxr } from './adxr.ts';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import { bollingerPosition } from './bollinger-position.ts';
import { cci } from './cci.ts';
import { ema } from './ema.ts';
import { fastStochastic } from './fast-stochastic.ts';
import type { Indicator } from './indicator.ts';
import { logReturn } from './log-return.ts';
import { macd } from './macd.ts';
import { mfi } from './mfi.ts';
import { minusDi } from './minus-di.ts';
import { momentum } from './momentum.ts';
import { natr } from './natr.ts';
import { obv } from './obv.ts';
import { orderFlowImbalance } from './order-flow-imbalance.ts';
import { plusDi } from './plus-di.ts';
import { quoteImbalance } from './quote-imbalance.ts';
import { realizedVolatility } from './realized-volatility.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { smaDistance } from './sma-distance.ts';
import { spread } from './spread.ts';
import { stddev } from './stddev.ts';
import { stochastic } from './stochastic.ts';
import { trueRange } from './true-range.ts';
import { volumeRatio } from './volume-ratio.ts';
import { volumeZ } from './volume-z.ts';
import { vwap } from './vwap.ts';
import { williamsR } from './williams-r.ts';

/** Every indicator. Being listed here is being usable as a feature, documented and held to the contract suite. */
export const INDICATORS: readonly Indicator[] = [
  sma,
  smaDistance,
  ema,
  rsi,
  macd,
  bollinger,
  bollingerPosition,
  stddev,
  trueRange,
  atr,
  natr,
  vwap,
  stochastic,
  fastStochastic,
  williamsR,
  plusDi,
  minusDi,
  adx,
  adxr,
  obv,
  mfi,
  roc,
  momentum,
  logReturn,
  realizedVolatility,
  volumeZ,
  volumeRatio,
  cci,
  spread,
  quoteImbalance,
  orderFlowImbalance,
];
