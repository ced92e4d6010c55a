import type { Rfc3339 } from './dashboard.ts';

/**
 * Events about what the engine says of a market: patterns, regimes, signals, outcomes, alerts. The members of the
 * source system's messages come first and in its order; ours follow, beginning with `id`.
 */

export type EntrySignal = 'STRONG SELL' | 'SELL' | 'HOLD' | 'BUY' | 'STRONG BUY';
export type WireChange = 'new' | 'amended' | 'withdrawn';

/** What every statement has beside what it says. */
interface StatementTail {
  /** Grows along the run and over restarts; the newest one seen is what `since` takes. */
  readonly id: number;
  /** The engine's number of the statement: the same however often the tape is replayed. */
  readonly statement_id: number;
  readonly change: WireChange;
  /** Id of the event that this one takes the place of; null for a new one (or where that one is no longer known). */
  readonly replaces: number | null;
}

/** Where and when a statement was made. */
interface BarTail extends StatementTail {
  readonly timeframe: string;
  /** The bar at whose close it was made. */
  readonly bar_start: Rfc3339;
  readonly bar_revision: number;
  /** When it could be known at the earliest. */
  readonly knowable_at: Rfc3339;
}

/** What tracked outcomes say. Shares in [0, 1]. */
export interface WireOdds {
  /** The source system's score, 0 to 100: not a probability. */
  readonly legacy_score: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly n_effective: number;
  /** Null without an occurrence that came to its end. */
  readonly success_rate: number | null;
  /** Success of the same barriers at random entries. */
  readonly random_rate: number;
  /** False: no edge over random entries is measured. */
  readonly has_edge: boolean;
}

export interface PatternMatchEvent extends BarTail {
  readonly type: 'pattern_match';
  readonly timestamp: Rfc3339;
  readonly symbol: string;
  readonly pattern_id: string | number;
  /** 0 to 100: how close the pattern is to its definition. */
  readonly confidence: number;
  readonly status: 'WATCHING' | 'NEAR_TRIGGER' | 'TRIGGERED';
  /** Percent, calibrated. */
  readonly probability: number;
  readonly entry_signal: EntrySignal;
  /** Null for a pattern without a direction. */
  readonly entry_price: number | null;
  readonly target_price: number | null;
  readonly stop_loss: number | null;
  readonly risk_reward_ratio: number | null;
  readonly family: 'tolerance' | 'candlestick' | 'chart';
  readonly direction: 'up' | 'down' | 'none';
  /** The formation: from the start of its first bar to the end of its last. */
  readonly formed_from: Rfc3339;
  readonly formed_at: Rfc3339;
  readonly points: readonly { readonly role: string; readonly time: Rfc3339; readonly price: number }[];
  readonly odds: WireOdds;
  readonly regime: WireRegimeClasses;
  /** Quality of the bar, 0 to 1. */
  readonly quality: number;
}

/** Null while it warms up. */
export interface WireRegimeClasses {
  readonly volatility: 'low' | 'medium' | 'high' | null;
  readonly trend: 'strong_bear' | 'weak_bear' | 'sideways' | 'weak_bull' | 'strong_bull' | null;
}

export interface WireRegime extends WireRegimeClasses {
  /** Volatility of a day in percent. */
  readonly volatility_pct: number | null;
  readonly trend_z: number | null;
  readonly turbulent_probability: number | null;
  readonly change_point_probability: number | null;
}

export interface RegimeChangeEvent extends BarTail {
  readonly type: 'regime_change';
  readonly timestamp: Rfc3339;
  readonly symbol: string;
  readonly from: WireRegimeClasses;
  readonly to: WireRegimeClasses;
  /** The regime that holds after this event: `to`, or `from` where a change is withdrawn. */
  readonly current: WireRegime;
}

export interface SignalEvent extends BarTail {
  readonly type: 'signal';
  readonly timestamp: Rfc3339;
  readonly symbol: string;
  readonly action: EntrySignal;
  /** -100 to 100. */
  readonly score: number;
  readonly confidence: number;
  /** Percent, calibrated; null without a pattern that leads. */
  readonly probability: number | null;
  readonly entry_price: number | null;
  readonly target_price: number | null;
  readonly stop_loss: number | null;
  readonly risk_reward_ratio: number | null;
  readonly odds: WireOdds | null;
  /** Ids of the pattern events that it rests on, the leading one first. */
  readonly patterns: readonly number[];
  readonly expires_at: Rfc3339;
}

export interface OutcomeEvent {
  readonly type: 'outcome';
  readonly timestamp: Rfc3339;
  readonly symbol: string;
  readonly pattern_id: string | number;
  readonly barrier: 'target' | 'stop' | 'expiry';
  readonly direction: 'up' | 'down';
  readonly entry_price: number;
  readonly exit_price: number;
  /** Signed by the direction: 0.01 is one percent gained. */
  readonly returned: number;
  readonly id: number;
  readonly statement_id: number;
  /** Id of the event that it is the outcome of; null where that one is no longer known. */
  readonly of: number | null;
  readonly of_statement_id: number;
  readonly timeframe: string;
  readonly entered_at: Rfc3339;
  readonly left_at: Rfc3339;
  /** Target and stop lay in one bar; counted as the stop. */
  readonly both_in_bar: boolean;
}

/** Something a person should know, in one sentence. */
export interface AlertEvent {
  readonly type: 'alert';
  readonly timestamp: Rfc3339;
  readonly level: 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
  readonly message: string;
  readonly symbol?: string;
  readonly pattern_id?: string | number;
  readonly entry_price?: number | null;
  readonly target_price?: number | null;
  readonly probability?: number;
  readonly id?: number;
  /** What it is about; `signal` and `regime` where a rule asked for it. */
  readonly kind?: 'pattern' | 'regime' | 'signal' | 'anomaly' | 'system';
  /** The rule that made an alert of something that is none by itself. */
  readonly rule?: string;
  readonly timeframe?: string;
  readonly statement_id?: number;
  readonly change?: WireChange;
  readonly replaces?: number | null;
  /** Of an anomaly: what was measured, and the bound that it went beyond. */
  readonly value?: number | null;
  readonly limit?: number | null;
}

/** Answer of `GET /api/v1/patterns`, newest first. */
export interface PatternList {
  readonly patterns: readonly PatternMatchEvent[];
  readonly next_cursor: string | null;
}

/** Answer of `GET /api/v1/signals`, newest first. */
export interface SignalList {
  readonly signals: readonly SignalEvent[];
  readonly next_cursor: string | null;
}

/** Answer of `GET /api/v1/alerts`, newest first. */
export interface AlertList {
  readonly alerts: readonly AlertEvent[];
  readonly next_cursor: string | null;
}

/** Answer of `GET /api/v1/outcomes`, newest first. */
export interface OutcomeList {
  readonly outcomes: readonly OutcomeEvent[];
  readonly next_cursor: string | null;
}

/** Answer of `GET /api/v1/regimes/{symbol}`: what holds per timeframe, and how it came to that, newest first. */
export interface RegimeReport {
  readonly symbol: string;
  readonly current: readonly (WireRegime & {
    readonly timeframe: string;
    /** Time of the change that brought it. */
    readonly since: Rfc3339;
  })[];
  readonly changes: readonly RegimeChangeEvent[];
  readonly next_cursor: string | null;
}
