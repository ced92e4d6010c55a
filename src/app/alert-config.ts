import { type AlertRule, type Webhook, webhookKeys } from '../alerts/index.ts';
import { TickloomError, UsageError } from '../base/index.ts';
import { type Secret, type TickloomConfig, webhookSecretName } from './config/index.ts';

/** The rules of the configuration, with what they leave out. */
export function alertRules({ alerts }: Pick<TickloomConfig, 'alerts'>): readonly AlertRule[] {
  return alerts.rules.map((rule) => ({
    name: rule.name,
    kinds: rule.kinds ?? ['pattern', 'signal', 'anomaly', 'system'],
    symbols: rule.symbols ?? [],
    patterns: rule.patterns ?? [],
    level: rule.level ?? 'MEDIUM',
    minConfidence: rule.min_confidence ?? 0,
    quietHours:
      rule.quiet_hours === undefined
        ? undefined
        : {
            fromMinute: minuteOf(rule.quiet_hours.from),
            toMinute: minuteOf(rule.quiet_hours.to),
            zone: rule.quiet_hours.zone ?? 'UTC',
          },
    coolDownUs: Math.round((rule.cool_down_s ?? 0) * 1e6),
    mode: rule.mode ?? 'on',
    webhooks: rule.webhooks ?? [],
  }));
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** The webhooks of the configuration with their keys. @throws UsageError for a secret that is missing or malformed */
export function alertWebhooks(
  { alerts }: Pick<TickloomConfig, 'alerts'>,
  secrets: ReadonlyMap<string, Secret>,
): readonly Webhook[] {
  return alerts.webhooks.map(({ name, url, allow_private: allowPrivate = false }) => {
    const variable = webhookSecretName(name);
    const secret = secrets.get(variable);
    if (secret === undefined) {
      throw new UsageError(`alerts.webhooks: "${name}" needs ${variable} in the environment or in .env.`, {
        subject: variable,
      });
    }
    try {
      return { name, url, allowPrivate, keys: webhookKeys(secret.reveal(), secret.where) };
    } catch (error) {
      if (!(error instanceof TickloomError)) throw error;
      throw new UsageError(error.message, { subject: variable, cause: error });
    }
  });
}
