import type { PatternStatus } from '../../model/index.ts';

/** Within this of an edge counts as on the good side of it (learning by decimal thresholds must not hang on rounding). */
export const EDGE_EPSILON = 1e-9;

/** How near is near enough. */
export interface MatchingLimits {
  /** Width of the tolerance band in percent of the threshold or of the scale, whichever is larger. */
  readonly tolerancePct: number;
  /** Confidence from which a pattern is WATCHING. */
  readonly minConfidence: number;
  /** Confidence from which it is TRIGGERED; NEAR_TRIGGER begins half way between the two. */
  readonly triggerConfidence: number;
}

export const DEFAULT_MATCHING_LIMITS: MatchingLimits = { tolerancePct: 5, minConfidence: 50, triggerConfidence: 90 };

/** Ranks of the statuses; NONE is what a pattern has that says nothing. */
export const STATUS_RANKS = { NONE: 0, WATCHING: 1, NEAR_TRIGGER: 2, TRIGGERED: 3 } as const;

/** Status by rank, NONE left out. */
export const STATUS_OF_RANK: readonly (PatternStatus | undefined)[] = [
  undefined,
  'WATCHING',
  'NEAR_TRIGGER',
  'TRIGGERED',
];

/** Rank of the status that a confidence gives when no condition vetoes. */
export function statusRank(confidence: number, { minConfidence, triggerConfidence }: MatchingLimits): number {
  if (confidence >= triggerConfidence - EDGE_EPSILON) return STATUS_RANKS.TRIGGERED;
  if (confidence >= (minConfidence + triggerConfidence) / 2 - EDGE_EPSILON) return STATUS_RANKS.NEAR_TRIGGER;
  return confidence >= minConfidence - EDGE_EPSILON ? STATUS_RANKS.WATCHING : STATUS_RANKS.NONE;
}
