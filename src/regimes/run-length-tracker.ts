import { invariant } from '../base/index.ts';
import type { NormalGammaPrior } from './bocpd.ts';
import { logStudentFactor } from './bocpd.ts';

/** Prior of the live change-point posterior, for standardised returns; runs of 250 bars on average. */
export const LIVE_CHANGE_POINTS: NormalGammaPrior = { alpha: 1, beta: 1, kappa: 1, mu: 0, hazardLambda: 250 };

/** Degrees of freedom grow with the run; from here on the factors no longer change noticeably. */
const FACTOR_ROOM = 4096;

/** Doubles per hypothesis: run length, probability, mean, beta. */
const LENGTH = 0;
const MASS = 1;
const MEAN = 2;
const BETA = 3;
const HYPOTHESIS = 4;

/**
 * Bayesian online change-point detection with a bound: at most `capacity` run lengths are held, in the block. When they
 * are full, the least probable one that is older than `young` bars is dropped and its probability shared out by scaling
 * (policy: drop the least probable). Runs of up to `young` bars are never dropped, so that a change that has just begun
 * can grow. While there are at most `capacity` bars the posterior is exact. Run lengths stop counting at 4095 bars, where
 * more evidence hardly narrows the predictive density.
 */
export class RunLengthTracker {
  readonly stateSize: number;
  private readonly prior: NormalGammaPrior;
  private readonly capacity: number;
  private readonly young: number;
  private readonly hazard: number;
  private readonly factors: Float64Array;

  /**
   * @param capacity most run lengths held
   * @param young largest run length that counts as a recent change
   */
  constructor(prior: NormalGammaPrior, capacity: number, young: number) {
    invariant(capacity > young + 1, 'there is room for an old run beside all young ones');
    this.prior = prior;
    this.capacity = capacity;
    this.young = young;
    this.hazard = 1 / prior.hazardLambda;
    this.stateSize = 1 + capacity * HYPOTHESIS;
    this.factors = Float64Array.from({ length: FACTOR_ROOM }, (_, r) =>
      Math.exp(logStudentFactor(prior.alpha + r / 2)),
    );
  }

  reset(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.stateSize);
    state[at] = 1;
    this.begin(state, at + 1, 1);
  }

  /** @returns the probability that the run is at most `young` observations long, after this one */
  update(state: Float64Array, at: number, x: number): number {
    const { prior, hazard, factors, young } = this;
    let count = state[at] as number;
    let total = 0;
    let recent = 0;
    let weakest = -1;
    let weakestMass = Number.POSITIVE_INFINITY;
    const end = at + 1 + count * HYPOTHESIS;
    for (let place = at + 1; place < end; place += HYPOTHESIS) {
      const r = state[place + LENGTH] as number;
      const mean = state[place + MEAN] as number;
      const beta = state[place + BETA] as number;
      const alpha = prior.alpha + r / 2;
      const kappa = prior.kappa + r;
      const scale2 = (beta * (kappa + 1)) / (alpha * kappa);
      const deviation = x - mean;
      const square = deviation * deviation;
      const tail = Math.exp(-(alpha + 0.5) * Math.log(1 + square / (2 * alpha * scale2)));
      const mass = ((state[place + MASS] as number) * (factors[r] as number) * tail) / Math.sqrt(scale2);
      const next = r + 1 < FACTOR_ROOM ? r + 1 : r;
      state[place + LENGTH] = next;
      state[place + MASS] = mass;
      state[place + MEAN] = (kappa * mean + x) / (kappa + 1);
      // A run that no longer counts must not gather beta either, or its variance would grow without end.
      state[place + BETA] =
        next > r ? beta + (kappa * square) / (2 * (kappa + 1)) : this.held(beta, kappa, alpha, square);
      total += mass;
      if (next <= young) recent += mass;
      else if (mass < weakestMass) {
        weakest = place;
        weakestMass = mass;
      }
    }
    if (!(total > 0)) {
      this.reset(state, at);
      return 1;
    }
    let place = end;
    if (count === this.capacity) {
      total -= weakestMass;
      place = weakest;
    } else {
      count += 1;
      state[at] = count;
    }
    const keep = (1 - hazard) / total;
    const last = at + 1 + count * HYPOTHESIS;
    for (let other = at + 1; other < last; other += HYPOTHESIS) {
      state[other + MASS] = (state[other + MASS] as number) * keep;
    }
    this.begin(state, place, hazard);
    return hazard + recent * keep;
  }

  private begin(state: Float64Array, place: number, mass: number): void {
    state[place + LENGTH] = 0;
    state[place + MASS] = mass;
    state[place + MEAN] = this.prior.mu;
    state[place + BETA] = this.prior.beta;
  }

  /** Beta of a run at the bound: an exponential average with the weight of its length. */
  private held(beta: number, kappa: number, alpha: number, square: number): number {
    return (beta + (kappa * square) / (2 * (kappa + 1))) * (alpha / (alpha + 0.5));
  }
}
