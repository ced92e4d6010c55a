export type { ConditionRules, TradeRule } from './condition-rules.ts';
export { RULE_REGULAR } from './condition-rules.ts';
export { CONDITION_RULE_SETS, conditionRules } from './registry.ts';
export { RuleTable } from './rule-table.ts';
export type { ConditionSet, TradeCondition } from './trade-condition.ts';
export { parseConditions } from './trade-condition.ts';
