import type { Prng } from '../base/index.ts';
import type { ToleranceCondition, TolerancePattern } from '../patterns/index.ts';
import type { MiningSeries } from './mining-series.ts';

/** Shares of the bars of the earlier part that a single condition lets through, from either end. */
const TAILS = [0.1, 0.2, 0.3];
/** Sets of three conditions that are drawn beside all sets of two. */
const TRIPLES = 1_000;

/**
 * Conditions on the lower and the upper end of every feature, at quantiles of the given part of the bars, and patterns of
 * two or three of them on different features. Their directions are open (0): both are tried.
 * @param isEarlier whether bar `index` of a series is in the part that may be looked at.
 */
export function candidatePatterns(
  series: readonly MiningSeries[],
  names: readonly string[],
  isEarlier: (series: MiningSeries, index: number) => boolean,
  random: Prng,
): readonly TolerancePattern[] {
  const byFeature = names.map((name, feature) =>
    conditionsOf(name, sortedValues(series, names.length, feature, isEarlier)),
  );
  const sets: ToleranceCondition[][] = [];
  for (let a = 0; a < byFeature.length; a++) {
    for (let b = a + 1; b < byFeature.length; b++) {
      for (const first of byFeature[a] ?? []) for (const second of byFeature[b] ?? []) sets.push([first, second]);
    }
  }
  const usable = byFeature.filter((conditions) => conditions.length > 0);
  for (let i = 0; usable.length >= 3 && i < TRIPLES; i++) {
    const picked = shuffled(usable, random).slice(0, 3);
    sets.push(picked.map((conditions) => conditions[random.u32() % conditions.length] as ToleranceCondition));
  }
  return sets.map((conditions, id) => ({ ...OPEN, id, name: nameOf(conditions), conditions }));
}

const OPEN = {
  timeframe: undefined,
  direction: 0,
  successRate: undefined,
  sampleSize: undefined,
  targetPct: undefined,
  stopPct: undefined,
  horizonBars: undefined,
  evidence: undefined,
} as const;

function nameOf(conditions: readonly ToleranceCondition[]): string {
  return conditions.map(({ feature, op, low }) => `${feature} ${op} ${low}`).join(', ');
}

/** No conditions on a feature that hardly ever moves, or is missing, nor on an end at which it is stuck. */
function conditionsOf(feature: string, sorted: Float64Array): readonly ToleranceCondition[] {
  const at = (share: number): number => rounded(sorted[Math.floor(share * (sorted.length - 1))] as number);
  const scale = sorted.length === 0 ? 0 : rounded(at(0.75) - at(0.25));
  if (scale <= 0) return [];
  const condition = (op: '<=' | '>=', value: number): ToleranceCondition => ({
    feature,
    op,
    low: value,
    high: value,
    scale,
    weight: 1,
  });
  return TAILS.flatMap((tail) => [
    ...(at(tail) > at(0) ? [condition('<=', at(tail))] : []),
    ...(at(1 - tail) < at(1) ? [condition('>=', at(1 - tail))] : []),
  ]);
}

function sortedValues(
  series: readonly MiningSeries[],
  width: number,
  feature: number,
  isEarlier: (series: MiningSeries, index: number) => boolean,
): Float64Array {
  const values = series.flatMap((each) =>
    Array.from(each.startUs, (_start, i) =>
      isEarlier(each, i) ? (each.features[i * width + feature] as number) : Number.NaN,
    ),
  );
  return Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
}

/** Three digits: more would be more than the past can tell. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function shuffled<Item>(items: readonly Item[], random: Prng): Item[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const other = random.u32() % (i + 1);
    [out[i], out[other]] = [out[other] as Item, out[i] as Item];
  }
  return out;
}
