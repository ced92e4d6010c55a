import { normalCdf } from '../base/index.ts';

/** Mean squared error of probabilities; `y` holds 0 and 1. NaN without rows. */
export function brier(p: ArrayLike<number>, y: ArrayLike<number>): number {
  return meanOf(p.length, (i) => ((p[i] as number) - (y[i] as number)) ** 2);
}

/** Mean negative log likelihood; the probability of what happened is clipped to [eps, 1 - eps]. */
export function logLoss(p: ArrayLike<number>, y: ArrayLike<number>, eps = 1e-15): number {
  return meanOf(p.length, (i) => {
    const likelihood = (y[i] as number) > 0.5 ? (p[i] as number) : 1 - (p[i] as number);
    return -Math.log(Math.min(1 - eps, Math.max(eps, likelihood)));
  });
}

/** Area under the ROC curve by ranks, ties shared; NaN where only one outcome occurs. */
export function rocAuc(p: ArrayLike<number>, y: ArrayLike<number>): number {
  const order = ascending(p);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && p[order[to] as number] === p[order[from] as number]) to++;
    for (let i = from; i < to; i++) {
      if ((y[order[i] as number] as number) <= 0.5) continue;
      positives++;
      rankSum += (from + 1 + to) / 2;
    }
    from = to;
  }
  const negatives = order.length - positives;
  return positives > 0 && negatives > 0
    ? (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
    : Number.NaN;
}

/** 1 - Brier / Brier of the reference; 0 is no better than it. NaN where the reference makes no error. */
export function brierSkill(score: number, reference: number): number {
  return reference > 0 ? 1 - score / reference : Number.NaN;
}

/** Spiegelhalter's test of calibration (1986): standard normal where the probabilities are right. */
export function spiegelhalter(p: ArrayLike<number>, y: ArrayLike<number>): { z: number; pTwoSided: number } {
  let sum = 0;
  let variance = 0;
  for (let i = 0; i < p.length; i++) {
    const value = p[i] as number;
    const tilt = 1 - 2 * value;
    sum += ((y[i] as number) - value) * tilt;
    variance += tilt * tilt * value * (1 - value);
  }
  const z = sum / Math.sqrt(variance);
  return { z, pTwoSided: 2 * normalCdf(-Math.abs(z)) };
}

/** Indices by ascending p; equal ones keep their order. */
export function ascending(p: ArrayLike<number>): number[] {
  return Array.from({ length: p.length }, (_, i) => i).sort((a, b) => (p[a] as number) - (p[b] as number));
}

function meanOf(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum / n;
}
