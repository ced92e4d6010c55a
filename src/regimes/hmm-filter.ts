/** Two Gaussian states; state 1 is the turbulent one. */
export interface TwoStateModel {
  readonly mu: readonly [number, number];
  readonly sigma: readonly [number, number];
  /** Probability of going from state 0 to 1, and from 1 to 0. */
  readonly toTurbulent: number;
  readonly toCalm: number;
}

export interface HmmFilterResult {
  /** P(state 1 at t | x up to t). */
  readonly turbulent: Float64Array;
  readonly logLikelihood: number;
}

const LOG_ROOT_TWO_PI = 0.918_938_533_204_672_7;

/** Long-run share of state 1. */
export function stationaryTurbulence({ toTurbulent, toCalm }: TwoStateModel): number {
  return toTurbulent + toCalm > 0 ? toTurbulent / (toTurbulent + toCalm) : 0.5;
}

/** Log density of a normal distribution. */
function logDensity(x: number, mu: number, sigma: number): number {
  const z = (x - mu) / sigma;
  return -0.5 * z * z - Math.log(sigma) - LOG_ROOT_TWO_PI;
}

/** P(state 1) before the next observation. */
export function predictTurbulence(model: TwoStateModel, filtered: number): number {
  return filtered * (1 - model.toCalm) + (1 - filtered) * model.toTurbulent;
}

/** P(state 1) after an observation, from the one before it. In log space, so that an outlier can not make it 0/0. */
export function observeTurbulence(model: TwoStateModel, predicted: number, x: number): number {
  const calm = logDensity(x, model.mu[0], model.sigma[0]);
  const turbulent = logDensity(x, model.mu[1], model.sigma[1]);
  if (predicted <= 0 || predicted >= 1) return predicted;
  return 1 / (1 + ((1 - predicted) / predicted) * Math.exp(calm - turbulent));
}

/**
 * Forward filter of a two-state Gaussian hidden Markov model (Hamilton 1989): probabilities at t rest on x up to t only.
 * @param initial P(state 1) before the first observation
 */
export function filterTwoStates(model: TwoStateModel, initial: number, x: ArrayLike<number>): HmmFilterResult {
  const turbulent = new Float64Array(x.length);
  let predicted = initial;
  let logLikelihood = 0;
  for (let t = 0; t < x.length; t++) {
    const value = x[t] as number;
    const calm = logDensity(value, model.mu[0], model.sigma[0]);
    const wild = logDensity(value, model.mu[1], model.sigma[1]);
    const top = Math.max(calm, wild);
    logLikelihood += top + Math.log((1 - predicted) * Math.exp(calm - top) + predicted * Math.exp(wild - top));
    const filtered = observeTurbulence(model, predicted, value);
    turbulent[t] = filtered;
    predicted = predictTurbulence(model, filtered);
  }
  return { turbulent, logLikelihood };
}
