import { ForgettingScaler, RunningScaler } from '../../../src/features/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** Welford's scaler, or the forgetting one where the case has a parameter `alpha`. */
export const checkOnlineScaler: GoldenChecker = ({ params, input, expected }) => {
  const x = numbersOf(input, 'x');
  const alpha = params.alpha;
  const create = (): RunningScaler | ForgettingScaler =>
    typeof alpha === 'number' ? new ForgettingScaler(alpha) : new RunningScaler();
  const learned = create();
  const after: number[] = [];
  const moments: number[][] = [];
  for (const value of x) {
    learned.learn(value);
    after.push(learned.standardised(value));
    moments.push([learned.mean, learned.variance]);
  }
  const honest = create();
  const before = x.map((value) => honest.standardiseThenLearn(value) ?? null);
  const known: { [key: string]: Json } = {
    transform_after_learn: after,
    transform_before_learn: before,
    mean_var: moments,
    final_mean: learned.mean,
    final_pop_var: learned.variance,
    final_var: learned.variance,
    numpy_mean: learned.mean,
    numpy_var_ddof0: learned.variance,
  };
  const strange = Object.keys(expected).find((key) => !(key in known));
  return strange === undefined ? known : `no computation is known for "${strange}"`;
};
