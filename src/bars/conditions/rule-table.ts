import type { TextTable } from '../../base/index.ts';
import type { ConditionRules, TradeRule } from './condition-rules.ts';
import { parseConditions } from './trade-condition.ts';

const UNKNOWN = 0xff;

/** The rule of each condition text of a universe by its id, worked out once: the hot path is one array read. */
export class RuleTable {
  readonly rules: ConditionRules;
  private readonly texts: TextTable;
  /** Rules by condition id, 0xff where none was worked out yet. */
  known = new Uint8Array(256).fill(UNKNOWN);

  constructor(rules: ConditionRules, texts: TextTable) {
    this.rules = rules;
    this.texts = texts;
  }

  ruleOf(conditionId: number): TradeRule {
    const rule = this.known[conditionId];
    return rule === undefined || rule === UNKNOWN ? this.learn(conditionId) : rule;
  }

  private learn(conditionId: number): TradeRule {
    if (conditionId >= this.known.length) {
      const wider = new Uint8Array(Math.max(conditionId + 1, this.known.length * 2)).fill(UNKNOWN);
      wider.set(this.known);
      this.known = wider;
    }
    const rule = this.rules.ruleOf(parseConditions(this.texts.text(conditionId)));
    this.known[conditionId] = rule;
    return rule;
  }
}
