/**
 * The shapes that the dashboard reads: HTTP answers and WebSocket events, as JSON has them.
 *
 * Times are RFC 3339 strings in UTC, names are snake_case, a value that does not exist is absent or `null`
 * (never 0). This file holds types only, so that a browser build takes nothing of the server with it.
 */

import type { Channel } from './channels.ts';
import type { AlertEvent, OutcomeEvent, PatternMatchEvent, RegimeChangeEvent, SignalEvent } from './statements.ts';

/** RFC 3339 in UTC, for example `2026-01-30T08:15:00Z`, with fractions of a second where there are any. */
export type Rfc3339 = string;

/** How the run gets its events. */
export type RunMode = 'live' | 'demo' | 'replay' | 'simulated';

/** One bar, stamped with its START. Prices are never null: an interval without trades has no bar, but a gap record. */
export interface BarRow {
  readonly symbol?: string;
  readonly start: Rfc3339;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number | null;
  readonly trade_count: number;
  readonly timeframe: string;
  /** False while the bar is forming. */
  readonly final: boolean;
  /** 0 for the first closed version, n after n corrections. */
  readonly revision: number;
  readonly source: string;
  /** Quality score in [0, 1]. */
  readonly quality: number;
}

/**
 * Answer of `GET /api/v1/data/stocks|crypto/{symbol}`. Bars ascend by `start`. Without `from` the page holds the
 * latest `limit` bars before `to` (default now), and `next_cursor` continues towards the past; with `from` it
 * continues towards `to`. `next_cursor` is null at the end.
 */
export interface BarPage {
  readonly symbol: string;
  readonly timeframe: string;
  readonly bars: readonly BarRow[];
  readonly next_cursor: string | null;
}

/** Where a market is in its trading day. */
export interface SessionState {
  readonly state: 'open' | 'pre' | 'post' | 'closed' | 'always';
  /** When the state changes next; null for a market that never closes. */
  readonly next_change: Rfc3339 | null;
}

/** One row of `GET /api/v1/symbols`. */
export interface SymbolRow {
  readonly symbol: string;
  readonly asset_class: 'equity' | 'crypto' | 'forex' | 'index' | 'macro' | 'future';
  readonly calendar: string;
  /** IANA zone of the venue, for the "exchange" time-zone choice. */
  readonly zone: string;
  readonly currency: string;
  readonly session: SessionState;
  readonly last: number | null;
  /** Against the close of the previous session (24/7 markets: 24 h ago, or the oldest bar held). */
  readonly change: number | null;
  /** The same as a ratio: 0.01 is one percent. */
  readonly change_ratio: number | null;
  readonly last_event_at: Rfc3339 | null;
  readonly stale: boolean;
  readonly quality: number | null;
  readonly source: string | null;
  /** Closes of the latest one-minute bars, oldest first, at most 60. */
  readonly sparkline: readonly number[];
}

/** Answer of `GET /api/v1/symbols`. */
export interface SymbolList {
  readonly symbols: readonly SymbolRow[];
  /** A symbol without news for longer than this in its session is stale (DQ-3). */
  readonly stale_after_s: number;
  readonly timeframes: readonly string[];
}

/** Answer of `GET /api/v1/run`; the `stats` event carries the same fields once a second. */
export interface RunStatus {
  readonly mode: RunMode;
  /** Replay speed as a multiple of real time; null at maximum speed and for other modes. */
  readonly speed: number | null;
  readonly run_id: string;
  readonly version: string;
  /** Rolling digest of all outputs so far, hexadecimal. */
  readonly digest: string;
  readonly engine_time: Rfc3339;
  /** Newest receive time handled, behind the wall clock. Null when the run has no wall clock (replay at maximum speed). */
  readonly lag_ms: number | null;
  readonly uptime_s: number;
  readonly events: number;
  readonly events_per_s: number;
  readonly stale: number;
  readonly symbols: number;
  readonly breakers_open: number;
  readonly training: string;
  /** True where `POST /api/v1/demo/break` is offered (demo and simulated runs). */
  readonly can_break: boolean;
}

/** One row of `GET /api/v1/sources`. */
export interface SourceRow {
  readonly id: string;
  readonly state: 'connecting' | 'live' | 'stalled' | 'reconnecting' | 'stopped' | 'disabled';
  /** Where several sources carry the same symbols: whether it serves any now. */
  readonly role: 'serving' | 'stand_by' | 'failed';
  /** Symbols that it serves now, and times that it took over from another source. */
  readonly serves: number;
  readonly take_overs: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly events_per_s: number;
  readonly lag_ms: number | null;
  /** Shortest time from event to receipt in the last half minute or so: below zero its clock is ahead of ours. */
  readonly clock_skew_ms: number | null;
  readonly quota: { readonly left: number; readonly limit: number; readonly window: string } | null;
  readonly last_event_at: Rfc3339 | null;
  readonly last_error: { readonly code: string; readonly message: string; readonly at: Rfc3339 } | null;
  readonly reconnects: number;
  readonly symbols: number;
  /** Recent times without data, oldest first; `to` is null while it lasts. */
  readonly outages: readonly { readonly from: Rfc3339; readonly to: Rfc3339 | null; readonly reason: string }[];
}

/** Answer of `GET /api/v1/sources`. */
export interface SourceList {
  readonly sources: readonly SourceRow[];
}

