import { UsageError } from '../../base/index.ts';
import { algoseekRules } from './algoseek.ts';
import { allRules } from './all.ts';
import type { ConditionRules } from './condition-rules.ts';
import { sipRules } from './sip.ts';

/** Every rule set that `bars.condition_rules` may name; the first is the default. */
export const CONDITION_RULE_SETS: readonly ConditionRules[] = [sipRules, algoseekRules, allRules];

/** @throws UsageError naming the sets there are. */
export function conditionRules(id: string): ConditionRules {
  const rules = CONDITION_RULE_SETS.find((set) => set.id === id);
  if (rules !== undefined) return rules;
  const known = CONDITION_RULE_SETS.map((set) => set.id).join(', ');
  throw new UsageError(`"${id.slice(0, 40)}" is no set of condition rules; there are ${known}.`, {
    subject: 'bars.condition_rules',
  });
}
