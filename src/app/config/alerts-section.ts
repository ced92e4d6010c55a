import Type from 'typebox';
import { closed, decimal, flag, integer, section } from './schema-parts.ts';

const Name = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  description: 'Small letters, digits and hyphens.',
});
const Glob = Type.String({ minLength: 1, maxLength: 64, description: 'A text in which * is any run of characters.' });
const TimeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'Hours and minutes: 22:00.' });

const Rule = Type.Object(
  {
    name: Name,
    kinds: Type.Optional(
      Type.Array(Type.Enum(['pattern', 'regime', 'signal', 'anomaly', 'system']), {
        description: 'What it is about (default: pattern, signal, anomaly, system).',
        minItems: 1,
        uniqueItems: true,
      }),
    ),
    symbols: Type.Optional(Type.Array(Glob, { description: 'Symbols, with * (default: any).', maxItems: 1_000 })),
    patterns: Type.Optional(
      Type.Array(Glob, { description: 'Ids of patterns, with * (default: any).', maxItems: 1_000 }),
    ),
    level: Type.Optional(Type.Enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'], { description: 'Least level (MEDIUM).' })),
    min_confidence: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, description: 'Least confidence of patterns and signals (0).' }),
    ),
    quiet_hours: Type.Optional(
      Type.Object(
        {
          from: TimeOfDay,
          to: TimeOfDay,
          zone: Type.Optional(Type.String({ description: 'IANA time zone (UTC).' })),
        },
        { ...closed, description: 'Hours in which the rule says nothing.' },
      ),
    ),
    cool_down_s: Type.Optional(
      Type.Number({ minimum: 0, maximum: 604_800, description: 'Least time between two alerts about a symbol (0).' }),
    ),
    mode: Type.Optional(
      Type.Enum(['on', 'silent', 'off'], { description: 'on: pop-up and webhooks; silent: list only (on).' }),
    ),
    webhooks: Type.Optional(Type.Array(Name, { description: 'Names from alerts.webhooks.', maxItems: 16 })),
  },
  { ...closed, description: 'A rule.' },
);

const Webhook = Type.Object(
  {
    name: Name,
    url: Type.String({ minLength: 8, maxLength: 2_048, description: 'Address, https:// or http://.' }),
    allow_private: Type.Optional(
      Type.Boolean({ description: 'Permit this machine and its network as a receiver (false).' }),
    ),
  },
  { ...closed, description: 'A receiver.' },
);

/** Who is told of what, and how. */
export const Alerts = section('Alerts: rules, webhooks, watch over the program itself (docs/alerts.md).', {
  rules: Type.Array(Rule, {
    description:
      'Rules: name, kinds, symbols, patterns, level, min_confidence, quiet_hours, cool_down_s, mode, webhooks.',
    default: [],
    maxItems: 200,
  }),
  webhooks: Type.Array(Webhook, {
    description: 'Receivers: name, url, allow_private. The secret of NAME is in TICKLOOM_WEBHOOK_SECRET_NAME.',
    default: [],
    maxItems: 16,
  }),
  retry: section('Deliveries that failed.', {
    attempts: integer('Attempts in all; then it is a dead letter.', 10, 1, 50),
    first_s: decimal('Wait behind the first failure; each further one is four times as long.', 5, 0.05, 3_600),
    max_s: decimal('Longest wait between two attempts.', 36_000, 0.05, 86_400),
    timeout_s: decimal('Longest wait for an answer.', 15, 0.1, 30),
  }),
  kept: integer(
    'Alerts kept with their deliveries; beyond it the oldest delivered go (drop-oldest).',
    20_000,
    100,
    1_000_000,
  ),
  system: section('Alerts about the program itself; 0 turns one off.', {
    enabled: flag('Watch stale data, open breakers, latency, slow stages and the disk.', true),
    stale_symbols: integer('Symbols without news in session from which on it is told.', 1, 0, 1_000_000),
    lag_ms: decimal('Target of the time that the engine is behind.', 5_000, 0, 3_600_000),
    stage_ms: decimal('Target of the mean time of a batch in a stage.', 250, 0, 60_000),
    disk_free_mb: integer('Least free space of the disk with the data.', 1_024, 0, 10_000_000),
    hold_s: integer('Time that a fault must last, or be over, before it is told.', 10, 1, 3_600),
  }),
});
