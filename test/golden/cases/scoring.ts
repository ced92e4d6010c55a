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
  const bins = reliabilityBins(p, y, Array.isArray(expected.bins) ? expected.bins.length : 10);
  const { z, pTwoSided } = spiegelhalter(p, y);
  const found: { [key: string]: Json } = {
    brier: brier(p, y),
    log_loss: logLoss(p, y, typeof params.eps === 'number' ? params.eps : undefined),
    auc: rocAuc(p, y),
    climatology,
    brier_climatology: constant,
    brier_skill_vs_climatology: brierSkill(brier(p, y), constant),
    bins: bins.map(({ low, high, n, meanP, frequency }) => ({ lo: low, hi: high, n, mean_p: meanP, freq: frequency })),
    murphy: { ...murphyParts(bins) },
    spiegelhalter: { z, p_two_sided: pTwoSided },
  };
  for (const key of Object.keys(expected)) {
    const [, name, count] = /^(ece|mce|ece_adaptive)(\d+)$/.exec(key) ?? [];
    if (name === 'ece') found[key] = expectedCalibrationError(reliabilityBins(p, y, Number(count)));
    else if (name === 'mce') found[key] = maximumCalibrationError(reliabilityBins(p, y, Number(count)));
    else if (name !== undefined) found[key] = adaptiveCalibrationError(p, y, Number(count));
    else if (!(key in found)) return `no computation is known for "${key}"`;
  }
  return found;
};
