import type { ConditionRules } from './condition-rules.ts';
import { RULE_REGULAR } from './condition-rules.ts';

/** Every trade sets every price and counts: for markets without sale conditions, and to see what the rules change. */
export const allRules: ConditionRules = {
  id: 'all',
  summary: 'Every trade sets open, high, low, close and volume.',
  arrivalBreaksTies: false,
  ruleOf: () => RULE_REGULAR,
};
