import { filterTwoStates, stationaryTurbulence, type TwoStateModel } from '../../../src/regimes/index.ts';
import type { GoldenChecker } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** The forward filter; `initial` is "stationary" or the two probabilities before the first observation. */
export const checkHmmFilter: GoldenChecker = ({ params, input }) => {
  const [muCalm, muTurbulent] = numbersOf(params, 'mu') as [number, number];
  const [sigmaCalm, sigmaTurbulent] = numbersOf(params, 'sigma') as [number, number];
  const P = params.P as readonly (readonly [number, number])[];
  const model: TwoStateModel = {
    mu: [muCalm, muTurbulent],
    sigma: [sigmaCalm, sigmaTurbulent],
    toTurbulent: P[0]?.[1] as number,
    toCalm: P[1]?.[0] as number,
  };
  const initial = Array.isArray(params.initial) ? (params.initial[1] as number) : stationaryTurbulence(model);
  const result = filterTwoStates(model, initial, numbersOf(input, 'x'));
  return { p_state1_filtered: [...result.turbulent], log_likelihood: result.logLikelihood };
};
