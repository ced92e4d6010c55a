export type { Anomaly, AnomalyKind } from './anomaly.ts';
export type { Bar, BarChange } from './bar.ts';
export type { ActionKind, CorporateAction } from './corporate-action.ts';
export { ACTION_KINDS } from './corporate-action.ts';
export type {
  CommandPayload,
  EventPayload,
  EventSource,
  GapPayload,
  MalformedPayload,
  StatusPayload,
} from './event-batch.ts';
export { EVENT_KIND_NAMES, EventBatch, EventKind } from './event-batch.ts';
export type { Gap, GapState } from './gap.ts';
export type { AssetClass, BarBasis, Instrument } from './instrument.ts';
export { guessInstrument, isSymbol, normaliseSymbol } from './instrument.ts';
export type {
  Direction,
  KeyPoint,
  PatternFamily,
  PatternFinding,
  PatternMatch,
  PatternOdds,
  PatternStatus,
  PriceLevels,
  RegimeChange,
  StatementChange,
} from './pattern.ts';
export { PATTERN_STATUSES } from './pattern.ts';
export type { Regime, TrendClass, VolatilityClass } from './regime.ts';
export { TREND_CLASSES, VOLATILITY_CLASSES } from './regime.ts';
export type { Outcome, OutcomeBarrier, Signal, SignalAction } from './signal.ts';
export { SIGNAL_ACTIONS } from './signal.ts';
export type { Timeframe, TimeframeUnit } from './timeframe.ts';
export { parseTimeframe, timeframeOfLength } from './timeframe.ts';
export type { UniverseTables } from './universe.ts';
export { Universe } from './universe.ts';
