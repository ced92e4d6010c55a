import { TickloomError } from '../../base/index.ts';
import { type FeatureSpec, parseFeature } from '../../features/index.ts';
import { listAt, mappingAt, numberAt, optional, refusal, textAt } from './document-reader.ts';
import { featureKey, featureNameOf } from './feature-aliases.ts';
import { CONDITION_OPERATORS, type ConditionOperator, type ToleranceCondition } from './portfolio.ts';

/** More conditions than this is no pattern that could ever occur. */
const MAX_CONDITIONS = 32;
/** Thresholds beyond this are no numbers of a market. */
const LARGEST = 1e15;
const MAX_WEIGHT = 1e6;

const KEYS = ['feature', 'op', 'operator', 'value', 'low', 'high', 'scale', 'weight'];

/** What a feature can be at most, by its unit; every other unit is unbounded. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '0..100': [0, 100],
  '-100..0': [-100, 0],
  '-1..1': [-1, 1],
};

/** The conditions of a pattern, checked one by one and against each other. @throws UsageError */
export function conditionsAt(path: string, value: unknown): readonly ToleranceCondition[] {
  const conditions = listAt(path, value, MAX_CONDITIONS).map((entry, i) => conditionAt(`${path}[${i}]`, entry));
  refuseContradictions(path, conditions);
  return conditions;
}

function conditionAt(path: string, value: unknown): ToleranceCondition {
  const entry = mappingAt(path, value, KEYS);
  const operatorKey = entry.op === undefined && entry.operator !== undefined ? 'operator' : 'op';
  const op = operatorAt(`${path}.${operatorKey}`, entry[operatorKey]);
  const feature = textAt(`${path}.feature`, entry.feature, 100);
  return makeCondition(path, {
    feature,
    op,
    value: entry.value,
    low: entry.low,
    high: entry.high,
    scale: entry.scale,
    weight: entry.weight,
  });
}

/** A condition as some file spells it. */
export interface RawCondition {
  readonly feature: string;
  readonly op: ConditionOperator;
  readonly value?: unknown;
  readonly low?: unknown;
  readonly high?: unknown;
  readonly scale?: unknown;
  readonly weight?: unknown;
}

/** @throws UsageError for an unknown feature, and for a threshold that the feature can never meet. */
export function makeCondition(path: string, raw: RawCondition): ToleranceCondition {
  const spec = featureAt(`${path}.feature`, raw.feature);
  const limit = (key: 'value' | 'low' | 'high'): number => numberAt(`${path}.${key}`, raw[key], -LARGEST, LARGEST);
  if (raw.op === 'between') {
    if (raw.value !== undefined) throw refusal(`${path}.value`, raw.value, 'no value beside low and high');
  } else if (raw.low !== undefined || raw.high !== undefined) {
    const key = raw.low === undefined ? 'high' : 'low';
    throw refusal(`${path}.${key}`, raw[key], 'low and high with "between" only; the other operators take a value');
  }
  const condition = {
    feature: spec.name,
    op: raw.op,
    low: limit(raw.op === 'between' ? 'low' : 'value'),
    high: limit(raw.op === 'between' ? 'high' : 'value'),
    scale: optional(raw.scale, `${path}.scale`, (where, value) => numberAt(where, value, 0, LARGEST)),
    weight: optional(raw.weight, `${path}.weight`, weightAt) ?? 1,
  };
  if (condition.low > condition.high) {
    throw refusal(`${path}.low`, condition.low, `a number not above high, which is ${condition.high}`);
  }
  refuseImpossible(path, condition, spec);
  return condition;
}

export function operatorAt(path: string, value: unknown): ConditionOperator {
  const op = CONDITION_OPERATORS.find((known) => known === value);
  if (op === undefined) throw refusal(path, value, `one of ${CONDITION_OPERATORS.join(', ')}`);
  return op;
}

function weightAt(path: string, value: unknown): number {
  const weight = numberAt(path, value, 0, MAX_WEIGHT);
  if (weight === 0) throw refusal(path, value, `a number above 0, at most ${MAX_WEIGHT}`);
  return weight;
}

function featureAt(path: string, name: string): FeatureSpec {
  try {
    return parseFeature(featureNameOf(name));
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    throw refusal(path, name, `a feature. ${error.message.replace(/\.$/, '')}`);
  }
}

/** A bounded feature (an RSI of 130) that could never meet the condition. */
function refuseImpossible(path: string, { op, low, high }: ToleranceCondition, { name, output }: FeatureSpec): void {
  const range = RANGES[output.unit];
  if (range === undefined) return;
  const [least, most] = range;
  const never = {
    '>=': low > most,
    '>': low >= most,
    '<=': high < least,
    '<': high <= least,
    '==': low < least || low > most,
    between: low > most || high < least,
  }[op];
  if (!never) return;
  const key = op === 'between' ? 'low' : 'value';
  throw refusal(`${path}.${key}`, low, `a threshold that ${name} can meet: it lies between ${least} and ${most}`);
}

/** Two conditions on one feature that no value meets together. */
function refuseContradictions(path: string, conditions: readonly ToleranceCondition[]): void {
  const bounds = new Map<string, { low: number; lowAt: number; high: number; highAt: number }>();
  for (const [i, { feature, op, low, high }] of conditions.entries()) {
    const key = featureKey(feature);
    const known = bounds.get(key) ?? { low: -Infinity, lowAt: i, high: Infinity, highAt: i };
    if (!op.startsWith('<') && low > known.low) Object.assign(known, { low, lowAt: i });
    if (!op.startsWith('>') && high < known.high) Object.assign(known, { high, highAt: i });
    bounds.set(key, known);
    if (known.low > known.high) {
      const other = known.lowAt === i ? known.highAt : known.lowAt;
      throw refusal(
        `${path}[${i}]`,
        `${feature} ${op} ${op.startsWith('<') ? high : low}`,
        `what can hold together with ${path}[${other}]`,
      );
    }
  }
}
