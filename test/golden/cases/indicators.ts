import { compileFeatures, FeatureEngine, wholeHistory } from '../../../src/features/index.ts';
import {
  BAR_FIELDS,
  type BarColumns,
  type BarField,
  barColumns,
  createBarInput,
} from '../../../src/indicators/index.ts';
import {
  firstDifference,
  type GoldenCase,
  type GoldenChecker,
  GoldenInputError,
  isObject,
  type Json,
  numbersOf,
} from '../golden-file.ts';

/** TA-Lib's name → our outputs, by the name of the expected list (`out` where there is only one). */
const OUTPUTS: { readonly [talib: string]: { readonly [list: string]: string } } = {
  SMA: { out: 'sma' },
  EMA: { out: 'ema' },
  RSI: { out: 'rsi' },
  TRANGE: { out: 'true_range' },
  ATR: { out: 'atr' },
  NATR: { out: 'natr' },
  MACD: { macd: 'macd', signal: 'macd_signal', hist: 'macd_hist' },
  BBANDS: { upper: 'bb_upper', middle: 'bb_middle', lower: 'bb_lower' },
  STOCH: { slowk: 'stoch_k', slowd: 'stoch_d' },
  STOCHF: { fastk: 'stoch_fast_k', fastd: 'stoch_fast_d' },
  ADX: { out: 'adx' },
  ADXR: { out: 'adxr' },
  PLUS_DI: { out: 'plus_di' },
  MINUS_DI: { out: 'minus_di' },
  OBV: { out: 'obv' },
  STDDEV: { out: 'stddev' },
  ROC: { out: 'roc' },
  MOM: { out: 'momentum' },
  MFI: { out: 'mfi' },
  CCI: { out: 'cci' },
  WILLR: { out: 'williams_r' },
  VWAP: { out: 'vwap_session' },
};

interface GoldenName {
  readonly outputs: { readonly [list: string]: string };
  readonly parameters: readonly number[];
  /** The one list meant, as in `BBANDS_20_2_upper`. */
  readonly list: string | undefined;
  /** Bars per session, as in `VWAP_session26`. */
  readonly sessionBars: number | undefined;
}

/** `MACD_12_26_9`, `BBANDS_20_2_upper`, `VWAP_session26`: name, parameters, then a list or the session's length. */
function parseName(key: string): GoldenName {
  const parts = key.split('_');
  const firstOther = parts.findIndex((part) => !/^[A-Z]+$/.test(part));
  const outputs = OUTPUTS[parts.slice(0, firstOther < 0 ? parts.length : firstOther).join('_')];
  if (outputs === undefined) throw new GoldenInputError(`no indicator is known for "${key}"`);
  const rest = firstOther < 0 ? [] : parts.slice(firstOther);
  const parameters = rest.filter((part) => /^\d/.test(part)).map(Number);
  const words = rest.filter((part) => !/^\d/.test(part));
  const session = words.map((word) => /^session(\d+)$/.exec(word)?.[1]).find((length) => length !== undefined);
  return {
    outputs,
    parameters: 'macd' in outputs ? shorterFirst(parameters) : parameters,
    list: words.find((word) => word in outputs),
    sessionBars: session === undefined ? undefined : Number(session),
  };
}

/** TA-Lib takes the two averages of a MACD in either order. */
function shorterFirst([a, b, ...rest]: readonly number[]): number[] {
  return a === undefined || b === undefined
    ? [a, b].filter((x) => x !== undefined)
    : [Math.min(a, b), Math.max(a, b), ...rest];
}

function columnsOf(golden: GoldenCase, sessionBars: number | undefined): BarColumns {
  const close = Float64Array.from(numbersOf(golden.input, 'close'));
  const known: { [field in BarField]?: Float64Array } = { open: close, high: close, low: close, close };
  for (const field of BAR_FIELDS) {
    if (Array.isArray(golden.input[field])) known[field] = Float64Array.from(numbersOf(golden.input, field));
  }
  known.volume ??= new Float64Array(close.length);
  if (sessionBars !== undefined) known.sessionStart = close.map((_, i) => (i % sessionBars === 0 ? 1 : 0));
  return barColumns(close.length, known);
}

/** The features bar by bar through the engine, one list per name. */
function incrementally(names: readonly string[], columns: BarColumns): number[][] {
  const engine = new FeatureEngine(compileFeatures(names));
  engine.ensureSeries(1);
  const bar = createBarInput();
  const vector = new Float64Array(names.length);
  const lists: number[][] = names.map(() => []);
  for (let i = 0; i < columns.close.length; i++) {
    for (const field of BAR_FIELDS) bar[field] = columns[field][i] as number;
    engine.update(0, bar);
    engine.latest(0, vector);
    for (let k = 0; k < names.length; k++) lists[k]?.push(vector[k] as number);
  }
  return lists;
}

/** Computes every expected list twice, bar by bar and over the whole history; both must match. */
export const checkIndicators: GoldenChecker = (golden, file) => {
  const actual: { [key: string]: Json } = {};
  for (const [key, expected] of Object.entries(golden.expected)) {
    const name = parseName(key);
    const columns = columnsOf(golden, name.sessionBars);
    const lists = name.list === undefined ? Object.keys(name.outputs) : [name.list];
    const suffix = name.parameters.map((value) => `_${value}`).join('');
    const features = lists.map((list) => `${name.outputs[list]}${suffix}`);
    const forms = [
      incrementally(features, columns),
      features.map((feature) => Array.from(wholeHistory(feature, columns))),
    ];
    for (const [form, values] of forms.entries()) {
      const shaped = shape(expected, lists, values);
      const difference = firstDifference(expected, shaped, file.tolerance, key);
      if (difference !== undefined) return `${difference} in the ${form === 0 ? 'incremental' : 'whole-history'} form`;
      actual[key] = shaped;
    }
  }
  return actual;
};

/** A plain list where one is expected, else an object of lists with the index of the first value. */
function shape(expected: Json, lists: readonly string[], values: readonly number[][]): Json {
  if (!isObject(expected)) return values[0] ?? null;
  const first = values[0]?.findIndex((value) => !Number.isNaN(value)) ?? -1;
  const firstIndex = first < 0 ? (expected.first_index ?? -1) : first;
  return { first_index: firstIndex, ...Object.fromEntries(lists.map((list, i) => [list, values[i] ?? []])) };
}
