import { describe, expect, it } from 'vitest';
import {
  CONDITION_RULE_SETS,
  type ConditionRules,
  conditionRules,
  parseConditions,
  RuleTable,
} from '../../src/bars/index.ts';
import { TextTable } from '../../src/base/index.ts';

/** What a rule lets a trade do, as letters: o(pen/close), r(ange), v(olume), and f where it is a fallback price only. */
function ruling(id: string, text: string): string {
  const rule = conditionRules(id).ruleOf(parseConditions(text));
  return `${['f', 'r', 'or'][rule & 3]}${(rule & 4) !== 0 ? 'v' : ''}`;
}

describe('condition texts', () => {
  it('are read in every vendor spelling', () => {
    const letters = (text: string): string => [...parseConditions(text).letters].sort().join('');
    expect(letters('')).toBe('');
    expect(letters('@')).toBe('@');
    expect(letters('@,T')).toBe('@T');
    expect(letters('@ TI')).toBe('@IT');
    expect(letters('4')).toBe('4');
    expect(letters('20002020')).toBe('FT');
    expect(letters('20100200')).toBe('4W');
    expect(letters('80000001')).toBe('@I');
    expect(letters('buyerMaker')).toBe('');
    expect(parseConditions('20000020').isTradeThroughExempt).toBe(true);
    expect(parseConditions('1').isTradeThroughExempt).toBe(false);
    expect(parseConditions('1;suspicious').isSuspicious).toBe(true);
  });
});

describe('rule sets', () => {
  it('sip follows the consolidated tapes', () => {
    const expected: Record<string, string> = {
      '': 'orv',
      '@': 'orv',
      '@,F': 'orv',
      '@,I': 'fv',
      '@,T': 'fv',
      '@,T,I': 'fv',
      W: 'fv',
      '4': 'rv',
      P: 'rv',
      Z: 'rv',
      'L,I': 'fv',
      '7': 'fv',
      V: 'fv',
      M: 'f',
      Q: 'f',
      O: 'orv',
      '5': 'orv',
      '6': 'orv',
      buyerMaker: 'orv',
      '20002020': 'fv',
      '20000020': 'orv',
      '4000000': 'f',
    };
    for (const [text, rule] of Object.entries(expected)) expect([text, ruling('sip', text)]).toEqual([text, rule]);
  });

  it('algoseek lets special prints of the regular session set no price', () => {
    const expected: Record<string, string> = {
      '1': 'orv',
      '20': 'fv',
      '20000020': 'fv',
      '2000': 'orv',
      '20002020': 'orv',
      '20100200': 'fv',
      '20100000': 'fv',
      '100000': 'orv',
      '4800': 'orv',
      '2000000': 'orv',
      '1000000': 'f',
      '4000000': 'f',
      '1;suspicious': 'fv',
    };
    for (const [text, rule] of Object.entries(expected)) expect([text, ruling('algoseek', text)]).toEqual([text, rule]);
  });

  it('all lets everything do everything', () => {
    for (const text of ['', 'W', '4000000', '20', '1;suspicious']) expect(ruling('all', text)).toBe('orv');
  });

  it('names the sets there are when asked for another', () => {
    expect(() => conditionRules('none')).toThrow(/"none".*sip, algoseek, all/);
    expect(CONDITION_RULE_SETS[0]?.id).toBe('sip');
  });

  it('are looked up once per text', () => {
    const texts = new TextTable('trade conditions');
    let asked = 0;
    const ruleOf: ConditionRules['ruleOf'] = ({ letters }) => {
      asked++;
      return letters.has('I') ? 4 : 6;
    };
    const table = new RuleTable({ id: 'x', summary: '', arrivalBreaksTies: false, ruleOf }, texts);
    const ids = Array.from({ length: 600 }, (_, i) => texts.intern(i % 2 === 0 ? `@,I,${i}` : `@,${i}`));
    for (let round = 0; round < 3; round++) {
      ids.forEach((id, i) => {
        expect(table.ruleOf(id)).toBe(i % 2 === 0 ? 4 : 6);
      });
    }
    expect(asked).toBe(600);
  });
});
