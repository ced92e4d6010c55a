import { Digest } from '../base/index.ts';
import {
  type Anomaly,
  type Bar,
  type BarChange,
  EVENT_KIND_NAMES,
  type EventBatch,
  type EventKind,
  type Gap,
  type Outcome,
  type PatternMatch,
  type PatternOdds,
  type PriceLevels,
  type Regime,
  type RegimeChange,
  type Signal,
  type Universe,
} from '../model/index.ts';
import type { EngineSink } from './ports.ts';

/** Tags that keep outputs of different kinds apart in the digest. */
const TAG = {
  trade: 1,
  quote: 2,
  amendment: 3,
  reject: 4,
  bar: 5,
  features: 6,
  gap: 7,
  status: 8,
  repair: 9,
  pattern: 10,
  regime: 11,
  signal: 12,
  outcome: 13,
  anomaly: 14,
} as const;
const CHANGE_TAG: Readonly<Record<BarChange, number>> = { final: 0, revised: 1, repaired: 2 };

/**
 * Hashes every output of the engine in order. Two runs with the same digest said the same things in the same order,
 * whatever the batch sizes, the process or the machine. Tables are hashed by text, because their ids depend on the
 * order of first sight.
 */
export class DigestSink implements EngineSink {
  private digest = new Digest();
  private readonly universe: Universe;
  private readonly timeframes: readonly string[];
  private readonly featureCount: number;
  /** Outputs hashed so far. */
  outputs = 0;
  private readonly symbolHashes: number[] = [];

  constructor(universe: Universe, timeframes: readonly string[], featureCount: number) {
    this.universe = universe;
    this.timeframes = timeframes;
    this.featureCount = featureCount;
  }

  hex(): string {
    return this.digest.hex();
  }

  /** Begins anew: the digest of a run covers that run only. */
  reset(): void {
    this.digest.reset();
    this.outputs = 0;
  }

  snapshot(): { readonly lanes: readonly number[]; readonly outputs: number } {
    return { lanes: this.digest.snapshot(), outputs: this.outputs };
  }

  restore(state: { readonly lanes: readonly number[]; readonly outputs: number }): void {
    this.digest = Digest.restore(state.lanes);
    this.outputs = state.outputs;
  }

  private open(tag: number, symbol: number): Digest {
    this.outputs++;
    this.digest.integer(tag);
    this.digest.integer(symbol < 0 ? -1 : this.symbolHash(symbol));
    return this.digest;
  }

  private symbolHash(symbol: number): number {
    const known = this.symbolHashes[symbol];
    if (known !== undefined) return known;
    const text = this.universe.symbol(symbol);
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.symbolHashes[symbol] = hash;
    return hash;
  }

  onTrade(batch: EventBatch, row: number, quality: number, reasons: number): void {
    const digest = this.open(TAG.trade, batch.symbol[row] as number);
    digest.number(batch.tsEventUs[row] as number);
    digest.number(batch.tsRecvUs[row] as number);
    digest.number(batch.p0[row] as number);
    digest.number(batch.p1[row] as number);
    digest.number(quality);
    digest.integer(reasons);
  }

  onQuote(batch: EventBatch, row: number, quality: number, reasons: number): void {
    this.onTrade(batch, row, quality, reasons);
    this.digest.number(batch.p2[row] as number);
    this.digest.number(batch.p3[row] as number);
  }

  onAmendment(batch: EventBatch, row: number, quality: number): void {
    const digest = this.open(TAG.amendment, batch.symbol[row] as number);
    digest.text(EVENT_KIND_NAMES[batch.kind[row] as EventKind]);
    digest.text(batch.idOf(row) ?? '');
    digest.number(batch.tsEventUs[row] as number);
    digest.number(batch.tsRecvUs[row] as number);
    digest.number(batch.p0[row] as number);
    digest.number(batch.p1[row] as number);
    digest.number(quality);
  }

  onReject(batch: EventBatch, row: number, reason: string): void {
    const digest = this.open(TAG.reject, batch.symbol[row] as number);
    digest.text(reason);
    digest.number(batch.tsRecvUs[row] as number);
  }

  onBar(bar: Bar, change: BarChange): void {
    const digest = this.open(TAG.bar, bar.symbol);
    digest.integer(CHANGE_TAG[change]);
    digest.text(this.timeframes[bar.timeframe] as string);
    addBarValues(digest, bar);
    digest.integer(bar.revision);
    digest.number(bar.quality);
    digest.text(this.universe.sources.text(bar.source));
  }

  onBarRetracted(bar: Bar, change: BarChange): void {
    this.onBar(bar, change);
  }

  onFeatures(bar: Bar, values: Float64Array, offset: number): void {
    const digest = this.open(TAG.features, bar.symbol);
    digest.text(this.timeframes[bar.timeframe] as string);
    digest.number(bar.startUs);
    digest.integer(bar.revision);
    digest.numbers(values, offset, this.featureCount);
  }

