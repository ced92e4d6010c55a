import type { Micros } from '../base/index.ts';
import type { AssetClass, CorporateAction } from '../model/index.ts';
import type {
  BootstrapStatus,
  BreakRequest,
  BreakResult,
  GapRow,
  HealthReport,
  ProbeReport,
  QuarantineRow,
  RunStatus,
  SourceCounters,
  SourceRow,
  SymbolFreshness,
  SymbolRow,
  TradingModes,
} from './protocol/index.ts';

/** A closed bar as the stores give it; times in microseconds. */
export interface StoredBar {
  readonly start: Micros;
  readonly end?: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap?: number;
  readonly trades?: number;
  readonly revision: number;
  readonly source?: string;
  readonly quality?: number;
}

/** The bar that is being built now. `vwap` is NaN while nothing with a size was traded. */
export interface FormingBar {
  readonly startUs: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number;
  readonly trades: number;
  readonly source: string;
  readonly quality: number;
}

/** The newest feature vector of a symbol and timeframe, in the order of {@link ApiContext.featurePlan}. */
export interface FeatureVector {
  /** Start of the bar it belongs to; `undefined` before the first closed bar. */
  readonly startUs: Micros | undefined;
  /** NaN while warming. */
  readonly values: ArrayLike<number>;
  /** Bars still needed before there is a value; 0 when warm. */
  readonly barsToWarm: ArrayLike<number>;
}

export interface FeatureDescription {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

export interface BarQuery {
  readonly symbol: string;
  readonly timeframe: string;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  readonly limit: number;
  /** The last `limit` bars of the range instead of the first; ascending either way. */
  readonly latest: boolean;
}

export interface PageQuery {
  readonly limit: number;
  /** What an earlier answer gave as `nextCursor`. */
  readonly cursor?: string;
}

export interface GapQuery extends PageQuery {
  readonly symbol?: string;
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

export interface QuarantineQuery extends PageQuery {
  readonly source?: string;
  readonly reason?: string;
  readonly symbol?: string;
}

/** A part of an answer; `nextCursor` is `undefined` at the end and uses only `A-Z a-z 0-9 . _ : -`. */
export interface Slice<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | undefined;
}

/** What the process counts, read when metrics are asked for. */
export interface RunCounters {
  readonly bySource: Readonly<Record<string, SourceCounters>>;
  /** `tickloom_events_received_total`, `…_accepted_total` by source and kind. */
  readonly received: readonly { readonly source: string; readonly kind: string; readonly count: number }[];
  readonly accepted: readonly { readonly source: string; readonly kind: string; readonly count: number }[];
  readonly quarantined: readonly { readonly source: string; readonly reason: string; readonly count: number }[];
  readonly dropped: readonly { readonly queue: string; readonly policy: string; readonly count: number }[];
  readonly queues: readonly { readonly queue: string; readonly depth: number; readonly capacity: number }[];
  readonly revisions: readonly { readonly timeframe: string; readonly count: number }[];
  /** How often each bound of the engine was reached. */
  readonly limits: readonly { readonly limit: string; readonly count: number }[];
  readonly gaps: readonly { readonly state: string; readonly count: number }[];
  readonly pendingRows: readonly { readonly store: string; readonly rows: number }[];
  /** `undefined` where it cannot be told. */
  readonly diskFreeBytes: number | undefined;
}

export interface InstrumentFacts {
  readonly symbol: string;
  readonly assetClass: AssetClass;
}

/**
 * Everything the API needs from the program around it. The composition implements it over the engine's views and the
 * stores; nothing here waits for the engine, except what returns a promise.
 */
export interface ApiContext {
  readonly version: string;
  /** Timeframes of the engine, ascending. */
  readonly timeframes: readonly string[];
  /** Timeframes that features are computed for. */
  readonly featureTimeframes: readonly string[];
  readonly featurePlan: readonly FeatureDescription[];
  readonly staleAfterS: number;
  /** Logical time of the engine. */
  engineTimeUs(): Micros;
  instrument(symbol: string): InstrumentFacts | undefined;
  run(): RunStatus;
  health(): Omit<HealthReport, 'version' | 'mode' | 'uptime_s'>;
  ready(): ProbeReport;
  symbols(): readonly SymbolRow[];
  sources(): readonly SourceRow[];
  /** How old the newest event of a symbol is; `undefined` for a symbol that is not known. */
  freshness?(symbol: string): SymbolFreshness | undefined;
  tradingModes(): TradingModes;
  bootstrap(): BootstrapStatus;
  /** Closed bars of [fromUs, toUs), including those that are not written out yet. At most `limit`, ascending. */
  readBars(query: BarQuery): Promise<readonly StoredBar[]>;
  /** Splits and dividends of a symbol, every announcement of them. Absent where none are kept. */
  actions?(symbol: string): readonly CorporateAction[];
  formingBar(symbol: string, timeframe: string): FormingBar | undefined;
  /** Bars that have ended and are held open for stragglers, oldest first. */
  pendingBars(symbol: string, timeframe: string): readonly FormingBar[];
  features(symbol: string, timeframe: string): FeatureVector | undefined;
  /** Newest first. */
  gaps(query: GapQuery): Promise<Slice<GapRow>>;
  /** Newest first; `total` counts what the filter matches. */
  quarantine(query: QuarantineQuery): Promise<Slice<QuarantineRow> & { readonly total: number }>;
  counters(): RunCounters;
  /** Breaks something on purpose; present in demo and simulated runs only. */
  readonly breakDemo?: (request: BreakRequest) => Promise<BreakResult>;
}
