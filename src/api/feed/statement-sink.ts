import { type Micros, US_PER_HOUR } from '../../base/index.ts';
import type { EventDraft, LocalBus } from '../../bus/index.ts';
import type { EngineSink } from '../../engine/index.ts';
import type { Clock } from '../../host/index.ts';
import {
  type Anomaly,
  type Outcome,
  type PatternMatch,
  parseTimeframe,
  type RegimeChange,
  type Signal,
  type Universe,
} from '../../model/index.ts';
import {
  anomalyAlert,
  outcomeEvent,
  patternAlert,
  patternMatchEvent,
  regimeChangeEvent,
  signalEvent,
} from './statement-events.ts';

export interface StatementSinkOptions {
  readonly bus: LocalBus;
  readonly universe: Universe;
  /** Texts of the engine's timeframes. */
  readonly timeframes: readonly string[];
  /** The machine's clock; absent where engine time follows the source, which may be of any year. */
  readonly clock?: Clock;
}

/** Statements about bars further back than this are made of a past that nobody waited for: they are not published. */
const PAST_BARS = 100;
const MIN_PAST_US = US_PER_HOUR;
/** The same for candlesticks and outcomes; a source may tell a day's bar hours after the day. */
const FREQUENT_PAST_BARS = 2;

/** The engine's sink that puts what it says of the market on the bus. It is there from the first event of the recovery on. */
export class StatementSink implements EngineSink {
  private readonly bus: LocalBus;
  private readonly universe: Universe;
  private readonly timeframes: readonly string[];
  private readonly clock: Clock | undefined;
  /** How far back a statement may lie, by timeframe. */
  private readonly reachUs: readonly number[];
  private readonly frequentReachUs: readonly number[];
  /** Statements about the past that were not published. */
  past = 0;

  constructor(options: StatementSinkOptions) {
    this.clock = options.clock;
    const reach = (bars: number): number[] =>
      options.timeframes.map((text) => Math.max(MIN_PAST_US, bars * parseTimeframe(text).lengthUs));
    this.reachUs = reach(PAST_BARS);
    this.frequentReachUs = reach(FREQUENT_PAST_BARS);
    this.bus = options.bus;
    this.universe = options.universe;
    this.timeframes = options.timeframes;
  }

  onPattern(match: PatternMatch): void {
    if (this.isPast(match, match.knowableAtUs, match.family === 'candlestick')) return;
    const names = this.names(match);
    const id = this.bus.publish({
      channel: 'pattern_matches',
      type: 'pattern_match',
      ...filed(match, names),
      pattern: String(match.patternId),
      status: match.status,
      level: undefined,
      identity: `${place(match)} ${match.family} ${match.patternId} ${match.status} ${match.confidence}`,
      isChained: false,
      build: (eventId, replacesId) => patternMatchEvent(match, { ...names, id: eventId, replacesId }),
    });
    if (id !== undefined && (isAlerting(match) || this.hasAlert(match.replaces))) this.alertOf(match, names);
  }

  /** Whether people were alerted of a statement: they are told when it changes. */
  private hasAlert(statement: number | undefined): boolean {
    return statement !== undefined && this.bus.idOf(statement, 'alert') !== undefined;
  }

  private alertOf(match: PatternMatch, names: Names): void {
    const build = (id: number, replacesId: number | undefined) => patternAlert(match, { ...names, id, replacesId });
    this.bus.publish({
      channel: 'alerts',
      type: 'alert',
      ...filed(match, names),
      pattern: String(match.patternId),
      status: match.status,
      level: build(0, undefined).level,
      identity: `${place(match)} alert ${match.patternId}`,
      isChained: false,
      build,
    });
  }

  onRegime(change: RegimeChange): void {
    if (this.isPast(change, change.knowableAtUs, false)) return;
    const names = this.names(change);
    const { from, to } = change;
    this.bus.publish({
      channel: 'regime_changes',
      type: 'regime_change',
      ...filed(change, names),
      pattern: undefined,
      status: undefined,
      level: undefined,
      identity: `${place(change)} ${from.volatility} ${from.trend} ${to.volatility} ${to.trend}`,
      isChained: false,
      build: (id, replacesId) => regimeChangeEvent(change, { ...names, id, replacesId }),
    });
  }

