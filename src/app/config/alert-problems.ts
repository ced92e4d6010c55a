import { webhookAddressFault } from '../../alerts/index.ts';
import { TickloomError } from '../../base/index.ts';
import { ZoneClock } from '../../calendar/index.ts';
import type { Problem } from './check-meaning.ts';
import type { TickloomConfig } from './schema.ts';

/** What a schema can not say of alerts: names that must exist, once each, zones, and addresses that are not private. */
export function alertProblems({ alerts }: Pick<TickloomConfig, 'alerts'>): readonly Problem[] {
  const { rules, webhooks, retry } = alerts;
  const problems: Problem[] = [...twice('rules', rules), ...twice('webhooks', webhooks)];
  webhooks.forEach(({ name, url, allow_private = false }, i) => {
    const fault = webhookAddressFault(url, allow_private);
    if (fault === undefined) return;
    const path = ['alerts', 'webhooks', String(i), 'url'];
    problems.push({ path, message: `${path.join('.')}: the webhook "${name}" is refused: ${fault}` });
  });
  const known = webhooks.map(({ name }) => name);
  rules.forEach((rule, i) => {
    const at = ['alerts', 'rules', String(i)];
    (rule.webhooks ?? []).forEach((name, k) => {
      if (known.includes(name)) return;
      const path = [...at, 'webhooks', String(k)];
      const allowed = known.length === 0 ? 'none, alerts.webhooks is empty' : known.join(', ');
      problems.push({ path, message: `${path.join('.')}: found "${name}", allowed: ${allowed}` });
    });
    const zone = rule.quiet_hours?.zone;
    if (zone !== undefined && !isZone(zone)) {
      const path = [...at, 'quiet_hours', 'zone'];
      problems.push({ path, message: `${path.join('.')}: found "${zone}", allowed: an IANA time zone` });
    }
    if (rule.quiet_hours !== undefined && rule.quiet_hours.from === rule.quiet_hours.to) {
      const path = [...at, 'quiet_hours', 'to'];
      problems.push({ path, message: `${path.join('.')}: found the same as from, allowed: another time of the day` });
    }
  });
  if (retry.first_s > retry.max_s) {
    const path = ['alerts', 'retry', 'first_s'];
    problems.push({
      path,
      message: `${path.join('.')}: found ${retry.first_s}, allowed: up to alerts.retry.max_s, which is ${retry.max_s}`,
    });
  }
  return problems;
}

function twice(list: 'rules' | 'webhooks', rows: readonly { readonly name: string }[]): readonly Problem[] {
  const names = rows.map(({ name }) => name);
  return names.flatMap((name, i): Problem[] => {
    if (names.indexOf(name) === i) return [];
    const path = ['alerts', list, String(i), 'name'];
    return [{ path, message: `${path.join('.')}: "${name}" is there already` }];
  });
}

function isZone(zone: string): boolean {
  try {
    return new ZoneClock(zone).zone === zone;
  } catch (error) {
    if (error instanceof TickloomError) return false;
    throw error;
  }
}
