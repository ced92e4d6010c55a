import type { Direction } from '../../model/index.ts';

/** How a condition compares a feature with its threshold. */
export const CONDITION_OPERATORS = ['>=', '>', '<=', '<', '==', 'between'] as const;
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** One condition on a feature. `between` has `low` and `high`, the others `value`, which is then both of them. */
export interface ToleranceCondition {
  /** Canonical name of the feature. */
  readonly feature: string;
  readonly op: ConditionOperator;
  readonly low: number;
  readonly high: number;
  /**
   * Least size that the tolerance is a percentage of, in the feature's unit. Undefined: the threshold's own size, or,
   * for a threshold at 0, the rolling interquartile range of the feature.
   */
  readonly scale: number | undefined;
  readonly weight: number;
}

/** What mining found out of sample: `kept` passed the false-discovery control, `none` did not. */
export type PatternEvidence = 'kept' | 'none';

/** A pattern of the portfolio: conditions on features of one bar, all of which must hold at least nearly. */
export interface TolerancePattern {
  readonly id: string | number;
  readonly name: string;
  /** Undefined: any timeframe. */
  readonly timeframe: string | undefined;
  readonly direction: Direction;
  readonly conditions: readonly ToleranceCondition[];
  /** Share in [0, 1] of past occurrences that reached the target, as the file says. */
  readonly successRate: number | undefined;
  readonly sampleSize: number | undefined;
  /** Distances from the entry in percent; undefined: by volatility. */
  readonly targetPct: number | undefined;
  readonly stopPct: number | undefined;
  /** Bars until it expires; undefined: as configured. */
  readonly horizonBars: number | undefined;
  readonly evidence: PatternEvidence | undefined;
}

/** The patterns of a portfolio file, checked. */
export interface Portfolio {
  readonly name: string | undefined;
  readonly patterns: readonly TolerancePattern[];
}
