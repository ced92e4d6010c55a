import type { Direction, PatternFinding, PatternStatus } from '../../model/index.ts';
import type { Candlestick } from './candlestick.ts';

/** What the conversion reads of a series of bars. */
export interface BarTimes {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  slot(index: number): number;
}

/** Up or down as TA-Lib's sign says, 0 for formations that say nothing by themselves (a doji, a spinning top). */
function candlestickDirection(candlestick: Candlestick, value: number): Direction {
  if (candlestick.direction === 'none' || value === 0) return 0;
  return value > 0 ? 1 : -1;
}

/**
 * 0 to 100: TA-Lib's strength as a share of the largest that this candlestick reaches. 100 for a formation as defined, 80
 * for an engulfing or a harami with one equal end; 50 for a hikkake, 100 once it is confirmed. It says how well the shape
 * fits, nothing about what follows.
 */
function candlestickConfidence(candlestick: Candlestick, value: number): number {
  return (100 * Math.abs(value)) / candlestick.strongest;
}

/**
 * The finding of a candlestick that bar `index` completed.
 * @param candles since the formation began, the bar included.
 */
export function candlestickFinding(
  candlestick: Candlestick,
  value: number,
  candles: number,
  series: BarTimes,
  index: number,
): PatternFinding {
  const confidence = candlestickConfidence(candlestick, value);
  return {
    family: 'candlestick',
    patternId: candlestick.id,
    direction: candlestickDirection(candlestick, value),
    confidence,
    status: statusOf(confidence),
    fromUs: series.startUs[series.slot(index - candles + 1)] as number,
    formedAtUs: series.endUs[series.slot(index)] as number,
    points: [],
    levels: undefined,
  };
}

function statusOf(confidence: number): PatternStatus {
  if (confidence >= 90) return 'TRIGGERED';
  return confidence >= 70 ? 'NEAR_TRIGGER' : 'WATCHING';
}
