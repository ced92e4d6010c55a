import type { Bar, BarChange, EventBatch, PatternMatch, RegimeChange, Signal } from '../model/index.ts';
import type { EngineSink } from './ports.ts';

/** Counts what the engine put out. */
export class CountingSink implements EngineSink {
  trades = 0;
  quotes = 0;
  amendments = 0;
  /** First closings of bars. */
  bars = 0;
  /** Revisions and repairs of bars. */
  revisions = 0;
  features = 0;
  rejected = 0;
  /** Rejections by reason. */
  readonly reasons = new Map<string, number>();
  /** Changes to the gap ledger that opened an entry. */
  gaps = 0;
  repairsNeeded = 0;
  /** Statements about patterns, regimes and signals, and those among them that amend or withdraw an earlier one. */
  patterns = 0;
  regimeChanges = 0;
  signals = 0;
  amended = 0;
  /** Patterns and signals that were followed to target, stop or expiry. */
  outcomes = 0;
  anomalies = 0;
  private readonly seenGaps = new Set<number>();

  onTrade(): void {
    this.trades++;
  }

  onQuote(): void {
    this.quotes++;
  }

  onAmendment(): void {
    this.amendments++;
  }

  onReject(_batch: EventBatch, _row: number, reason: string): void {
    this.rejected++;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  onBar(_bar: Bar, change: BarChange): void {
    if (change === 'final') this.bars++;
    else this.revisions++;
  }

  onBarRetracted(): void {
    this.revisions++;
  }

  onFeatures(): void {
    this.features++;
  }

  onGap(gap: { readonly id: number }): void {
    if (this.seenGaps.has(gap.id)) return;
    this.seenGaps.add(gap.id);
    this.gaps++;
  }

  onRepairNeeded(): void {
    this.repairsNeeded++;
  }

  onPattern(match: PatternMatch): void {
    this.patterns++;
    if (match.change !== 'new') this.amended++;
  }

  onRegime(change: RegimeChange): void {
    this.regimeChanges++;
    if (change.change !== 'new') this.amended++;
  }

  onSignal(signal: Signal): void {
    this.signals++;
    if (signal.change !== 'new') this.amended++;
  }

  onOutcome(): void {
    this.outcomes++;
  }

  onAnomaly(): void {
    this.anomalies++;
  }
}
