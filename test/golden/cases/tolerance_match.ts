import {
  CONDITION_OPERATORS,
  DEFAULT_MATCHING_LIMITS,
  matchConditions,
  STATUS_RANKS,
  type ToleranceCondition,
  ToleranceMatcher,
} from '../../../src/patterns/index.ts';
import {
  type GoldenCase,
  type GoldenChecker,
  GoldenInputError,
  isObject,
  type Json,
  type JsonObject,
  objectOf,
} from '../golden-file.ts';

/** The features of a golden case have names of their own; any names of ours stand in for them, one for each. */
const STAND_INS = Array.from({ length: 64 }, (_, i) => `sma_${i + 2}`);

/** Matches the conditions by the definition, and with the matcher that runs live, which must come to the same. */
export const checkToleranceMatch: GoldenChecker = (golden, file) => {
  const features = objectOf(golden.input.features);
  const names = [...new Set([...Object.keys(features), ...conditionsOf(golden).map(({ feature }) => String(feature))])];
  const standIns = new Map(names.map((name, i) => [name, STAND_INS[i] as string]));
  const vector = Float64Array.from(names, (name) => numberOr(features[name], Number.NaN));
  const conditions = conditionsOf(golden).map((raw) => conditionOf(raw, standIns));
  const { params } = golden;
  const limits = {
    tolerancePct: numberOr(params.tolerance_pct, DEFAULT_MATCHING_LIMITS.tolerancePct),
    minConfidence: numberOr(params.min_confidence_threshold, DEFAULT_MATCHING_LIMITS.minConfidence),
    triggerConfidence: numberOr(params.trigger_threshold, DEFAULT_MATCHING_LIMITS.triggerConfidence),
  };
  const plan = { names: names.map((name) => standIns.get(name) as string) };
  const value = (feature: string): number => vector[plan.names.indexOf(feature)] as number;
  const match = matchConditions(conditions, value, () => 0, limits);

  const matcher = new ToleranceMatcher([{ ...PATTERN, conditions }], plan, limits);
  const state = new Float64Array(matcher.stateSize);
  matcher.reset(state, 0);
  let live: { confidence: number; rank: number; isExact: boolean } | undefined;
  matcher.match(state, 0, vector, 0, (_pattern, confidence, rank, isExact) => {
    live = { confidence, rank, isExact };
  });
  const wanted = match.status === undefined ? STATUS_RANKS.NONE : STATUS_RANKS[match.status];
  if ((live?.rank ?? STATUS_RANKS.NONE) !== wanted) return `the matcher says rank ${live?.rank}, not ${wanted}`;
  if (live !== undefined) {
    const isClose = Math.abs(live.confidence - match.confidence) <= file.tolerance;
    if (!isClose || live.isExact !== match.isExact) return 'the matcher differs from the definition';
  }
  return {
    scores: match.conditions.map(({ score }) => score),
    confidence: match.confidence,
    status: match.status ?? 'NONE',
    exact: match.isExact,
  };
};

const PATTERN = {
  id: 0,
  name: 'golden',
  timeframe: undefined,
  direction: 1,
  successRate: undefined,
  sampleSize: undefined,
  targetPct: undefined,
  stopPct: undefined,
  horizonBars: undefined,
  evidence: undefined,
} as const;

function conditionsOf(golden: GoldenCase): readonly JsonObject[] {
  const list = golden.input.conditions;
  if (!Array.isArray(list)) throw new GoldenInputError(`${golden.name}: "conditions" is no list`);
  return list.filter(isObject);
}

function conditionOf(raw: JsonObject, standIns: ReadonlyMap<string, string>): ToleranceCondition {
  const op = CONDITION_OPERATORS.find((known) => known === raw.op);
  const feature = standIns.get(String(raw.feature));
  if (op === undefined || feature === undefined) throw new GoldenInputError(`no condition: ${JSON.stringify(raw)}`);
  return {
    feature,
    op,
    low: numberOr(op === 'between' ? raw.low : raw.value, Number.NaN),
    high: numberOr(op === 'between' ? raw.high : raw.value, Number.NaN),
    scale: typeof raw.scale === 'number' ? raw.scale : undefined,
    weight: numberOr(raw.weight, 1),
  };
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
