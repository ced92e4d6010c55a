import { logGamma } from '../base/index.ts';

/** Prior of the mean and precision of a run (normal-gamma), and the mean length of a run. */
export interface NormalGammaPrior {
  readonly alpha: number;
  readonly beta: number;
  readonly kappa: number;
  readonly mu: number;
  /** The hazard is 1 / this, constant. */
  readonly hazardLambda: number;
}

/** Posterior over the run length after one observation; `probability[r]` is P(run length = r). */
export interface RunLengthStep {
  readonly probability: Float64Array;
  /** The most probable run length. */
  readonly mode: number;
}

/** Log of the gamma factors of a Student-t density with 2·alpha degrees of freedom. */
export function logStudentFactor(alpha: number): number {
  return logGamma(alpha + 0.5) - logGamma(alpha) - 0.5 * Math.log(2 * Math.PI * alpha);
}

/**
 * Exact Bayesian online change-point detection (Adams and MacKay 2007) with Student-t predictive densities and a constant
 * hazard. Run length r after x[t] means that the run began r observations ago; P(r = 0) is identically the hazard.
 * Quadratic in the length of x: for tests and studies. The live form with a bound is `RunLengthTracker`.
 */
export function runLengthPosterior(prior: NormalGammaPrior, x: ArrayLike<number>): RunLengthStep[] {
  const hazard = 1 / prior.hazardLambda;
  const steps: RunLengthStep[] = [];
  let weights: Float64Array = Float64Array.of(1);
  const means: number[] = [prior.mu];
  const betas: number[] = [prior.beta];
  const factors: number[] = [];
  for (let t = 0; t < x.length; t++) {
    const value = x[t] as number;
    factors.push(logStudentFactor(prior.alpha + t / 2));
    const next = new Float64Array(t + 2);
    let total = 0;
    for (let r = 0; r <= t; r++) {
      const alpha = prior.alpha + r / 2;
      const kappa = prior.kappa + r;
      const scale2 = ((betas[r] as number) * (kappa + 1)) / (alpha * kappa);
      const deviation = value - (means[r] as number);
      const logDensity =
        (factors[r] as number) -
        0.5 * Math.log(scale2) -
        (alpha + 0.5) * Math.log1p((deviation * deviation) / (2 * alpha * scale2));
      const mass = (weights[r] as number) * Math.exp(logDensity);
      next[r + 1] = mass * (1 - hazard);
      total += mass;
    }
    next[0] = total * hazard;
    for (let r = 0; r < next.length; r++) next[r] = (next[r] as number) / total;
    for (let r = t; r >= 0; r--) {
      const kappa = prior.kappa + r;
      const mean = means[r] as number;
      means[r + 1] = (kappa * mean + value) / (kappa + 1);
      betas[r + 1] = (betas[r] as number) + (kappa * (value - mean) ** 2) / (2 * (kappa + 1));
    }
    weights = next;
    steps.push({ probability: next, mode: largestAt(next) });
  }
  return steps;
}

function largestAt(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
