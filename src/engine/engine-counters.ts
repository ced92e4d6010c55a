import type { BarCounters } from '../bars/index.ts';

/** Counters of the engine, those of its bars included. */
export interface EngineCounters extends BarCounters {
  readonly revisionsTooOld: number;
  readonly evictedTicks: number;
  /** Gaps ever opened. */
  readonly gaps: number;
  /** Anomalies that a cool-down kept back. */
  readonly anomaliesSuppressed: number;
}