/** What is known of one interval of one symbol (BEY-4). */
export interface GapRow {
  readonly symbol: string;
  readonly source: string;
  readonly from: Rfc3339;
  /** Null while the gap is still open. */
  readonly to: Rfc3339 | null;
  readonly state: 'open' | 'backfilling' | 'backfilled' | 'other_source' | 'missing' | 'closed';
  readonly reason: string;
  /** Events fetched afterwards, and how many were expected when that is known. */
  readonly repaired: number;
  readonly expected: number | null;
}

/** Answer of `GET /api/v1/gaps?from&to&symbol`: intervals that were not simply live, newest first. */
export interface GapList {
  readonly gaps: readonly GapRow[];
  readonly next_cursor: string | null;
}

/** One row of `GET /api/v1/quarantine`. */
export interface QuarantineRow {
  readonly id: string;
  readonly received_at: Rfc3339;
  readonly source: string;
  readonly symbol: string | null;
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
  readonly raw: string;
}

/** Answer of `GET /api/v1/quarantine`, newest first. */
export interface QuarantineList {
  readonly items: readonly QuarantineRow[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** One named feature of the latest bar. */
export interface FeatureRow {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly description: string;
  /** Bars still needed before there is a value; 0 when warm. */
  readonly bars_to_warm: number;
}

/** Answer of `GET /api/v1/features/{symbol}?timeframe=`. */
export interface FeatureSnapshot {
  readonly symbol: string;
  readonly timeframe: string;
  /** Start of the bar that the values belong to; null before the first closed bar. */
  readonly start: Rfc3339 | null;
  readonly features: readonly FeatureRow[];
}

/** Body of `POST /api/v1/demo/break` (BEY-17). */
export type BreakRequest =
  | { readonly action: 'cut'; readonly seconds: number }
  | { readonly action: 'late_trade' }
  | { readonly action: 'duplicate_storm' };

/** Answer of `POST /api/v1/demo/break`. */
export interface BreakResult {
  readonly action: BreakRequest['action'];
  /** One sentence: what was done, to which symbol, and what will be seen. */
  readonly detail: string;
  readonly symbol: string | null;
  /** The statement on the digest: what the repaired run's digest equals, or how to prove it. Null until known. */
  readonly digest_statement: string | null;
}

/** RFC 9457 problem document. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Channels of `/ws` that the dashboard subscribes to. */
export type DashboardChannel = Channel;

/** What the dashboard sends on `/ws`. `timeframes` narrows the channels `bars` and `features`. */
export type ClientMessage =
  | {
      readonly action: 'subscribe' | 'unsubscribe';
      readonly channels: readonly DashboardChannel[];
      readonly symbols?: readonly string[];
      readonly timeframes?: readonly string[];
      readonly since?: string | number;
    }
  | { readonly action: 'ping' };

interface EventBase {
  /** Grows along the run; the newest one seen is what `since` takes. Absent on answers to a client's own message. */
  readonly id?: string | number;
  readonly timestamp: Rfc3339;
}

/** A forming, final or revised bar. */
export interface BarEvent extends EventBase, Omit<BarRow, 'symbol'> {
  readonly type: 'bar';
  readonly symbol: string;
}

/** One accepted trade. */
export interface TradeEvent extends EventBase {
  readonly type: 'trade';
  readonly symbol: string;
  readonly price: number;
  readonly size: number;
  readonly source: string;
}

/** Feature values of one closed bar; null while a feature is warming up. */
export interface FeaturesEvent extends EventBase {
  readonly type: 'features';
  readonly symbol: string;
  readonly timeframe: string;
  readonly start: Rfc3339;
  /** Revision of the bar that the values belong to. */
  readonly revision?: number;
  readonly values: { readonly [name: string]: number | null };
}

/** A gap was opened, is being repaired, or was settled. */
export interface GapEvent extends EventBase, GapRow {
  readonly type: 'gap';
}

/** Once a second: the run's status. */
export interface StatsEvent extends EventBase, RunStatus {
  readonly type: 'stats';
}

/**
 * Answers to a client's message. `hello` opens every connection; its `last_id` is the id of the newest event, so that
 * `since` can be used even by a client that has seen no event yet.
 */
export interface ControlEvent extends EventBase {
  readonly type: 'subscribed' | 'unsubscribed' | 'pong' | 'error' | 'hello';
  readonly message?: string;
  readonly code?: string;
  /** On `error`: the member of the message that is wrong, as a JSON pointer. */
  readonly pointer?: string;
  readonly channels?: readonly string[];
  readonly last_id?: number;
}

/**
 * `since` could not be honoured: events between `since` and `oldest_id` are gone from the log. The client reads the
 * paths in `fetch` anew; every event after `last_id` follows on the socket.
 */
export interface ResyncEvent extends EventBase {
  readonly type: 'resync';
  readonly message: string;
  readonly since: number;
  readonly oldest_id: number;
  readonly last_id: number;
  readonly fetch: readonly string[];
}

/** Whatever `/ws` sends; a frame holds one event or an array of events in order. */
export type ServerEvent =
  | BarEvent
  | TradeEvent
  | FeaturesEvent
  | GapEvent
  | StatsEvent
  | AlertEvent
  | PatternMatchEvent
  | RegimeChangeEvent
  | SignalEvent
  | OutcomeEvent
  | ResyncEvent
  | ControlEvent;
