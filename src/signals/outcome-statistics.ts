import type { PatternOdds } from '../model/index.ts';
import { REGIME_CELLS } from '../regimes/index.ts';
import { EdgeTest } from './edge-test.ts';
import { type LegacyWeights, legacyScore, logit, PRIOR_EVENTS, patternWeight, sigmoid } from './probability.ts';
import { type RateDifference, rateDifference, shrunkRate, wilson } from './success-rate.ts';

/** Success rate that a portfolio file claims for a pattern. It enters the legacy score only, never a probability. */
export interface ClaimedRate {
  /** Share in [0, 1]. */
  readonly successRate: number | undefined;
  readonly sampleSize: number | undefined;
}

/** What is stated of a position when it is decided, and scored when its outcome is final. */
export interface Forecast {
  /** Evidence of the regime in log odds. */
  regime: number;
  /** Closeness of the match, centred: share of confidence above the mean of the pattern. */
  closeness: number;
  /** Probability of success by the model, whether or not an edge is measured. */
  model: number;
  /** Success of random entries in the same regime. */
  random: number;
  /** Upper confidence bound of that. */
  bound: number;
}

/** Tracked against random, of one pattern over all regimes. Rates are NaN without events. */
export interface OutcomeSummary {
  readonly n: number;
  readonly successes: number;
  readonly nEffective: number;
  readonly successRate: number;
  readonly randomN: number;
  readonly randomSuccesses: number;
  readonly randomNEffective: number;
  readonly randomRate: number;
  readonly difference: RateDifference;
  readonly evidence: number;
  readonly brierSkill: number;
  readonly hasEdge: boolean;
}

/** Places in a row of counts; those of random entries follow those of tracked ones. */
const N = 0;
const K = 1;
const EFFECTIVE = 2;
const RANDOM = 3;
const CONFIDENCE = 6;
const ROW = 7;

/** Rows of a pattern: the regime cells, one for a regime that was not known yet, one for all. */
const UNKNOWN = REGIME_CELLS;
const ALL = REGIME_CELLS + 1;
const ROWS = ALL + 1;

/** z of the one-sided 95 % bound of random success, against which an edge is tested. */
const BOUND_Z = 1.644_853_626_951_472;
/** Most events that a claimed success rate counts for. */
const MOST_CLAIMED = 50;
const LEARNING_RATE = 0.02;

/**
 * What outcomes say about patterns, on one timeframe: counts per pattern and regime cell, of tracked positions and of
 * random entries with the same barriers; learned only from outcomes that are final. Formulas: docs/probability.md.
 */
export class OutcomeStatistics {
  /** Weights of regime and closeness in log odds, learned online. */
  regimeWeight = 0;
  closenessWeight = 0;
  private readonly counts: Float64Array;
  private readonly edges: EdgeTest;
  private readonly claims: readonly ClaimedRate[];
  private readonly weights: LegacyWeights;

  constructor(claims: readonly ClaimedRate[], weights: LegacyWeights) {
    this.claims = claims;
    this.weights = weights;
    this.counts = new Float64Array(claims.length * ROWS * ROW);
    this.edges = new EdgeTest(claims.length);
  }

  /** Counts a final outcome of a random entry. @param weight uniqueness times quality */
  countRandom(pattern: number, cell: number, isSuccess: boolean, weight: number): void {
    this.count(this.row(pattern, cell) + RANDOM, isSuccess, weight);
    this.count(this.row(pattern, ALL) + RANDOM, isSuccess, weight);
  }

  /** Learns from the final outcome of a tracked position. */
  learn(
    pattern: number,
    cell: number,
    isSuccess: boolean,
    weight: number,
    confidence: number,
    round: number,
    forecast: Forecast,
  ): void {
    const all = this.row(pattern, ALL);
    this.count(this.row(pattern, cell), isSuccess, weight);
    this.count(all, isSuccess, weight);
    this.counts[all + CONFIDENCE] = (this.counts[all + CONFIDENCE] as number) + confidence;
    this.edges.resolve(pattern, round, isSuccess, forecast.model, forecast.bound);
    this.edges.score(pattern, isSuccess, forecast.model, forecast.random);
    const step = LEARNING_RATE * weight * ((isSuccess ? 1 : 0) - forecast.model);
    this.regimeWeight += step * forecast.regime;
    this.closenessWeight += step * forecast.closeness;
  }

  /** Joins the pattern's round of the edge test; see {@link EdgeTest.join}. */
  joinRound(pattern: number, atUs: number, patienceUs: number): number {
    return this.edges.join(pattern, atUs, patienceUs);
  }

  leaveRound(pattern: number, round: number): void {
    this.edges.leave(pattern, round);
  }

  /** Fills in what is stated of a position. @param confidence 0 to 100 */
  forecast(pattern: number, cell: number, confidence: number, out: Forecast): void {
    const inCell = this.row(pattern, cell);
    const all = this.row(pattern, ALL);
    const randomAll = this.randomRate(all, 0.5, 2);
    const random = this.randomRate(inCell, randomAll, PRIOR_EVENTS);
    const posteriorAll = this.posterior(all, randomAll);
    // The prior in a cell is random success there, with the edge of the pattern as a whole carried over in log odds.
    const prior = sigmoid(logit(random) + logit(posteriorAll) - logit(randomAll));
    const base = logit(this.posterior(inCell, prior));
    const seen = this.counts[all + N] as number;
    const mean = seen > 0 ? (this.counts[all + CONFIDENCE] as number) / seen : confidence;
    out.regime = base - logit(posteriorAll);
    out.closeness = (confidence - mean) / 100;
    out.model = sigmoid(base + this.regimeWeight * out.regime + this.closenessWeight * out.closeness);
    out.random = random;
    out.bound = this.randomBound(inCell, random);
  }

