export { algoseekRules } from './algoseek.ts';
export { allRules } from './all.ts';
export type { ConditionRules, TradeRule } from './condition-rules.ts';
export { RULE_REGULAR, RULE_VOLUME } from './condition-rules.ts';
export { CONDITION_RULE_SETS, conditionRules } from './registry.ts';
export { RuleTable } from './rule-table.ts';
export { sipRules } from './sip.ts';
export type { ConditionSet, TradeCondition } from './trade-condition.ts';
export { parseConditions, TRADE_CONDITIONS } from './trade-condition.ts';
