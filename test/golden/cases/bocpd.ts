import { runLengthPosterior } from '../../../src/regimes/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** The exact posterior; `p_r_le_K` is asked for by its name. */
export const checkBocpd: GoldenChecker = ({ params, input, expected }) => {
  const steps = runLengthPosterior(
    {
      alpha: params.alpha as number,
      beta: params.beta as number,
      kappa: params.kappa as number,
      mu: params.mu as number,
      hazardLambda: params.hazard_lambda as number,
    },
    numbersOf(input, 'x'),
  );
  const found: { [key: string]: Json } = {};
  for (const key of Object.keys(expected)) {
    const most = /^p_r(?:_le_|)(\d+)$/.exec(key)?.[1];
    if (key === 'p_r0') found[key] = steps.map(({ probability }) => probability[0] as number);
    else if (key === 'map_run_length') found[key] = steps.map(({ mode }) => mode);
    else if (most !== undefined) {
      found[key] = steps.map(({ probability }) => probability.subarray(0, Number(most) + 1).reduce((a, b) => a + b, 0));
    } else return `no computation is known for "${key}"`;
  }
  return found;
};
