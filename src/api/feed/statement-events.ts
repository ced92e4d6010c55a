import { formatMicros, type Micros } from '../../base/index.ts';
import type {
  Anomaly,
  Outcome,
  PatternMatch,
  PatternOdds,
  PriceLevels,
  Regime,
  RegimeChange,
  Signal,
} from '../../model/index.ts';
import type {
  AlertEvent,
  EntrySignal,
  OutcomeEvent,
  PatternMatchEvent,
  RegimeChangeEvent,
  SignalEvent,
  WireOdds,
  WireRegime,
  WireRegimeClasses,
} from '../protocol/index.ts';
import { orNull } from './bar-wire.ts';

/** Ids and names that a statement gets on its way to the wire. */
export interface WireNames {
  readonly id: number;
  readonly symbol: string;
  readonly timeframe: string;
  readonly replacesId: number | undefined;
}

/** The statements of one bar close share their few times; beyond so many the texts are made anew. */
const MAX_TIMES = 256;
const times = new Map<number, string>();

function timeText(us: Micros): string {
  let text = times.get(us);
  if (text === undefined) {
    if (times.size >= MAX_TIMES) times.clear();
    text = formatMicros(us);
    times.set(us, text);
  }
  return text;
}

const WORDS = { '1': 'up', '-1': 'down', '0': 'none' } as const;

/**
 * How close a pattern is to its definition, in the words of a signal: it says nothing of how likely it is. A few candles
 * are never STRONG, and a match within its tolerance only is HOLD until what follows such matches has been measured.
 */
export function entrySignal(
  match: Pick<PatternMatch, 'direction' | 'status' | 'confidence' | 'family' | 'isExact' | 'odds'>,
): EntrySignal {
  const { direction, status, confidence, family, isExact, odds } = match;
  if (direction === 0 || status === 'WATCHING') return 'HOLD';
  if (!isExact && odds.n === 0) return 'HOLD';
  const isStrong = status === 'TRIGGERED' && confidence >= 90 && family !== 'candlestick';
  if (direction === 1) return isStrong ? 'STRONG BUY' : 'BUY';
  return isStrong ? 'STRONG SELL' : 'SELL';
}

export function patternMatchEvent(match: PatternMatch, names: WireNames): PatternMatchEvent {
  const { regime } = match;
  return {
    type: 'pattern_match',
    timestamp: timeText(match.atUs),
    symbol: names.symbol,
    pattern_id: match.patternId,
    confidence: plain(match.confidence),
    status: match.status,
    probability: percent(match.odds.probability),
    entry_signal: entrySignal(match),
    ...levels(match.plan, match.riskReward),
    ...barTail(match, names),
    family: match.family,
    direction: WORDS[`${match.direction}`],
    formed_from: timeText(match.fromUs),
    formed_at: timeText(match.formedAtUs),
    points: match.points.map(({ role, tsUs, price }) => ({ role, time: timeText(tsUs), price })),
    odds: wireOdds(match.odds),
    regime: classes(regime),
    quality: match.quality,
  };
}

export function regimeChangeEvent(change: RegimeChange, names: WireNames): RegimeChangeEvent {
  return {
    type: 'regime_change',
    timestamp: timeText(change.atUs),
    symbol: names.symbol,
    from: classes(change.from),
    to: classes(change.to),
    current: wireRegime(change.change === 'withdrawn' ? change.from : change.to),
    ...barTail(change, names),
  };
}

/** @param patterns ids of the events of the patterns that it rests on */
export function signalEvent(signal: Signal, names: WireNames, patterns: readonly number[]): SignalEvent {
  return {
    type: 'signal',
    timestamp: timeText(signal.atUs),
    symbol: names.symbol,
    action: signal.action,
    score: plain(signal.score),
    confidence: plain(signal.confidence),
    probability: signal.odds === undefined ? null : percent(signal.odds.probability),
    ...levels(signal.plan, signal.riskReward),
    ...barTail(signal, names),
    odds: signal.odds === undefined ? null : wireOdds(signal.odds),
    patterns,
    expires_at: timeText(signal.expiresAtUs),
  };
}

