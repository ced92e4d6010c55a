import type { FeaturePlan } from '../../features/index.ts';
import { bandWidth, needsRange } from './condition-score.ts';
import { featureKey, featureNameOf } from './feature-aliases.ts';
import {
  DEFAULT_MATCHING_LIMITS,
  EDGE_EPSILON,
  type MatchingLimits,
  STATUS_RANKS,
  statusRank,
} from './matching-limits.ts';
import type { Portfolio, ToleranceCondition, TolerancePattern } from './portfolio.ts';
import { RollingRange } from './rolling-range.ts';

/** What the plan of a matcher needs to know of the features. */
export type FeatureNames = Pick<FeaturePlan, 'names'>;

/**
 * Told of a pattern whose status has changed to another one than none.
 * @param rank 1 WATCHING, 2 NEAR_TRIGGER, 3 TRIGGERED.
 * @param isExact every operator holds as written, not only within its tolerance.
 */
export type ToleranceFound = (pattern: TolerancePattern, confidence: number, rank: number, isExact: boolean) => void;

const STRICT = 1;
const ABOVE = 2;
const BELOW = 4;

/** The features that a portfolio reads and a set of features does not have yet, under any of their spellings. */
export function missingFeatures(portfolio: Portfolio, names: readonly string[]): string[] {
  const known = new Set(names.map(featureKey));
  const missing: string[] = [];
  for (const { feature } of portfolio.patterns.flatMap((pattern) => pattern.conditions)) {
    const key = featureKey(feature);
    if (known.has(key)) continue;
    known.add(key);
    missing.push(featureNameOf(feature));
  }
  return missing;
}

/**
 * Patterns compiled once against the layout of a feature vector: all conditions of all patterns stand in flat columns,
 * and a pattern is left at its first veto. What it remembers of a series is the last status of each pattern and, for
 * thresholds at 0 that bring no scale, the rolling range of their features.
 */
export class ToleranceMatcher {
  readonly patterns: readonly TolerancePattern[];
  readonly stateSize: number;
  private readonly limits: MatchingLimits;
  private readonly ranges = new RollingRange();
  /** Positions in the vector of the features whose ranges are kept. */
  private readonly ranged: Int32Array;
  /** Where the conditions of a pattern begin; one more at the end. */
  private readonly starts: Int32Array;
  private readonly feature: Int32Array;
  private readonly flags: Uint8Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  /** One over the width of the band below and above. */
  private readonly perLow: Float64Array;
  private readonly perHigh: Float64Array;
  private readonly weight: Float64Array;
  /** A value outside these is outside the band, whatever else; infinite where the band is not fixed. */
  private readonly least: Float64Array;
  private readonly most: Float64Array;
  /** Which of the ranges gives the band of a condition; -1 where it is fixed. */
  private readonly rangeOf: Int32Array;
  /** Largest weighted sum of scores that a pattern can reach. */
  private readonly weights: Float64Array;
  private readonly rangedBands: Float64Array;

  /** @throws TickloomError `bad-feature` for a feature that is not in the plan; {@link missingFeatures} names them. */
  constructor(
    patterns: readonly TolerancePattern[],
    plan: FeatureNames,
    limits: MatchingLimits = DEFAULT_MATCHING_LIMITS,
  ) {
    this.patterns = patterns;
    this.limits = limits;
    const conditions = patterns.flatMap((pattern) => pattern.conditions);
    const places = new Map(plan.names.map((name, i) => [featureKey(name), i]));
    const placeOf = ({ feature }: ToleranceCondition): number => {
      const place = places.get(featureKey(feature));
      if (place === undefined) throw new RangeError(`The plan of features has no ${feature}.`);
      return place;
    };
    this.starts = new Int32Array(patterns.length + 1);
    for (const [i, pattern] of patterns.entries()) {
      this.starts[i + 1] = (this.starts[i] as number) + pattern.conditions.length;
    }
    this.feature = Int32Array.from(conditions, placeOf);
    const rangedPlaces = [...new Set(conditions.filter(needsRange).map(placeOf))];
    this.ranged = Int32Array.from(rangedPlaces);
    this.rangeOf = Int32Array.from(conditions, (condition, i) =>
      needsRange(condition) ? rangedPlaces.indexOf(this.feature[i] as number) : -1,
    );
    this.flags = Uint8Array.from(conditions, flagsOf);
    this.low = Float64Array.from(conditions, ({ low }) => low);
    this.high = Float64Array.from(conditions, ({ high }) => high);
    const per = (threshold: number, { scale }: ToleranceCondition): number =>
      1 / bandWidth(threshold, scale ?? 0, limits.tolerancePct);
    this.perLow = Float64Array.from(conditions, (condition) => per(condition.low, condition));
    this.perHigh = Float64Array.from(conditions, (condition) => per(condition.high, condition));
    this.least = Float64Array.from(conditions, (_, i) => this.edge(i, ABOVE, this.low, this.perLow, -1));
    this.most = Float64Array.from(conditions, (_, i) => this.edge(i, BELOW, this.high, this.perHigh, 1));
    this.weight = Float64Array.from(conditions, ({ weight }) => weight);
    this.weights = Float64Array.from(patterns, (pattern) =>
      pattern.conditions.reduce((sum, { weight }) => sum + weight, 0),
    );
    this.rangedBands = new Float64Array(this.ranged.length);
    this.stateSize = patterns.length + this.ranged.length * this.ranges.stateSize;
  }

