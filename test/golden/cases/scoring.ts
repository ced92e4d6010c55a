import {
  adaptiveCalibrationError,
  brier,
  brierSkill,
  expectedCalibrationError,
  logLoss,
  maximumCalibrationError,
  murphyParts,
  reliabilityBins,
  rocAuc,
  spiegelhalter,
} from '../../../src/learners/index.ts';
import type { GoldenChecker, Json } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** `ece`, `mce` and `ece_adaptive` carry their number of bins in the name; 10 elsewhere. */
export const checkScoring: GoldenChecker = ({ params, input, expected }) => {
  const p = numbersOf(input, 'p');
  const y = numbersOf(input, 'y');
  const climatology = y.reduce((a, b) => a + b, 0) / y.length;
  const constant = brier(new Array<number>(y.length).fill(climatology), y);
  const named = Object.keys(expected).map((key) => /^ece(\d+)$/.exec(key)?.[1]);
  const count = Number(named.find((digits) => digits !== undefined) ?? 10);
  const bins = reliabilityBins(p, y, count);
  // A file may list the empty bins or leave them out.
  const isWhole = !Array.isArray(expected.bins) || expected.bins.length === count;
  const listed = isWhole ? bins : bins.filter(({ n }) => n > 0);
  const { z, pTwoSided } = spiegelhalter(p, y);
  const found: { [key: string]: Json } = {
    brier: brier(p, y),
    log_loss: logLoss(p, y, typeof params.eps === 'number' ? params.eps : undefined),
    auc: rocAuc(p, y),
    climatology,
    brier_climatology: constant,
    brier_skill_vs_climatology: brierSkill(brier(p, y), constant),
    bins: listed.map(({ low, high, n, meanP, frequency }) => ({
      lo: low,
      hi: high,
      n,
      mean_p: meanP,
      freq: frequency,
    })),
    murphy: { ...murphyParts(bins) },
    spiegelhalter: { z, p_two_sided: pTwoSided },
  };
  for (const key of Object.keys(expected)) {
    const [, name, digits] = /^(ece|mce|ece_adaptive)(\d+)$/.exec(key) ?? [];
    if (name === 'ece') found[key] = expectedCalibrationError(reliabilityBins(p, y, Number(digits)));
    else if (name === 'mce') found[key] = maximumCalibrationError(reliabilityBins(p, y, Number(digits)));
    else if (name !== undefined) found[key] = adaptiveCalibrationError(p, y, Number(digits));
    else if (!(key in found)) return `no computation is known for "${key}"`;
  }
  return found;
};