/** @param ofId id of the event that it is the outcome of */
export function outcomeEvent(outcome: Outcome, names: WireNames, ofId: number | undefined): OutcomeEvent {
  return {
    type: 'outcome',
    timestamp: timeText(outcome.atUs),
    symbol: names.symbol,
    pattern_id: outcome.patternId,
    barrier: outcome.barrier,
    direction: WORDS[`${outcome.direction}`],
    entry_price: outcome.entry,
    exit_price: outcome.exit,
    returned: outcome.returned,
    id: names.id,
    statement_id: outcome.id,
    of: ofId ?? null,
    of_statement_id: outcome.of,
    timeframe: names.timeframe,
    entered_at: timeText(outcome.entryUs),
    left_at: timeText(outcome.exitUs),
    both_in_bar: outcome.bothInBar,
  };
}

/** The alert of a triggered pattern, or of what became of that statement. */
export function patternAlert(match: PatternMatch, names: WireNames): AlertEvent {
  const signal = entrySignal(match);
  const verb = match.change === 'withdrawn' ? 'withdrawn' : match.change === 'amended' ? 'amended' : 'triggered';
  return {
    type: 'alert',
    timestamp: timeText(match.atUs),
    level: signal.startsWith('STRONG') ? 'HIGH' : 'MEDIUM',
    message: `Pattern ${typeof match.patternId === 'number' ? '#' : ''}${match.patternId} ${verb} - ${signal} signal`,
    symbol: names.symbol,
    pattern_id: match.patternId,
    entry_price: match.plan?.entry ?? null,
    target_price: match.plan?.target ?? null,
    probability: percent(match.odds.probability),
    id: names.id,
    kind: 'pattern',
    timeframe: names.timeframe,
    statement_id: match.id,
    change: match.change,
    replaces: names.replacesId ?? null,
  };
}

export function anomalyAlert(anomaly: Anomaly, names: Omit<WireNames, 'timeframe'>, timeframe?: string): AlertEvent {
  return {
    type: 'alert',
    timestamp: timeText(anomaly.atUs),
    level: anomalyLevel(anomaly),
    message: anomaly.detail,
    symbol: names.symbol,
    id: names.id,
    kind: 'anomaly',
    ...(timeframe === undefined ? {} : { timeframe }),
    statement_id: anomaly.id,
    value: orNull(anomaly.value),
    limit: orNull(anomaly.limit),
  };
}

/** That something is over is good news. */
function anomalyLevel({ kind, isOver }: Anomaly): AlertEvent['level'] {
  if (isOver) return 'LOW';
  return kind === 'feed_divergence' ? 'HIGH' : 'MEDIUM';
}

/** A sentence about the program itself. */
export function systemAlert(
  level: AlertEvent['level'],
  message: string,
  atUs: Micros,
  id: number,
  symbol?: string,
): AlertEvent {
  return {
    type: 'alert',
    timestamp: timeText(atUs),
    level,
    message,
    ...(symbol === undefined ? {} : { symbol }),
    id,
    kind: 'system',
  };
}

function barTail(statement: PatternMatch | RegimeChange | Signal, names: WireNames) {
  return {
    id: names.id,
    statement_id: statement.id,
    change: statement.change,
    replaces: names.replacesId ?? null,
    timeframe: names.timeframe,
    bar_start: timeText(statement.barStartUs),
    bar_revision: statement.barRevision,
    knowable_at: timeText(statement.knowableAtUs),
  };
}

function levels(plan: PriceLevels | undefined, riskReward: number | undefined) {
  return {
    entry_price: plan?.entry ?? null,
    target_price: plan?.target ?? null,
    stop_loss: plan?.stop ?? null,
    risk_reward_ratio: riskReward === undefined ? null : plain(riskReward),
  };
}

function wireOdds(odds: PatternOdds): WireOdds {
  return {
    legacy_score: plain(odds.legacyScore),
    low: odds.low,
    high: odds.high,
    n: odds.n,
    n_effective: odds.nEffective,
    success_rate: orNull(odds.successRate),
    random_rate: odds.randomRate,
    has_edge: odds.hasEdge,
  };
}

function classes(regime: Regime): WireRegimeClasses {
  return { volatility: regime.volatility ?? null, trend: regime.trend ?? null };
}

function wireRegime(regime: Regime): WireRegime {
  return {
    ...classes(regime),
    volatility_pct: orNull(regime.volatilityPct),
    trend_z: orNull(regime.trendZ),
    turbulent_probability: orNull(regime.turbulentProbability),
    change_point_probability: orNull(regime.changePointProbability),
  };
}

/** A share as percent, without the digits that are noise. */
function percent(share: number): number {
  return plain(share * 100);
}

/** At most four digits behind the point: these numbers are for people. */
function plain(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
