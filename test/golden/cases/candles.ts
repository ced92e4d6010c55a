import { CANDLESTICKS, CandlestickScanner } from '../../../src/patterns/index.ts';
import { type GoldenChecker, GoldenInputError, type Json, numbersOf } from '../golden-file.ts';

const LAST_BAR = 'last_bar_nonzero_among_core';

/** The set that the notes of the file name: cases list its values on the last bar where they are not 0. */
const CORE: ReadonlySet<string> = new Set(
  (
    'CDLDOJI CDLDRAGONFLYDOJI CDLGRAVESTONEDOJI CDLHAMMER CDLINVERTEDHAMMER CDLHANGINGMAN CDLSHOOTINGSTAR CDLENGULFING ' +
    'CDLHARAMI CDLHARAMICROSS CDLMORNINGSTAR CDLEVENINGSTAR CDLPIERCING CDLDARKCLOUDCOVER CDL3WHITESOLDIERS ' +
    'CDL3BLACKCROWS CDLMARUBOZU CDLSPINNINGTOP CDL3INSIDE CDL3OUTSIDE'
  ).split(' '),
);

/** Runs the scanner over the bars and compares TA-Lib's values: the hits of a stream, or those on the last bar. */
export const checkCandles: GoldenChecker = ({ input, expected }, file) => {
  const columns = {
    open: Float64Array.from(numbersOf(input, 'open')),
    high: Float64Array.from(numbersOf(input, 'high')),
    low: Float64Array.from(numbersOf(input, 'low')),
    close: Float64Array.from(numbersOf(input, 'close')),
    slot: (index: number): number => index,
  };
  const bars = columns.close.length;
  if (bars === 0) throw new GoldenInputError(`${file.id}: a case without bars`);
  const hits: { [taLib: string]: Json[] } = Object.fromEntries(CANDLESTICKS.map(({ taLib }) => [taLib, []]));
  const lastBar: { [taLib: string]: number } = {};
  const scanner = new CandlestickScanner();
  for (let i = 0; i < bars; i++) {
    scanner.scan(columns, i, ({ taLib }, value) => {
      hits[taLib]?.push([i, value]);
      if (i === bars - 1) lastBar[taLib] = value;
    });
  }
  const first = Object.fromEntries(CANDLESTICKS.map(({ taLib, lookback }) => [taLib, lookback]));
  const named = Object.fromEntries(Object.entries(lastBar).filter(([taLib]) => CORE.has(taLib)));
  const wanted = expected[LAST_BAR];
  // Keys that are not expected would not be compared: a value too many on the last bar must be told apart here.
  const tooMany = wanted === undefined ? [] : Object.keys(named).filter((taLib) => !(taLib in Object(wanted)));
  if (tooMany.length > 0) return `${tooMany.join(', ')} on the last bar, where nothing is expected`;
  return { first_index: first, hits, [LAST_BAR]: named };
};