  reset(state: Float64Array, at: number): void {
    state.fill(STATUS_RANKS.NONE, at, at + this.patterns.length);
    for (let i = 0; i < this.ranged.length; i++) this.ranges.reset(state, this.rangeAt(at, i));
  }

  /**
   * Matches the vector of the bar that has closed. To be called once for every bar of the series.
   * @param offset where the vector begins in `values`.
   */
  match(state: Float64Array, at: number, values: Float64Array, offset: number, found: ToleranceFound): void {
    if (this.ranged.length > 0) this.updateRanges(state, at, values, offset);
    const { starts, feature, least, most } = this;
    const count = this.patterns.length;
    let i = 0;
    for (let p = 0; p < count; p++) {
      const end = starts[p + 1] as number;
      for (; i < end; i++) {
        const x = values[offset + (feature[i] as number)] as number;
        // Also true of a missing value.
        if (!(x >= (least[i] as number) && x <= (most[i] as number))) break;
      }
      if (i < end) state[at + p] = STATUS_RANKS.NONE;
      else this.matchOne(p, state, at, values, offset, found);
      i = end;
    }
  }

  /** Where a fixed band ends, and a little further: what lies just there is decided by its slack. */
  private edge(i: number, side: number, threshold: Float64Array, per: Float64Array, outwards: number): number {
    const isOpen = ((this.flags[i] as number) & side) === 0 || (this.rangeOf[i] as number) >= 0;
    return isOpen
      ? outwards * Number.POSITIVE_INFINITY
      : (threshold[i] as number) + (outwards * (1 + 2 * EDGE_EPSILON)) / (per[i] as number);
  }

  /** A pattern none of whose conditions is far off. */
  private matchOne(
    p: number,
    state: Float64Array,
    at: number,
    values: Float64Array,
    offset: number,
    found: ToleranceFound,
  ): void {
    const end = this.starts[p + 1] as number;
    let weighted = 0;
    let isExact = true;
    for (let i = this.starts[p] as number; i < end; i++) {
      const slack = this.slack(i, values[offset + (this.feature[i] as number)] as number);
      // A missing value makes the slack NaN, which is not within the band either.
      if (!(slack >= -1 - EDGE_EPSILON)) {
        state[at + p] = STATUS_RANKS.NONE;
        return;
      }
      weighted += (this.weight[i] as number) * (slack >= -EDGE_EPSILON ? 100 : 100 + 50 * slack);
      isExact &&= ((this.flags[i] as number) & STRICT) === 0 ? slack >= 0 : slack > 0;
    }
    const confidence = weighted / (this.weights[p] as number);
    const rank = statusRank(confidence, this.limits);
    if (rank === state[at + p]) return;
    state[at + p] = rank;
    if (rank !== STATUS_RANKS.NONE) found(this.patterns[p] as TolerancePattern, confidence, rank, isExact);
  }

  private slack(i: number, x: number): number {
    const range = this.rangeOf[i] as number;
    const flags = this.flags[i] as number;
    const perLow = range < 0 ? (this.perLow[i] as number) : (this.rangedBands[range] as number);
    if ((flags & BELOW) === 0) return (x - (this.low[i] as number)) * perLow;
    const perHigh = range < 0 ? (this.perHigh[i] as number) : (this.rangedBands[range] as number);
    const below = ((this.high[i] as number) - x) * perHigh;
    return (flags & ABOVE) === 0 ? below : Math.min((x - (this.low[i] as number)) * perLow, below);
  }

  private updateRanges(state: Float64Array, at: number, values: Float64Array, offset: number): void {
    for (let i = 0; i < this.ranged.length; i++) {
      const place = this.rangeAt(at, i);
      this.ranges.update(state, place, values[offset + (this.ranged[i] as number)] as number);
      this.rangedBands[i] = 1 / bandWidth(0, this.ranges.range(state, place), this.limits.tolerancePct);
    }
  }

  private rangeAt(at: number, i: number): number {
    return at + this.patterns.length + i * this.ranges.stateSize;
  }
}

function flagsOf({ op }: ToleranceCondition): number {
  switch (op) {
    case '>':
      return ABOVE | STRICT;
    case '<':
      return BELOW | STRICT;
    case '>=':
      return ABOVE;
    case '<=':
      return BELOW;
    default:
      return ABOVE | BELOW;
  }
}
