import { checkBaselines } from './cases/baselines.ts';
import { checkBocpd } from './cases/bocpd.ts';
import { checkCandles } from './cases/candles.ts';
import { checkChartPatterns } from './cases/chart_patterns.ts';
import { checkHmmFilter } from './cases/hmm_filter.ts';
import { checkIndicators } from './cases/indicators.ts';
import { checkOnlineScaler } from './cases/online_scaler.ts';
import { checkPrng } from './cases/prng.ts';
import { checkProbability } from './cases/probability.ts';
import { checkRegimes } from './cases/regimes.ts';
import { checkScoring } from './cases/scoring.ts';
import { checkSuccessRate } from './cases/success_rate.ts';
import { checkToleranceMatch } from './cases/tolerance_match.ts';
import { checkTripleBarrier } from './cases/triple_barrier.ts';
import type { GoldenChecker } from './golden-file.ts';

/** The checker of each golden file, by the file's `id`. */
export const CHECKERS: ReadonlyMap<string, GoldenChecker> = new Map([
  ['candles', checkCandles],
  ['bocpd', checkBocpd],
  ['chart_patterns', checkChartPatterns],
  ['hmm_filter', checkHmmFilter],
  ['indicators', checkIndicators],
  ['online_scaler', checkOnlineScaler],
  ['prng', checkPrng],
  ['regimes', checkRegimes],
  ['tolerance_match', checkToleranceMatch],
  ['probability', checkProbability],
  ['success_rate', checkSuccessRate],
  ['triple_barrier', checkTripleBarrier],
  ['baselines', checkBaselines],
  ['scoring', checkScoring],
]);
