/**
 * What an indicator may read of one closed bar, in the order of a frame of doubles. NaN means not known for this bar
 * (no quote seen, no trade signed). A new kind of input (a benchmark's close, a macro level) is one more name here.
 */
export const BAR_FIELDS = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  /** Volume-weighted price of the bar's trades. */
  'vwap',
  'tradeCount',
  /** 1 on the first bar of a session, else 0. */
  'sessionStart',
  /** Volume of trades that lifted the offer (aggressor flag, quote rule or tick rule: the bar builder decides). */
  'buyVolume',
  /** Volume of trades that hit the bid. */
  'sellVolume',
  /** Last bid and ask inside the bar or before it, and their sizes. */
  'bid',
  'ask',
  'bidSize',
  'askSize',
] as const;

export type BarField = (typeof BAR_FIELDS)[number];

/** One closed bar as the feature engine takes it: a struct that the caller fills and uses again for every bar. */
export type BarInput = { [field in BarField]: number };

/** The same as columns, oldest bar first; all columns are equally long. */
export type BarColumns = { readonly [field in BarField]: Float64Array };

/** A reusable input with every field missing but `sessionStart`, which is 0. */
export function createBarInput(): BarInput {
  return {
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: Number.NaN,
    vwap: Number.NaN,
    tradeCount: Number.NaN,
    sessionStart: 0,
    buyVolume: Number.NaN,
    sellVolume: Number.NaN,
    bid: Number.NaN,
    ask: Number.NaN,
    bidSize: Number.NaN,
    askSize: Number.NaN,
  };
}

/** Columns for `length` bars: the given ones as they are, the others NaN (`sessionStart` 0). */
export function barColumns(length: number, known: Partial<BarColumns> = {}): BarColumns {
  const columns = {} as { [field in BarField]: Float64Array };
  for (const field of BAR_FIELDS) {
    columns[field] = known[field] ?? new Float64Array(length).fill(field === 'sessionStart' ? 0 : Number.NaN);
  }
  return columns;
}
