import type { Micros } from '../base/index.ts';
import { ALERT_LEVELS, type AlertFact, type AlertRule } from './alert-rule.ts';
import { matchesGlob } from './glob.ts';
import { isQuiet } from './quiet-hours.ts';

/** What rules have to remember; the outbox keeps it on disk, a dry run in memory. */
export interface RuleMemory {
  /** Engine time at which a rule last fired about a subject. */
  lastFiredUs(rule: string, subject: string): Micros | undefined;
  /** Whether a rule fired on an event. */
  hasFired(rule: string, eventId: number): boolean;
  /** Notes that it fires now. */
  fired(rule: string, subject: string, atUs: Micros, eventId: number): void;
}

/** What a rule makes of an event that it is about. */
export type Verdict = 'fired' | 'quiet' | 'cool-down';

/**
 * What a rule makes of an event; undefined where it is not about it. Time is that of the event, so that a dry run over
 * the past gives what a live run gave. What amends or withdraws an event that the rule fired on is told in any case.
 */
export function verdictOf(rule: AlertRule, fact: AlertFact, memory: RuleMemory): Verdict | undefined {
  if (rule.mode === 'off' || !rule.kinds.includes(fact.kind)) return undefined;
  const subject = subjectOf(fact);
  const isCorrection = fact.replacesId !== undefined && memory.hasFired(rule.name, fact.replacesId);
  if (!isCorrection) {
    if (!isWanted(rule, fact)) return undefined;
    if (rule.quietHours !== undefined && isQuiet(rule.quietHours, fact.atUs)) return 'quiet';
    const lastUs = rule.coolDownUs === 0 ? undefined : memory.lastFiredUs(rule.name, subject);
    if (lastUs !== undefined && fact.atUs - lastUs < rule.coolDownUs) return 'cool-down';
  }
  memory.fired(rule.name, subject, fact.atUs, fact.eventId);
  return 'fired';
}

function isWanted(rule: AlertRule, fact: AlertFact): boolean {
  if (fact.kind === 'pattern' && fact.event['status'] !== 'TRIGGERED') return false;
  if (ALERT_LEVELS.indexOf(fact.level) < ALERT_LEVELS.indexOf(rule.level)) return false;
  if (fact.confidence !== undefined && fact.confidence < rule.minConfidence) return false;
  const { symbol, pattern } = fact;
  if (rule.symbols.length > 0) {
    if (symbol === undefined || !rule.symbols.some((glob) => matchesGlob(glob, symbol))) return false;
  }
  if (rule.patterns.length === 0 || fact.kind !== 'pattern') return true;
  return pattern !== undefined && rule.patterns.some((glob) => matchesGlob(glob, pattern));
}

/** What a cool-down is about: a symbol; of the program itself the sentence without its figures. */
function subjectOf(fact: AlertFact): string {
  return fact.kind === 'system'
    ? `${fact.symbol ?? ''} ${fact.message.replace(/\d+(\.\d+)?/g, '#')}`
    : (fact.symbol ?? '');
}
