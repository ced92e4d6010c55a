import { crpsGaussian, EwmaSigma, RunningClimatology, signedPinball, winkler } from '../../../src/learners/index.ts';
import type { GoldenCase, GoldenChecker, Json, JsonObject } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** By what the case brings: returns, outcomes, an interval, or a normal forecast. */
export const checkBaselines: GoldenChecker = ({ params, input, expected }: GoldenCase) => {
  if (input.r !== undefined) return { per_bar: intervals(params, numbersOf(input, 'r')) };
  const y = numbersOf(input, 'y');
  if (input.lo !== undefined) return losses(params.alpha as number, y, input, expected);
  if (input.mu !== undefined) {
    const mu = numbersOf(input, 'mu');
    const sigma = numbersOf(input, 'sigma');
    return { crps: y.map((value, i) => crpsGaussian(value, mu[i] as number, sigma[i] as number)) };
  }
  const climatology = new RunningClimatology();
  return {
    p_before: y.map((outcome) => {
      const before = climatology.probability;
      climatology.learn(outcome);
      return before;
    }),
  };
};

function intervals(params: JsonObject, returns: readonly number[]): Json {
  const ewma = new EwmaSigma(params.lam as number, params.warm as number);
  const perBar: Json[] = [];
  returns.forEach((returned, t) => {
    const { sigma } = ewma;
    ewma.learn(returned);
    const z = returned / sigma;
    if (!Number.isNaN(sigma)) perBar.push({ t, sigma, z, inside90: Math.abs(z) <= (params.z as number) });
  });
  return perBar;
}

/** The file prints pinball values with the sign of y - q; the loss itself is their size. */
function losses(alpha: number, y: readonly number[], input: JsonObject, expected: JsonObject): JsonObject {
  const low = numbersOf(input, 'lo');
  const high = numbersOf(input, 'hi');
  const found: { [key: string]: Json } = {
    winkler: y.map((value, i) => winkler(value, low[i] as number, high[i] as number, alpha)),
  };
  for (const key of Object.keys(expected)) {
    const percent = /^pinball(\d+)$/.exec(key)?.[1];
    if (percent === undefined) continue;
    const tau = Number(percent) / 100;
    const ends = tau < 0.5 ? low : high;
    found[key] = y.map((value, i) => signedPinball(value, ends[i] as number, tau));
  }
  return found;
}
