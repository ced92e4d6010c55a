import type { Micros } from '../base/index.ts';
import type { BusEvent } from '../bus/index.ts';
import { alertFact } from './alert-fact.ts';
import type { AlertRule } from './alert-rule.ts';
import { type RuleMemory, verdictOf } from './rule-desk.ts';

/** How often a rule would have fired. */
export interface DryRunRow {
  readonly rule: string;
  readonly fired: number;
  /** Held back by quiet hours. */
  readonly quiet: number;
  /** Held back by the cool-down. */
  readonly coolDown: number;
  /** Engine time of the first and last firing; undefined where there was none. */
  readonly firstUs: Micros | undefined;
  readonly lastUs: Micros | undefined;
  readonly bySymbol: Readonly<Record<string, number>>;
}

class MemoryOfRun implements RuleMemory {
  private readonly last = new Map<string, Micros>();
  private readonly events = new Set<string>();

  lastFiredUs(rule: string, subject: string): Micros | undefined {
    return this.last.get(`${rule}\n${subject}`);
  }

  hasFired(rule: string, eventId: number): boolean {
    return this.events.has(`${rule}\n${eventId}`);
  }

  fired(rule: string, subject: string, atUs: Micros, eventId: number): void {
    this.last.set(`${rule}\n${subject}`, atUs);
    this.events.add(`${rule}\n${eventId}`);
  }
}

/** Asks rules about stored events, as a live run would have, and sends nothing. Events come in order of their ids. */
export function dryRun(rules: readonly AlertRule[], events: Iterable<BusEvent>): readonly DryRunRow[] {
  const memory = new MemoryOfRun();
  const counts = rules.map(() => ({ fired: 0, quiet: 0, coolDown: 0, times: [] as Micros[] }));
  const symbols = rules.map(() => new Map<string, number>());
  for (const event of events) {
    const fact = alertFact(event);
    if (fact === undefined) continue;
    rules.forEach((rule, i) => {
      const count = counts[i];
      const verdict = verdictOf(rule, fact, memory);
      if (count === undefined || verdict === undefined) return;
      if (verdict === 'quiet') count.quiet += 1;
      else if (verdict === 'cool-down') count.coolDown += 1;
      else {
        count.fired += 1;
        count.times.push(fact.atUs);
        const symbol = fact.symbol ?? '';
        symbols[i]?.set(symbol, (symbols[i]?.get(symbol) ?? 0) + 1);
      }
    });
  }
  return rules.map(({ name }, i) => {
    const { fired = 0, quiet = 0, coolDown = 0, times = [] } = counts[i] ?? {};
    const bySymbol = Object.fromEntries([...(symbols[i] ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { rule: name, fired, quiet, coolDown, firstUs: times[0], lastUs: times.at(-1), bySymbol };
  });
}
