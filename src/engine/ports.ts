import type { Micros } from '../base/index.ts';
import type {
  Anomaly,
  Bar,
  BarChange,
  EventBatch,
  Gap,
  Outcome,
  PatternMatch,
  RegimeChange,
  Signal,
} from '../model/index.ts';

/**
 * What the engine tells the world, in order. Every call is synchronous and belongs to one input event or one timer;
 * all times are logical. Columns and views passed in are borrowed: they are valid during the call only, and a sink
 * copies what it keeps. `Bar` and `Gap` objects and all
 * statements (patterns, regimes, signals, outcomes, anomalies) are fresh and immutable and may be kept.
 *
 * A sink never throws for a reason of its own back end (it queues, with a bound and a named policy, and counts).
 */
export interface EngineSink {
  /** An accepted trade. `quality` in [0, 1]; `reasons` is the bit set of `src/quality`. */
  onTrade?(batch: EventBatch, row: number, quality: number, reasons: number): void;
  onQuote?(batch: EventBatch, row: number, quality: number, reasons: number): void;
  /** An accepted correction (`replaces` the trade of the same id) or cancel. */
  onAmendment?(batch: EventBatch, row: number, quality: number): void;
  /** A rejected event; `reason` is a quarantine code of `src/quality`, `detail` a sentence. */
  onReject?(batch: EventBatch, row: number, reason: string, detail: string): void;
  /** A bar closed, was revised, or was repaired after its window. */
  onBar?(bar: Bar, change: BarChange): void;
  /**
   * Every trade of a closed bar was cancelled: there is no such bar any more. `bar` is its next revision with no
   * trades, volume 0 and NaN prices; whoever stored the bar removes it.
   */
  onBarRetracted?(bar: Bar, change: BarChange): void;
  /**
   * The features after a bar. `values[offset .. offset + plan.size)` in the order of the feature plan; NaN = warming.
   * `revision` is the revision of the bar they belong to.
   */
  onFeatures?(bar: Bar, values: Float64Array, offset: number): void;
  onGap?(gap: Gap): void;
  onStatus?(batch: EventBatch, row: number): void;
  /**
   * An event arrived after the revision window of a bar it belongs to and the engine no longer holds what it needs
   * to rebuild it: the store rebuilds [startUs, endUs) of that timeframe from its stored trades.
   */
  onRepairNeeded?(symbol: number, timeframe: number, startUs: Micros, endUs: Micros): void;
  /** A pattern was found, or what was said of one is amended or withdrawn (`change`, `replaces`). */
  onPattern?(match: PatternMatch): void;
  onRegime?(change: RegimeChange): void;
  onSignal?(signal: Signal): void;
  /** A pattern or signal came to its end: target, stop or expiry. */
  onOutcome?(outcome: Outcome): void;
  onAnomaly?(anomaly: Anomaly): void;
  /** After the last event of a batch: a place to flush. */
  onBatchEnd?(nowUs: Micros): void;
}

/** Sends every call to several sinks in the given order. Which calls a sink takes is looked up once, here. */
export function fanOut(sinks: readonly EngineSink[]): EngineSink {
  const tradeTakers = takers(sinks, 'onTrade');
  const quoteTakers = takers(sinks, 'onQuote');
  const amendmentTakers = takers(sinks, 'onAmendment');
  const rejectTakers = takers(sinks, 'onReject');
  const barTakers = takers(sinks, 'onBar');
  const barRetractedTakers = takers(sinks, 'onBarRetracted');
  const featuresTakers = takers(sinks, 'onFeatures');
  const gapTakers = takers(sinks, 'onGap');
  const statusTakers = takers(sinks, 'onStatus');
  const repairNeededTakers = takers(sinks, 'onRepairNeeded');
  const patternTakers = takers(sinks, 'onPattern');
  const regimeTakers = takers(sinks, 'onRegime');
  const signalTakers = takers(sinks, 'onSignal');
  const outcomeTakers = takers(sinks, 'onOutcome');
  const anomalyTakers = takers(sinks, 'onAnomaly');
  const batchEndTakers = takers(sinks, 'onBatchEnd');
  return {
    onTrade(batch, row, quality, reasons) {
      for (const sink of tradeTakers) sink.onTrade(batch, row, quality, reasons);
    },
    onQuote(batch, row, quality, reasons) {
      for (const sink of quoteTakers) sink.onQuote(batch, row, quality, reasons);
    },
    onAmendment(batch, row, quality) {
      for (const sink of amendmentTakers) sink.onAmendment(batch, row, quality);
    },
    onReject(batch, row, reason, detail) {
      for (const sink of rejectTakers) sink.onReject(batch, row, reason, detail);
    },
    onBar(bar, change) {
      for (const sink of barTakers) sink.onBar(bar, change);
    },
    onBarRetracted(bar, change) {
      for (const sink of barRetractedTakers) sink.onBarRetracted(bar, change);
    },
    onFeatures(bar, values, offset) {
      for (const sink of featuresTakers) sink.onFeatures(bar, values, offset);
    },
    onGap(gap) {
      for (const sink of gapTakers) sink.onGap(gap);
    },
    onStatus(batch, row) {
      for (const sink of statusTakers) sink.onStatus(batch, row);
    },
    onRepairNeeded(symbol, timeframe, startUs, endUs) {
      for (const sink of repairNeededTakers) sink.onRepairNeeded(symbol, timeframe, startUs, endUs);
    },
    onPattern(match) {
      for (const sink of patternTakers) sink.onPattern(match);
    },
    onRegime(change) {
      for (const sink of regimeTakers) sink.onRegime(change);
    },
    onSignal(signal) {
      for (const sink of signalTakers) sink.onSignal(signal);
    },
    onOutcome(outcome) {
      for (const sink of outcomeTakers) sink.onOutcome(outcome);
    },
    onAnomaly(anomaly) {
      for (const sink of anomalyTakers) sink.onAnomaly(anomaly);
    },
    onBatchEnd(nowUs) {
      for (const sink of batchEndTakers) sink.onBatchEnd(nowUs);
    },
  };
}

type Takes<Call extends keyof EngineSink> = EngineSink & Required<Pick<EngineSink, Call>>;

function takers<Call extends keyof EngineSink>(sinks: readonly EngineSink[], call: Call): readonly Takes<Call>[] {
  return sinks.filter((sink): sink is Takes<Call> => sink[call] !== undefined);
}
