import { calibratedPool, legacyScore, multiplicativeScore, type PoolWeights } from '../../../src/signals/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

type Triple = readonly [number, number, number];

/** The legacy score, the form of the source system's code, or the calibrated pool, by what the case brings. */
export const checkProbability: GoldenChecker = ({ params, input }) => {
  const triples = (key: string): readonly Triple[] => input[key] as unknown as readonly Triple[];
  if (input.base_regime_confidence !== undefined) {
    const [base, regime, confidence] = numbersOf(params, 'w') as [number, number, number];
    return { final: triples('base_regime_confidence').map((row) => legacyScore({ base, regime, confidence }, ...row)) };
  }
  if (input.base_adj_confidence !== undefined) {
    return { final: triples('base_adj_confidence').map((row) => multiplicativeScore(...row)) };
  }
  const given = params.weights as unknown as Omit<PoolWeights, 'bias'>;
  const weights: PoolWeights = { ...given, bias: params.bias as number };
  const regime = numbersOf(input, 'regime_logodds');
  const closeness = numbersOf(input, 'closeness_centered');
  const pooled = triples('k_n_parent').map(([k, n, parent], i) =>
    calibratedPool(k, n, parent, params.kappa as number, weights, regime[i] as number, closeness[i] as number),
  );
  return {
    base_mean: pooled.map(({ baseMean }) => baseMean),
    p: pooled.map(({ probability }) => probability),
    interval95_beta: pooled.map(({ interval }): Json => [interval.low, interval.high]),
  };
};
