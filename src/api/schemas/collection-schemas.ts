import Type from 'typebox';
import { Count, closed, nullable, SourceListSchema, Time } from './wire-schemas.ts';

/** Schemas of what is said about the collection: ways of trading, history. */

export const RealtimeStatusSchema = Type.Object(
  {
    collection: Type.Union([Type.Literal('eod'), Type.Literal('realtime')]),
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('down')]),
    sources: SourceListSchema.properties.sources,
    stale: Type.Record(Type.String(), Type.Object({ age_s: nullable(Type.Number()), stale: Type.Boolean() }, closed)),
  },
  closed,
);

export const TradingModesSchema = Type.Object(
  {
    collection: Type.Union([Type.Literal('eod'), Type.Literal('realtime')]),
    modes: Type.Array(
      Type.Object(
        {
          mode: Type.Union([
            Type.Literal('swing'),
            Type.Literal('position'),
            Type.Literal('day_trading'),
            Type.Literal('scalping'),
            Type.Literal('intraday'),
          ]),
          available: Type.Boolean(),
          horizon: Type.String(),
          reasons: Type.Array(Type.String()),
        },
        closed,
      ),
    ),
    facts: Type.Object(
      {
        live_sources: Type.Array(Type.String()),
        timeframes: Type.Array(Type.String()),
        newest_event_age_s: nullable(Type.Number()),
        lag_s: nullable(Type.Number()),
      },
      closed,
    ),
  },
  closed,
);

const MissingBarsSchema = Type.Object(
  {
    from: Time,
    to: Time,
    bars: Count,
    reason: Type.String(),
    code: nullable(Type.String()),
    detail: nullable(Type.String()),
  },
  closed,
);

const FindingsSchema = Type.Object(
  {
    at: Time,
    sources: Type.Array(Type.String()),
    timeframe: Type.String(),
    from: Time,
    to: Time,
    state: Type.Union([Type.Literal('complete'), Type.Literal('incomplete')]),
    expected: Count,
    present: Count,
    missing_by_reason: Type.Record(Type.String(), Count),
    fetched_ranges: Count,
    fetched_bars: Count,
    recorded_bars: Count,
    backfilled_bars: Count,
    unreadable_rows: Count,
    symbols: Type.Array(
      Type.Object(
        {
          symbol: Type.String(),
          expected: Count,
          present: Count,
          unlisted: Count,
          missing: Type.Array(MissingBarsSchema),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const BootstrapStatusSchema = Type.Object(
  {
    state: Type.Union([
      Type.Literal('off'),
      Type.Literal('fetching'),
      Type.Literal('storing'),
      Type.Literal('done'),
      Type.Literal('failed'),
    ]),
    error: nullable(Type.String()),
    ranges_done: Count,
    ranges_total: Count,
    bars: Count,
    report: nullable(FindingsSchema),
  },
  closed,
);
