import type { PatternStatus } from '../../model/index.ts';
import { EDGE_EPSILON, type MatchingLimits, STATUS_OF_RANK, STATUS_RANKS, statusRank } from './matching-limits.ts';
import type { ConditionOperator, ToleranceCondition } from './portfolio.ts';

/** A size of nothing still gives a band, so thin that only the threshold itself lies in it. */
const THINNEST = Number.MIN_VALUE / Number.EPSILON;

/** Width of the band around a threshold: the tolerance in percent of its size, or of the scale where that is larger. */
export function bandWidth(threshold: number, scale: number, tolerancePct: number): number {
  return Math.max((tolerancePct * Math.max(Math.abs(threshold), scale)) / 100, THINNEST);
}

/** Score of a slack, which is 0 at the threshold and -1 at the edge of the band: 100 from 0 on, 50 at the edge, 0 beyond. */
export function scoreOfSlack(slack: number): number {
  if (slack >= -EDGE_EPSILON) return 100;
  return slack >= -1 - EDGE_EPSILON ? 100 + 50 * slack : 0;
}

/** A threshold at 0 has no size of its own: the tolerance is then of a scale, or of the feature's rolling range. */
export function needsRange({ scale, low, high }: ToleranceCondition): boolean {
  return scale === undefined && low === 0 && high === 0;
}

/** How one condition was met. */
export interface ConditionMatch {
  /** 0 to 100; 0 vetoes the pattern. */
  readonly score: number;
  /** The operator as written holds. */
  readonly isExact: boolean;
}

/** How a set of conditions was met. */
export interface ConditionsMatch {
  readonly conditions: readonly ConditionMatch[];
  /** Weighted mean of the scores. */
  readonly confidence: number;
  /** Undefined where a condition vetoes or the confidence is too low. */
  readonly status: PatternStatus | undefined;
  readonly isExact: boolean;
}

/**
 * Matches conditions one by one, with every score, as the definition says it. The matcher does the same for whole
 * portfolios without allocating and stops at the first veto.
 * @param featureValue the feature's value, NaN where it is missing.
 * @param rangeOf the rolling range of the feature, for thresholds at 0 that bring no scale; 0 where none is known.
 */
export function matchConditions(
  conditions: readonly ToleranceCondition[],
  featureValue: (feature: string) => number,
  rangeOf: (condition: ToleranceCondition) => number,
  limits: MatchingLimits,
): ConditionsMatch {
  let weighted = 0;
  let weights = 0;
  const matches = conditions.map((condition) => {
    const x = featureValue(condition.feature);
    const scale = condition.scale ?? (needsRange(condition) ? rangeOf(condition) : 0);
    const slack = slackOf(condition, x, scale, limits.tolerancePct);
    const score = Number.isNaN(slack) ? 0 : scoreOfSlack(slack);
    weighted += condition.weight * score;
    weights += condition.weight;
    return { score, isExact: holdsExactly(condition.op, x, condition.low, condition.high) };
  });
  const confidence = weighted / weights;
  const isVetoed = matches.some(({ score }) => score === 0);
  return {
    conditions: matches,
    confidence,
    status: STATUS_OF_RANK[isVetoed ? STATUS_RANKS.NONE : statusRank(confidence, limits)],
    isExact: matches.every(({ isExact }) => isExact),
  };
}

/** Distance inside (positive) or outside (negative) the condition, in widths of the band. */
function slackOf({ op, low, high }: ToleranceCondition, x: number, scale: number, tolerancePct: number): number {
  const above = (x - low) / bandWidth(low, scale, tolerancePct);
  const below = (high - x) / bandWidth(high, scale, tolerancePct);
  if (op === '>=' || op === '>') return above;
  if (op === '<=' || op === '<') return below;
  return Math.min(above, below);
}

/** The operator as written; false for a missing value. */
export function holdsExactly(op: ConditionOperator, x: number, low: number, high: number): boolean {
  switch (op) {
    case '>':
      return x > low;
    case '<':
      return x < high;
    case '>=':
      return x >= low;
    case '<=':
      return x <= high;
    default:
      return x >= low && x <= high;
  }
}
