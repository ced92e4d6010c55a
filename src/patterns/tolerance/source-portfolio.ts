import type { Direction } from '../../model/index.ts';
import { mappingAt, numberAt, optional, refusal, textAt, wholeAt } from './document-reader.ts';
import type { ToleranceCondition, TolerancePattern } from './portfolio.ts';
import { makeCondition, operatorAt } from './read-condition.ts';

/** Label of the source system's patterns: a move of so many percent within so many days. */
const LABEL = /^Label_(\d+(?:\.\d+)?)pct_(\d+)d$/;

/**
 * The patterns of the list that the source system writes: the id is the place in the list, the timeframe is left open,
 * target and horizon come from the label, the success rate is the one of its validation.
 * @throws UsageError with the path of the first offending key.
 */
export function readSourcePortfolio(entries: readonly unknown[]): readonly TolerancePattern[] {
  return entries.map((entry, i) => patternAt(`[${i}]`, entry, i));
}

function patternAt(path: string, value: unknown, id: number): TolerancePattern {
  const outer = mappingAt(path, value);
  const innerPath = outer.pattern === undefined ? path : `${path}.pattern`;
  const inner = outer.pattern === undefined ? outer : mappingAt(innerPath, outer.pattern);
  const label = optional(inner.label_col, `${innerPath}.label_col`, (where, text) => textAt(where, text, 100));
  const [, movePct, days] = LABEL.exec(label ?? '') ?? [];
  const rate = outer.validation_success_rate ?? inner.success_rate;
  const count = outer.validation_occurrences ?? inner.occurrences;
  return {
    id,
    name: optional(inner.name, `${innerPath}.name`, (where, text) => textAt(where, text, 200)) ?? `Pattern ${id}`,
    timeframe: undefined,
    direction: directionAt(`${innerPath}.direction`, inner.direction ?? outer.direction),
    conditions: conditionsAt(`${innerPath}.conditions`, inner.conditions),
    successRate: optional(rate, `${path}.validation_success_rate`, (where, n) => numberAt(where, n, 0, 100) / 100),
    sampleSize: optional(count, `${path}.validation_occurrences`, (where, n) => wholeAt(where, n, 0, 1e9)),
    targetPct: movePct === undefined ? undefined : Number(movePct),
    stopPct: undefined,
    horizonBars: days === undefined ? undefined : Number(days),
    evidence: undefined,
  };
}

function conditionsAt(path: string, value: unknown): readonly ToleranceCondition[] {
  const entries = Object.entries(mappingAt(path, value));
  if (entries.length === 0) throw refusal(path, value, 'a mapping that is not empty');
  return entries.map(([feature, entry]) => {
    const where = `${path}.${feature}`;
    const { operator, value: threshold } = mappingAt(where, entry);
    return makeCondition(where, { feature, op: operatorAt(`${where}.operator`, operator), value: threshold });
  });
}

function directionAt(path: string, value: unknown): Direction {
  if (value === 'long') return 1;
  if (value === 'short') return -1;
  throw refusal(path, value, 'long or short');
}
