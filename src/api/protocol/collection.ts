import type { SourceRow } from './dashboard.ts';
import type { HealthState, SymbolFreshness } from './health.ts';

/** One way of trading and whether what is measured now is good enough for it. */
export interface TradingModeRow {
  readonly mode: 'swing' | 'position' | 'day_trading' | 'scalping' | 'intraday';
  readonly available: boolean;
  readonly horizon: string;
  /** Why it is not available; empty where it is. */
  readonly reasons: readonly string[];
}

/** Answer of `GET /ml/trading-modes`. */
export interface TradingModes {
  /** `eod`: the bars of days, after the close; `realtime`: events as they happen. */
  readonly collection: 'eod' | 'realtime';
  readonly modes: readonly TradingModeRow[];
  /** What was measured to say so. */
  readonly facts: {
    readonly live_sources: readonly string[];
    readonly timeframes: readonly string[];
    readonly newest_event_age_s: number | null;
    readonly lag_s: number | null;
  };
}

/** Answer of `GET /ml/realtime/status`: what is collected now, by whom, and how fresh it is. */
export interface RealtimeStatus {
  readonly collection: 'eod' | 'realtime';
  readonly status: HealthState;
  readonly sources: readonly SourceRow[];
  /** Symbols without news for too long in their session: their last known values are served, this old. */
  readonly stale: { readonly [symbol: string]: SymbolFreshness };
}

/** A stretch of bars that are missing from the stored history. */
export interface MissingBarsRow {
  readonly from: string;
  readonly to: string;
  readonly bars: number;
  /** `no-trades`, `provider-has-none`, `quarantined`, `quota-spent`, `failed` or `not-fetched`. */
  readonly reason: string;
  readonly code: string | null;
  readonly detail: string | null;
}

/** What the newest look at the stored history found. */
export interface BootstrapFindings {
  readonly at: string;
  readonly sources: readonly string[];
  readonly timeframe: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'complete' | 'incomplete';
  readonly expected: number;
  readonly present: number;
  readonly missing_by_reason: { readonly [reason: string]: number };
  readonly fetched_ranges: number;
  readonly fetched_bars: number;
  readonly recorded_bars: number;
  readonly backfilled_bars: number;
  readonly unreadable_rows: number;
  readonly symbols: readonly {
    readonly symbol: string;
    readonly expected: number;
    readonly present: number;
    /** Stretches that are not listed: there are too many. */
    readonly unlisted: number;
    readonly missing: readonly MissingBarsRow[];
  }[];
}

/** Answer of `GET /api/v1/bootstrap`. */
export interface BootstrapStatus {
  readonly state: 'off' | 'fetching' | 'storing' | 'done' | 'failed';
  /** What went wrong, in state `failed`. */
  readonly error: string | null;
  readonly ranges_done: number;
  readonly ranges_total: number;
  readonly bars: number;
  /** Null before the first time that history was looked at. */
  readonly report: BootstrapFindings | null;
}
