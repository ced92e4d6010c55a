export type { AnomalyListener, AnomalyThresholds } from './anomaly-detector.ts';
export { AnomalyDetector } from './anomaly-detector.ts';
export type { Freshness, FreshnessState } from './freshness.ts';
export { freshness, WATCHED_SESSIONS } from './freshness.ts';
export type { QualityOptions, QualitySnapshot } from './quality-gate.ts';
export { QualityGate } from './quality-gate.ts';
export type { QuarantineRecord } from './quarantine.ts';
export { quarantineRecord } from './quarantine.ts';
export type { ReasonWeight } from './reasons.ts';
export {
  ARRIVAL_REASONS,
  REASON_WEIGHTS,
  REJECT_NAMES,
  Reason,
  Reject,
  reasonNames,
  rejectName,
  scoreOf,
} from './reasons.ts';
export type { TradeIdSnapshot } from './trade-id-window.ts';
export { TradeIdWindow } from './trade-id-window.ts';
