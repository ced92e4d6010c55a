import {
  type Adjustment,
  benjaminiHochberg,
  benjaminiYekutieli,
  binomialTail,
  bonferroni,
  clopperPearson,
  holm,
  jeffreys,
  probabilityAbove,
  type RateInterval,
  shrunkRate,
  twoSidedZ,
  wilson,
} from '../../../src/signals/index.ts';
import type { GoldenChecker, Json, JsonObject } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

const ADJUSTMENTS: Readonly<Record<string, Adjustment>> = {
  bonferroni,
  holm,
  fdr_bh: benjaminiHochberg,
  fdr_by: benjaminiYekutieli,
};

/** Each expected key is computed by its name from the counts, the p-values, or k, n and n_eff. */
export const checkSuccessRate: GoldenChecker = ({ params, input, expected }) => {
  const found: { [key: string]: Json } = {};
  for (const key of Object.keys(expected)) {
    const value = compute(key, params, input);
    if (value === undefined) return `no computation is known for "${key}"`;
    found[key] = value;
  }
  return found;
};

function compute(key: string, params: JsonObject, input: JsonObject): Json | undefined {
  const alpha = params.alpha as number;
  const adjustment = ADJUSTMENTS[key];
  if (adjustment !== undefined) {
    const adjusted = adjustment(numbersOf(input, 'p'));
    return { reject: adjusted.map((p) => p <= alpha), adjusted };
  }
  if (key === 'interval') {
    const { k, n, n_eff: effective } = input as { k: number; n: number; n_eff: number };
    return pair(wilson(k / n, effective, twoSidedZ(alpha)));
  }
  const base = input.base as number;
  const { a0, b0, kappa, parent } = params as { a0: number; b0: number; kappa: number; parent: number };
  const each = (rule: (k: number, n: number) => Json): Json =>
    (input.k_n as readonly (readonly [number, number])[]).map(([k, n]) => rule(k, n));
  switch (key) {
    case 'wilson':
      return each((k, n) => pair(wilson(k / n, n, twoSidedZ(alpha))));
    case 'jeffreys':
      return each((k, n) => pair(jeffreys(k, n, alpha)));
    case 'clopper_pearson':
      return each((k, n) => pair(clopperPearson(k, n, alpha)));
    case 'p_rate_above_base':
      return each((k, n) => probabilityAbove(k, n, base, a0, b0));
    case 'binom_p_one_sided':
      return each((k, n) => binomialTail(k, n, base));
    case 'mean':
      return each((k, n) => (kappa === undefined ? (a0 + k) / (a0 + b0 + n) : shrunkRate(k, n, parent, kappa)));
    default:
      return undefined;
  }
}

function pair({ low, high }: RateInterval): Json {
  return [low, high];
}