  onSignal(signal: Signal): void {
    if (this.isPast(signal, signal.knowableAtUs, false)) return;
    const names = this.names(signal);
    this.bus.publish({
      channel: 'signals',
      type: 'signal',
      ...filed(signal, names),
      pattern: undefined,
      status: signal.action,
      level: undefined,
      identity: `${place(signal)} ${signal.action} ${signal.score} ${signal.confidence}`,
      isChained: true,
      build: (id, replacesId) => {
        const patterns = signal.patterns.flatMap((statement) => this.bus.idOf(statement, 'pattern_match') ?? []);
        return signalEvent(signal, { ...names, id, replacesId }, patterns);
      },
    });
  }

  onOutcome(outcome: Outcome): void {
    if (this.isPast(outcome, outcome.exitUs, true)) return;
    const names = this.names(outcome);
    this.bus.publish({
      channel: 'outcomes',
      type: 'outcome',
      symbol: names.symbol,
      timeframe: names.timeframe,
      atUs: outcome.atUs,
      statement: outcome.id,
      replaces: undefined,
      pattern: String(outcome.patternId),
      status: outcome.barrier,
      level: undefined,
      identity: `${outcome.of} ${outcome.entryUs} ${outcome.exitUs} ${outcome.barrier} ${outcome.exit}`,
      isChained: false,
      build: (id) => {
        const ofId = this.bus.idOf(outcome.of, 'pattern_match') ?? this.bus.idOf(outcome.of, 'signal');
        return outcomeEvent(outcome, { ...names, id, replacesId: undefined }, ofId);
      },
    });
  }

  onAnomaly(anomaly: Anomaly): void {
    const symbol = this.universe.symbol(anomaly.symbol);
    const timeframe = anomaly.timeframe === undefined ? undefined : this.timeframes[anomaly.timeframe];
    const build = (id: number) => anomalyAlert(anomaly, { id, symbol, replacesId: undefined }, timeframe);
    this.bus.publish({
      channel: 'alerts',
      type: 'alert',
      symbol,
      timeframe,
      atUs: anomaly.atUs,
      statement: anomaly.id,
      replaces: undefined,
      pattern: undefined,
      status: anomaly.kind,
      level: build(0).level,
      identity: `${symbol} ${timeframe} ${anomaly.kind} ${anomaly.value} ${anomaly.atUs}`,
      isChained: false,
      build,
    });
  }

  /**
   * Whether a statement is about a bar that lies too far back. Of candlesticks, which come with nearly every bar, and of
   * outcomes only what is less than an hour or two bars old is told.
   */
  private isPast(statement: Placed, knowableAtUs: Micros, isFrequent: boolean): boolean {
    const nowUs = Math.max(statement.atUs, this.clock?.nowUs() ?? statement.atUs);
    const reachUs = (isFrequent ? this.frequentReachUs : this.reachUs)[statement.timeframe] as number;
    if (nowUs - knowableAtUs <= reachUs) return false;
    this.past += 1;
    return true;
  }

  private names(statement: { readonly symbol: number; readonly timeframe: number }): Names {
    return {
      symbol: this.universe.symbol(statement.symbol),
      timeframe: this.timeframes[statement.timeframe] as string,
    };
  }
}

interface Placed {
  readonly timeframe: number;
  readonly atUs: Micros;
}

interface Names {
  readonly symbol: string;
  readonly timeframe: string;
}

/** Candlesticks come with nearly every bar: they are no news by themselves, a rule can ask for them. */
function isAlerting(match: PatternMatch): boolean {
  return match.status === 'TRIGGERED' && match.direction !== 0 && match.family !== 'candlestick';
}

function filed(
  statement: PatternMatch | RegimeChange | Signal,
  names: Names,
): Pick<EventDraft, 'symbol' | 'timeframe' | 'atUs' | 'statement' | 'replaces'> {
  return { ...names, atUs: statement.atUs, statement: statement.id, replaces: statement.replaces };
}

function place(statement: PatternMatch | RegimeChange | Signal): string {
  const { symbol, timeframe, barStartUs, barRevision, change } = statement;
  return `${symbol} ${timeframe} ${barStartUs} ${barRevision} ${change}`;
}
