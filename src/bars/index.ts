export { BarBuilder, type BarBuilderOptions } from './bar-builder.ts';
export type { BarClock } from './bar-clock.ts';
export { CalendarBarClock, ContinuousBarClock } from './bar-clock.ts';
export { BarSeries } from './bar-series.ts';
export type { BarCounters, BarSink } from './bar-sink.ts';
export type { ConditionRules, ConditionSet, TradeCondition, TradeRule } from './conditions/index.ts';
export {
  CONDITION_RULE_SETS,
  conditionRules,
  parseConditions,
  RuleTable,
} from './conditions/index.ts';
export type { Adjustment, AdjustmentFactors } from './price-adjustment.ts';
export { actionsAsOf, PriceAdjustment } from './price-adjustment.ts';
export { TICK_FLAGS } from './tick-flags.ts';
export type { TickRingLocation } from './tick-ring.ts';
export { TickRing } from './tick-ring.ts';
export type { TickColumns } from './tick-ring-reader.ts';
export { TickRingReader, tickColumns } from './tick-ring-reader.ts';
export type { TimeframeTree } from './timeframe-tree.ts';
export { feederOf } from './timeframe-tree.ts';
