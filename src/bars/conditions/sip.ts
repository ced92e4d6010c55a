import type { ConditionRules, TradeRule } from './condition-rules.ts';
import { RULE_REGULAR, RULE_VOLUME } from './condition-rules.ts';
import type { ConditionSet, TradeCondition } from './trade-condition.ts';

/** May update open and close, high and low, volume. */
type Entry = readonly [last: boolean, highLow: boolean, volume: boolean];

const NOTHING: Entry = [false, false, false];
const VOLUME_ONLY: Entry = [false, false, true];
const HIGH_LOW: Entry = [false, true, true];

/**
 * Consolidated processing of sale conditions by the US tapes (CTS and UTP plan specifications, "consolidated
 * processing guidelines"). Conditions that are absent update everything. Where the plans let a late report set the last
 * price if it is the only one so far, tier 1 has the same effect on a bar. Where the two plans read one letter
 * differently (`B`: bunched at UTP, average price at CTS), the stricter reading counts.
 */
const TABLE: Partial<Record<TradeCondition, Entry>> = {
  B: VOLUME_ONLY,
  C: VOLUME_ONLY,
  G: HIGH_LOW,
  H: VOLUME_ONLY,
  I: VOLUME_ONLY,
  L: HIGH_LOW,
  M: NOTHING,
  N: VOLUME_ONLY,
  P: HIGH_LOW,
  Q: NOTHING,
  R: VOLUME_ONLY,
  T: VOLUME_ONLY,
  U: VOLUME_ONLY,
  V: VOLUME_ONLY,
  W: VOLUME_ONLY,
  Z: HIGH_LOW,
  '2': HIGH_LOW,
  '3': HIGH_LOW,
  '4': HIGH_LOW,
  '7': VOLUME_ONLY,
  '9': NOTHING,
};

function ruleOf(conditions: ConditionSet): TradeRule {
  let last = true;
  let highLow = true;
  let volume = true;
  for (const letter of conditions.letters) {
    const entry = TABLE[letter];
    if (entry === undefined) continue;
    last &&= entry[0];
    highLow &&= entry[1];
    volume &&= entry[2];
  }
  if (last && highLow && volume) return RULE_REGULAR;
  return (last ? 2 : highLow ? 1 : 0) | (volume ? RULE_VOLUME : 0);
}

/** The rules of the US consolidated tapes. */
export const sipRules: ConditionRules = {
  id: 'sip',
  summary: 'US consolidated-tape rules: odd lots, extended hours, average price and the like update volume only.',
  arrivalBreaksTies: false,
  ruleOf,
};
