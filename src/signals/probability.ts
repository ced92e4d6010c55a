import { betaInterval, type RateInterval, shrunkRate } from './success-rate.ts';

/** Weight of the prior, in events. */
export const PRIOR_EVENTS = 50;

/** Probabilities stay this far from 0 and 1 before their log odds are taken. */
const LEAST = 1e-6;

export function logit(p: number): number {
  const inside = Math.min(1 - LEAST, Math.max(LEAST, p));
  return Math.log(inside / (1 - inside));
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** Shares of base success rate, regime and confidence in the legacy score. */
export interface LegacyWeights {
  readonly base: number;
  readonly regime: number;
  readonly confidence: number;
}

/** The source system's number: the weighted mean of three percentages. Not a probability. */
export function legacyScore(weights: LegacyWeights, basePct: number, regimePct: number, confidencePct: number): number {
  return weights.base * basePct + weights.regime * regimePct + weights.confidence * confidencePct;
}

/** The form in the source system's code, which exceeds 100: kept to compare with, never shown. */
export function multiplicativeScore(basePct: number, adjustment: number, confidencePct: number): number {
  return basePct * (0.4 + 0.3 * adjustment + 0.3 * adjustment * (0.5 + confidencePct / 200));
}

/** How far a pattern's rate in a regime is from its rate in all: 0.5 to 1.5. */
export function patternWeight(rateInRegime: number, rateOverall: number): number {
  if (!(rateOverall > 0)) return 1;
  return Math.min(1.5, Math.max(0.5, rateInRegime / rateOverall));
}

/** Weights of the terms of a calibrated probability, in log odds. */
export interface PoolWeights {
  readonly base: number;
  readonly regime: number;
  readonly closeness: number;
  readonly bias: number;
}

export interface PooledProbability {
  /** Posterior mean of the success rate. */
  readonly baseMean: number;
  readonly probability: number;
  /** 95 % interval of the posterior. */
  readonly interval: RateInterval;
}

/** Log odds of success, pooled from the posterior rate, the regime and the closeness. */
export function pooledLogOdds(weights: PoolWeights, base: number, regime: number, closeness: number): number {
  return weights.base * logit(base) + weights.regime * regime + weights.closeness * closeness + weights.bias;
}

/**
 * The calibrated pool of learning.md 2.15: k successes of n shrunk to `parent`, moved by regime and closeness.
 * @param regimeLogOdds evidence of the regime in log odds
 * @param closeness centred closeness of the match
 */
export function calibratedPool(
  k: number,
  n: number,
  parent: number,
  kappa: number,
  weights: PoolWeights,
  regimeLogOdds: number,
  closeness: number,
): PooledProbability {
  const baseMean = shrunkRate(k, n, parent, kappa);
  return {
    baseMean,
    probability: sigmoid(pooledLogOdds(weights, baseMean, regimeLogOdds, closeness)),
    interval: betaInterval(k + kappa * parent, n - k + kappa * (1 - parent), 0.05),
  };
}