  /** How the pattern does in a regime compared with all regimes, 0.5 to 1.5. */
  weight(pattern: number, cell: number): number {
    const all = this.row(pattern, ALL);
    const overall = this.posterior(all, this.randomRate(all, 0.5, 2));
    return patternWeight(this.posterior(this.row(pattern, cell), overall), overall);
  }

  odds(pattern: number, cell: number, confidence: number): PatternOdds {
    this.forecast(pattern, cell, confidence, SCRATCH);
    const all = this.row(pattern, ALL);
    const n = this.counts[all + N] as number;
    const nEffective = this.counts[all + EFFECTIVE] as number;
    const successRate = n > 0 ? (this.counts[all + K] as number) / n : Number.NaN;
    const { low, high } = wilson(successRate, nEffective);
    const hasEdge = this.edges.hasEdge(pattern);
    return {
      legacyScore: this.legacy(pattern, cell, confidence),
      probability: hasEdge ? SCRATCH.model : SCRATCH.random,
      low,
      high,
      n,
      nEffective,
      successRate,
      randomRate: this.matchedRandomRate(pattern),
      hasEdge,
    };
  }

  summary(pattern: number): OutcomeSummary {
    const all = this.row(pattern, ALL);
    const count = (place: number): number => this.counts[all + place] as number;
    const successRate = count(K) / count(N);
    const randomRate = count(RANDOM + K) / count(RANDOM + N);
    return {
      n: count(N),
      successes: count(K),
      nEffective: count(EFFECTIVE),
      successRate,
      randomN: count(RANDOM + N),
      randomSuccesses: count(RANDOM + K),
      randomNEffective: count(RANDOM + EFFECTIVE),
      randomRate,
      difference: rateDifference(successRate, count(EFFECTIVE), randomRate, count(RANDOM + EFFECTIVE)),
      evidence: this.edges.evidence(pattern),
      brierSkill: this.edges.skill(pattern),
      hasEdge: this.edges.hasEdge(pattern),
    };
  }

  private legacy(pattern: number, cell: number, confidence: number): number {
    const all = this.row(pattern, ALL);
    const { successRate, sampleSize } = this.claims[pattern] as ClaimedRate;
    const overall = this.posterior(all, this.randomRate(all, 0.5, 2));
    const claimed = successRate === undefined ? 0 : Math.min(sampleSize ?? 0, MOST_CLAIMED);
    const base =
      claimed > 0
        ? shrunkRate(
            this.effectiveSuccesses(all),
            this.counts[all + EFFECTIVE] as number,
            successRate as number,
            claimed,
          )
        : overall;
    const regime = Math.min(1, base * this.weight(pattern, cell));
    return legacyScore(this.weights, 100 * base, 100 * regime, confidence);
  }

  /** Random success in the regimes that the pattern occurred in, weighted by its occurrences. */
  private matchedRandomRate(pattern: number): number {
    const all = this.row(pattern, ALL);
    const overall = this.randomRate(all, 0.5, 2);
    const n = this.counts[all + N] as number;
    if (n === 0) return overall;
    let sum = 0;
    for (let cell = 0; cell <= UNKNOWN; cell++) {
      const row = all + (cell - ALL) * ROW;
      const inCell = this.counts[row + N] as number;
      if (inCell > 0) sum += inCell * this.randomRate(row, overall, PRIOR_EVENTS);
    }
    return sum / n;
  }

  private randomRate(row: number, parent: number, kappa: number): number {
    const n = this.counts[row + RANDOM + EFFECTIVE] as number;
    return shrunkRate(this.effectiveSuccesses(row + RANDOM), n, parent, kappa);
  }

  private randomBound(row: number, rate: number): number {
    return wilson(rate, this.counts[row + RANDOM + EFFECTIVE] as number, BOUND_Z).high;
  }

  private posterior(row: number, prior: number): number {
    return shrunkRate(this.effectiveSuccesses(row), this.counts[row + EFFECTIVE] as number, prior, PRIOR_EVENTS);
  }

  private effectiveSuccesses(row: number): number {
    const n = this.counts[row + N] as number;
    return n > 0 ? ((this.counts[row + K] as number) / n) * (this.counts[row + EFFECTIVE] as number) : 0;
  }

  private count(row: number, isSuccess: boolean, weight: number): void {
    const { counts } = this;
    counts[row + N] = (counts[row + N] as number) + 1;
    if (isSuccess) counts[row + K] = (counts[row + K] as number) + 1;
    counts[row + EFFECTIVE] = (counts[row + EFFECTIVE] as number) + weight;
  }

  private row(pattern: number, cell: number): number {
    return (pattern * ROWS + (cell < 0 ? UNKNOWN : cell)) * ROW;
  }

  /** Everything as numbers. */
  save(put: (value: number) => void): void {
    put(this.regimeWeight);
    put(this.closenessWeight);
    for (const value of this.counts) put(value);
    this.edges.save(put);
  }

  /** Reads what {@link save} wrote, in place of what is there. */
  load(take: () => number): void {
    this.regimeWeight = take();
    this.closenessWeight = take();
    for (let i = 0; i < this.counts.length; i++) this.counts[i] = take();
    this.edges.load(take);
  }
}

const SCRATCH: Forecast = { regime: 0, closeness: 0, model: 0, random: 0, bound: 0 };
