export { EDGE_EVIDENCE, EdgeTest, SKILL_EVENTS } from './edge-test.ts';
export type { Adjustment } from './multiple-testing.ts';
export { benjaminiHochberg, benjaminiYekutieli, bonferroni, holm } from './multiple-testing.ts';
export type { OutcomeBookOptions, ReleasedOutcome, TrackedEntry, TrackedPattern } from './outcome-book.ts';
export { OutcomeBook } from './outcome-book.ts';
export type { ClaimedRate, OutcomeSummary } from './outcome-statistics.ts';
export type { LegacyWeights, PooledProbability, PoolWeights } from './probability.ts';
export { calibratedPool, legacyScore, multiplicativeScore, patternWeight } from './probability.ts';
export type { DeskView, Evidence, SignalSettings } from './signal-desk.ts';
export { DEFAULT_SIGNAL_SETTINGS, SignalDesk } from './signal-desk.ts';
export type { RateDifference, RateInterval } from './success-rate.ts';
export {
  betaInterval,
  binomialTail,
  clopperPearson,
  jeffreys,
  probabilityAbove,
  rateDifference,
  shrunkRate,
  twoSidedZ,
  wilson,
} from './success-rate.ts';
export type { BarPrices, BarrierLabel, BarrierSpec } from './triple-barrier.ts';
export { closeOnlyBarrier, tripleBarrier } from './triple-barrier.ts';