  onGap(gap: Gap): void {
    const digest = this.open(TAG.gap, gap.symbol);
    digest.number(gap.fromUs);
    digest.number(gap.toUs);
    digest.text(gap.state);
    digest.text(gap.cause);
    digest.number(gap.recovered);
  }

  onStatus(batch: EventBatch, row: number): void {
    const digest = this.open(TAG.status, batch.symbol[row] as number);
    digest.number(batch.tsRecvUs[row] as number);
    const payload = batch.payload[row];
    if (payload?.type === 'status') digest.text(`${payload.state} ${payload.reason}`);
  }

  onPattern(match: PatternMatch): void {
    const digest = this.openStatement(TAG.pattern, match);
    digest.text(`${match.family} ${match.patternId} ${match.status}`);
    digest.integer(match.direction);
    digest.integer(match.isExact ? 1 : 0);
    digest.number(match.confidence);
    digest.number(match.fromUs);
    digest.number(match.formedAtUs);
    for (const point of match.points) {
      digest.text(point.role);
      digest.number(point.tsUs);
      digest.number(point.price);
    }
    addLevels(digest, match.plan);
    addOdds(digest, match.odds);
    addRegime(digest, match.regime);
  }

  onRegime(change: RegimeChange): void {
    const digest = this.openStatement(TAG.regime, change);
    addRegime(digest, change.from);
    addRegime(digest, change.to);
  }

  onSignal(signal: Signal): void {
    const digest = this.openStatement(TAG.signal, signal);
    digest.text(signal.action);
    digest.number(signal.score);
    digest.number(signal.confidence);
    addLevels(digest, signal.plan);
    if (signal.odds !== undefined) addOdds(digest, signal.odds);
    for (const pattern of signal.patterns) digest.integer(pattern);
    digest.number(signal.expiresAtUs);
  }

  onOutcome(outcome: Outcome): void {
    const digest = this.open(TAG.outcome, outcome.symbol);
    digest.text(this.timeframes[outcome.timeframe] as string);
    digest.integer(outcome.id);
    digest.integer(outcome.of);
    digest.text(`${outcome.patternId} ${outcome.barrier}`);
    digest.number(outcome.entryUs);
    digest.number(outcome.exitUs);
    digest.number(outcome.entry);
    digest.number(outcome.exit);
  }

  onAnomaly(anomaly: Anomaly): void {
    const digest = this.open(TAG.anomaly, anomaly.symbol);
    digest.integer(anomaly.id);
    digest.text(`${anomaly.kind} ${anomaly.isOver ? 'over' : ''}`);
    digest.number(anomaly.value);
    digest.number(anomaly.limit);
    digest.number(anomaly.atUs);
  }

  private openStatement(tag: number, said: PatternMatch | RegimeChange | Signal): Digest {
    const digest = this.open(tag, said.symbol);
    digest.text(`${this.timeframes[said.timeframe]} ${said.change}`);
    digest.integer(said.id);
    digest.integer(said.replaces ?? -1);
    digest.number(said.barStartUs);
    digest.integer(said.barRevision);
    digest.number(said.atUs);
    return digest;
  }

  onRepairNeeded(symbol: number, timeframe: number, startUs: number): void {
    const digest = this.open(TAG.repair, symbol);
    digest.text(this.timeframes[timeframe] as string);
    digest.number(startUs);
  }
}

function addLevels(digest: Digest, levels: PriceLevels | undefined): void {
  digest.number(levels?.entry ?? Number.NaN);
  digest.number(levels?.target ?? Number.NaN);
  digest.number(levels?.stop ?? Number.NaN);
}

function addOdds(digest: Digest, odds: PatternOdds): void {
  digest.number(odds.legacyScore);
  digest.number(odds.probability);
  digest.number(odds.low);
  digest.number(odds.high);
  digest.number(odds.n);
  digest.number(odds.nEffective);
  digest.number(odds.successRate);
  digest.number(odds.randomRate);
  digest.integer(odds.hasEdge ? 1 : 0);
}

function addRegime(digest: Digest, regime: Regime): void {
  digest.text(`${regime.volatility ?? ''} ${regime.trend ?? ''}`);
  digest.number(regime.volatilityPct);
  digest.number(regime.trendZ);
  digest.number(regime.turbulentProbability);
  digest.number(regime.changePointProbability);
}

/** The values a user ends up with; neither revision nor quality, which depend on the order of arrival. */
export function addBarValues(digest: Digest, bar: Bar): void {
  digest.number(bar.startUs);
  digest.number(bar.endUs);
  digest.number(bar.open);
  digest.number(bar.high);
  digest.number(bar.low);
  digest.number(bar.close);
  digest.number(bar.volume);
  digest.number(bar.vwap);
  digest.integer(bar.trades);
}
