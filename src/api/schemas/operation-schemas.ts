import Type from 'typebox';
import { Count, closed, ModeSchema, nullable, StateSchema, Time } from './wire-schemas.ts';

/** Schemas of health, metrics and problems: what operation of the program needs. */

const component = { status: StateSchema, detail: Type.Optional(Type.String()) };
const ComponentSchema = Type.Object(component, closed);

export const HealthReportSchema = Type.Object(
  {
    status: StateSchema,
    version: Type.String(),
    uptime_s: Type.Number(),
    mode: ModeSchema,
    components: Type.Object(
      {
        sources: Type.Record(Type.String(), ComponentSchema),
        recorder: Type.Object(
          {
            ...component,
            last_seq: nullable(Type.Integer()),
            durable_seq: nullable(
              Type.Integer({ description: 'Sequence of the last event that survives a crash now.' }),
            ),
          },
          closed,
        ),
        history: ComponentSchema,
        lake: ComponentSchema,
      },
      closed,
    ),
    data_freshness: Type.Record(
      Type.String(),
      Type.Object({ age_s: nullable(Type.Number()), stale: Type.Boolean() }, closed),
    ),
  },
  closed,
);

export const ProbeReportSchema = Type.Object({ status: StateSchema, reason: Type.Optional(Type.String()) }, closed);

export const MetricsDocumentSchema = Type.Object(
  {
    at: Time,
    sources: Type.Record(
      Type.String(),
      Type.Object({ received: Count, stored: Count, quarantined: Count, conflated: Count, dropped: Count }, closed),
    ),
    tape: Type.Object({ last_seq: nullable(Type.Integer()), durable_seq: nullable(Type.Integer()) }, closed),
    heap: Type.Object({ used_bytes: Count, total_bytes: Count, rss_bytes: Count }, closed),
    metrics: Type.Array(
      Type.Object({
        name: Type.String(),
        help: Type.String(),
        type: Type.String(),
        values: Type.Array(
          Type.Object({
            value: Type.Number(),
            labels: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
            metricName: Type.Optional(Type.String()),
          }),
        ),
      }),
    ),
  },
  closed,
);

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    code: Type.Optional(Type.String({ description: 'Stable code of what happened.' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          { pointer: Type.String({ description: 'The field, as a JSON pointer.' }), detail: Type.String() },
          closed,
        ),
      ),
    ),
  },
  { ...closed, description: 'Problem document (RFC 9457), sent as application/problem+json.' },
);
