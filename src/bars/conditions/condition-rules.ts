import type { ConditionSet } from './trade-condition.ts';

/**
 * What one trade may do to a bar, in one small number that the hot path reads from a table:
 * bits 0 and 1 are its price tier, bit 2 says that its size counts as volume.
 *
 * - tier 2 sets open, high, low and close;
 * - tier 1 sets high and low, and open and close only of a bar without a tier-2 trade;
 * - tier 0 sets a price only in a bar that has nothing better.
 */
export type TradeRule = number;

export const RULE_VOLUME = 4;
/** A regular trade: sets every price and counts. */
export const RULE_REGULAR: TradeRule = 2 | RULE_VOLUME;

/** A named set of rules, chosen by `bars.condition_rules`. */
export interface ConditionRules {
  readonly id: string;
  /** One sentence for the documentation and `config print`. */
  readonly summary: string;
  /** True when the order of arrival decides between trades of one event time that carry no numeric id. */
  readonly arrivalBreaksTies: boolean;
  ruleOf(conditions: ConditionSet): TradeRule;
}
