import type { ConditionRules, TradeRule } from './condition-rules.ts';
import { RULE_REGULAR, RULE_VOLUME } from './condition-rules.ts';
import type { ConditionSet } from './trade-condition.ts';

/**
 * The rules behind the minute bars that are sold with AlgoSeek's ticks, found by comparing both: no trade that these
 * rules admit ever lies outside the range of its minute, and every extreme of a minute has one as its setter
 * (docs/bars.md has the figures).
 *
 * - Official open and close repeat another print: neither price nor volume.
 * - Extended-hours prints set prices whatever else they are.
 * - Of the rest, intermarket sweeps and derivatively priced prints do not, and average prices do not where they are
 *   exempt from the trade-through rule (that is, where they were agreed elsewhere).
 */
function ruleOf(conditions: ConditionSet): TradeRule {
  const { letters } = conditions;
  if (letters.has('M') || letters.has('Q')) return 0;
  if (conditions.isSuspicious) return RULE_VOLUME;
  if (letters.has('T')) return RULE_REGULAR;
  const isSpecial = letters.has('F') || letters.has('4') || (letters.has('W') && conditions.isTradeThroughExempt);
  return isSpecial ? RULE_VOLUME : RULE_REGULAR;
}

/** The rules of AlgoSeek's own minute bars; their files are in the vendor's sequence, which breaks ties. */
export const algoseekRules: ConditionRules = {
  id: 'algoseek',
  summary: 'As the vendor builds its bars: sweeps and special prints set a price only in a bar without other trades.',
  arrivalBreaksTies: true,
  ruleOf,
};
