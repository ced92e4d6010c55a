/** What a store can hold. */
export const DATA_KINDS = ['bars', 'trades', 'quotes', 'features', 'quarantine', 'gaps'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/**
 * How a column is kept: `time` is integer microseconds since the epoch, `int64` an integer below 2^53, `id` a
 * provider's id (a number where that loses nothing, text otherwise).
 */
export type ColumnType = 'text' | 'time' | 'double' | 'int32' | 'int64' | 'id';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether rows may lack it. Missing is NaN in a numeric column and the empty text in a text column. */
  readonly isOptional: boolean;
}

/** The fixed schema of one kind of rows, the same in every back end and in the lake's files. */
export interface DataSet {
  readonly kind: DataKind;
  /** Version of the schema; a file of another version is never mixed into the same data set. */
  readonly version: number;
  readonly columns: readonly ColumnSpec[];
  /** The time column that ranges, order and date partitions refer to. */
  readonly time: string;
  /** Rows with equal key replace each other; an empty key means every row is its own (the tape's order names them). */
  readonly key: readonly string[];
  /** Whether rows belong to a timeframe, which is kept beside the columns (a partition in the lake). */
  readonly hasTimeframe: boolean;
}

function column(name: string, type: ColumnType): ColumnSpec {
  return { name, type, isOptional: false };
}

function optional(name: string, type: ColumnType): ColumnSpec {
  return { name, type, isOptional: true };
}

/** Closed bars; `start` and `end` bound the half-open interval. */
export const BAR_DATA: DataSet = {
  kind: 'bars',
  version: 1,
  columns: [
    column('symbol', 'text'),
    column('start', 'time'),
    optional('end', 'time'),
    column('open', 'double'),
    column('high', 'double'),
    column('low', 'double'),
    column('close', 'double'),
    column('volume', 'double'),
    optional('vwap', 'double'),
    optional('trades', 'int64'),
    column('revision', 'int32'),
    optional('source', 'text'),
    optional('quality', 'double'),
  ],
  time: 'start',
  key: ['symbol', 'start'],
  hasTimeframe: true,
};

/**
 * Trades as they came, in tape order. `action` is `trade`, `correction` (replaces the trade of the same `id`) or
 * `cancel`; `reasons` is the bit set of soft quality reasons.
 */
export const TRADE_DATA: DataSet = {
  kind: 'trades',
  version: 1,
  columns: [
    column('symbol', 'text'),
    column('ts', 'time'),
    optional('recv', 'time'),
    optional('price', 'double'),
    optional('size', 'double'),
    optional('exchange', 'text'),
    optional('conditions', 'text'),
    optional('id', 'id'),
    column('action', 'text'),
    optional('source', 'text'),
    optional('seq', 'int64'),
    optional('quality', 'double'),
    optional('reasons', 'int32'),
  ],
  time: 'ts',
  key: [],
  hasTimeframe: false,
};

/** Best bid and ask after each change; an absent side is missing. */
export const QUOTE_DATA: DataSet = {
  kind: 'quotes',
  version: 1,
  columns: [
    column('symbol', 'text'),
    column('ts', 'time'),
    optional('recv', 'time'),
    optional('bid', 'double'),
    optional('bidSize', 'double'),
    optional('ask', 'double'),
    optional('askSize', 'double'),
    optional('exchange', 'text'),
    optional('conditions', 'text'),
    optional('source', 'text'),
    optional('seq', 'int64'),
    optional('quality', 'double'),
    optional('reasons', 'int32'),
  ],
  time: 'ts',
  key: [],
  hasTimeframe: false,
};

/** Rejected input with what came over the wire. */
export const QUARANTINE_DATA: DataSet = {
  kind: 'quarantine',
  version: 1,
  columns: [
    optional('symbol', 'text'),
    column('ts', 'time'),
    optional('recv', 'time'),
    optional('source', 'text'),
    column('event', 'text'),
    column('reason', 'text'),
    optional('detail', 'text'),
    optional('raw', 'text'),
    optional('seq', 'int64'),
  ],
  time: 'ts',
  key: [],
  hasTimeframe: false,
};

/** The gap ledger; `to` is missing while a gap is open. */
export const GAP_DATA: DataSet = {
  kind: 'gaps',
  version: 1,
  columns: [
    column('symbol', 'text'),
    column('from', 'time'),
    optional('to', 'time'),
    column('source', 'text'),
    column('state', 'text'),
    optional('cause', 'text'),
    optional('recovered', 'int64'),
    optional('id', 'int64'),
  ],
  time: 'from',
  key: ['symbol', 'from', 'source'],
  hasTimeframe: false,
};

const FEATURE_HEAD: readonly ColumnSpec[] = [
  column('symbol', 'text'),
  column('start', 'time'),
  column('revision', 'int32'),
];

/** Feature vectors: one column per feature of the plan, all from day one; missing while a feature is warming. */
export function featureData(names: readonly string[]): DataSet {
  return {
    kind: 'features',
    version: 1,
    columns: [...FEATURE_HEAD, ...names.map((name) => optional(name, 'double'))],
    time: 'start',
    key: ['symbol', 'start'],
    hasTimeframe: true,
  };
}

/** The data set of every kind; features by the plan's names. */
export function dataSets(featureNames: readonly string[]): Readonly<Record<DataKind, DataSet>> {
  return {
    bars: BAR_DATA,
    trades: TRADE_DATA,
    quotes: QUOTE_DATA,
    features: featureData(featureNames),
    quarantine: QUARANTINE_DATA,
    gaps: GAP_DATA,
  };
}

/** Index of a column by name. */
export function columnIndex(dataSet: DataSet, name: string): number {
  return dataSet.columns.findIndex((spec) => spec.name === name);
}
