import Type, { type TSchema } from 'typebox';
import { GapsQuery } from './parameters.ts';

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-z0-9][a-z0-9-]*$' });
const Time = Type.String({ description: 'RFC 3339.' });
const Texts = Type.Array(Type.String());

function nullable<Value extends TSchema>(value: Value) {
  return Type.Union([value, Type.Null()]);
}

/** What an alert is about. */
export const AlertKindSchema = Type.Union([
  Type.Literal('pattern'),
  Type.Literal('regime'),
  Type.Literal('signal'),
  Type.Literal('anomaly'),
  Type.Literal('system'),
]);

export const WebhookPath = Type.Object({ name: Name }, closed);
export const DeliveryPath = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Number of a delivery.' }) },
  closed,
);

const { limit, cursor } = GapsQuery.properties;
const DeliveryState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('delivered'),
  Type.Literal('dead'),
  Type.Literal('test'),
]);

export const DeliveriesQuery = Type.Object(
  { state: Type.Optional(DeliveryState), webhook: Type.Optional(Name), limit, cursor },
  closed,
);
export const DeadLettersQuery = Type.Object({ webhook: Type.Optional(Name), limit, cursor }, closed);

export const AlertRulesSchema = Type.Object(
  {
    rules: Type.Array(
      Type.Object(
        {
          name: Name,
          kinds: Type.Array(AlertKindSchema),
          symbols: Texts,
          patterns: Texts,
          level: Type.String(),
          min_confidence: Type.Number(),
          quiet_hours: nullable(Type.Object({ from: Type.String(), to: Type.String(), zone: Type.String() }, closed)),
          cool_down_s: Type.Number(),
          mode: Type.Union([Type.Literal('on'), Type.Literal('silent'), Type.Literal('off')]),
          webhooks: Texts,
          fired: Type.Integer(),
          last_fired: nullable(Time),
        },
        closed,
      ),
    ),
    webhooks: Type.Array(Type.Object({ name: Name, host: Type.String(), allow_private: Type.Boolean() }, closed)),
  },
  closed,
);

const outcome = {
  status: nullable(Type.Integer({ description: 'HTTP status.' })),
  error: nullable(Type.String()),
  latency_ms: Type.Number(),
};

const DeliveryRowSchema = Type.Object(
  {
    id: Type.Integer(),
    webhook_id: Type.String({ description: 'The same on each attempt.' }),
    webhook: Name,
    rule: Type.String(),
    message: Type.String(),
    state: DeliveryState,
    attempts: Type.Array(Type.Object({ at: Time, ...outcome }, closed)),
    error: nullable(Type.String()),
    created: Time,
    next_attempt: nullable(Time),
  },
  closed,
);

export const DeliveryListSchema = Type.Object(
  { deliveries: Type.Array(DeliveryRowSchema), next_cursor: nullable(Type.String()) },
  closed,
);

export const WebhookTestSchema = Type.Object(
  { webhook_id: Type.String(), is_delivered: Type.Boolean(), ...outcome },
  closed,
);

export const RetryAnswerSchema = Type.Object({ id: Type.Integer(), state: Type.Literal('pending') }, closed);
