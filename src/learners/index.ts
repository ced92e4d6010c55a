export { crpsGaussian, EwmaSigma, pinball, RunningClimatology, signedPinball, winkler } from './baselines.ts';
export type { MurphyParts, ReliabilityBin } from './reliability.ts';
export {
  adaptiveCalibrationError,
  calibrationErrorNull,
  expectedCalibrationError,
  maximumCalibrationError,
  murphyParts,
  reliabilityBins,
} from './reliability.ts';
export { brier, brierSkill, logLoss, rocAuc, spiegelhalter } from './scores.ts';
