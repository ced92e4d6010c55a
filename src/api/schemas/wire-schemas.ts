import Type, { type TSchema } from 'typebox';

/**
 * Schemas of the answers, for `/openapi.json` and for the contract tests. They describe the types of `protocol/`;
 * test/api/wire-schemas.test.ts has the compiler compare the two.
 */

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
export const closed = { additionalProperties: false } as const;

export const Time = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC.',
  examples: ['2026-01-30T08:15:00Z'],
});
export const Count = Type.Integer({ minimum: 0 });
export const Ratio = Type.Number({ minimum: 0, maximum: 1 });
const Cursor = nullable(Type.String({ description: 'Pass it as `cursor` for the next page; null at the end.' }));
export const SymbolText = Type.String({ pattern: '^[A-Z0-9][A-Z0-9._-]{0,31}$', examples: ['AAPL', 'BTCUSD'] });
export const TimeframeText = Type.String({ pattern: '^[1-9]\\d{0,3}(s|m|h|d|w|M)$', examples: ['1m'] });

export const ModeSchema = Type.Union([
  Type.Literal('live'),
  Type.Literal('demo'),
  Type.Literal('replay'),
  Type.Literal('simulated'),
]);
export const StateSchema = Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('down')]);

const barFields = {
  start: Time,
  open: Type.Number(),
  high: Type.Number(),
  low: Type.Number(),
  close: Type.Number(),
  volume: Type.Number(),
  vwap: nullable(Type.Number()),
  trade_count: Count,
  timeframe: TimeframeText,
  final: Type.Boolean({ description: 'False while the bar is forming.' }),
  revision: Count,
  source: Type.String(),
  quality: Ratio,
};

export const BarRowSchema = Type.Object({ symbol: Type.Optional(SymbolText), ...barFields }, closed);

const pageHead = { symbol: SymbolText, timeframe: TimeframeText };

export const BarPageSchema = Type.Object({ ...pageHead, bars: Type.Array(BarRowSchema), next_cursor: Cursor }, closed);

export const BarTuplePageSchema = Type.Object(
  {
    ...pageHead,
    bars: Type.Array(
      // Written out: the builder's tuple is that of draft 7, OpenAPI 3.1 has `prefixItems`.
      Type.Unsafe<[number, number, number, number, number, number]>({
        type: 'array',
        prefixItems: [Type.Integer(), ...Array.from({ length: 5 }, () => Type.Number())],
        items: false,
        minItems: 6,
        maxItems: 6,
        description: 'Start in epoch milliseconds, open, high, low, close, volume.',
      }),
    ),
    next_cursor: Cursor,
  },
  closed,
);

export const BarColumnsPageSchema = Type.Object(
  {
    ...pageHead,
    columns: Type.Object(
      {
        start: Type.Array(Time),
        open: Type.Array(Type.Number()),
        high: Type.Array(Type.Number()),
        low: Type.Array(Type.Number()),
        close: Type.Array(Type.Number()),
        volume: Type.Array(Type.Number()),
        vwap: Type.Array(nullable(Type.Number())),
        trade_count: Type.Array(Count),
        timeframe: Type.Array(TimeframeText),
        final: Type.Array(Type.Boolean()),
        revision: Type.Array(Count),
        source: Type.Array(Type.String()),
        quality: Type.Array(Ratio),
      },
      closed,
    ),
    next_cursor: Cursor,
  },
  closed,
);

export const FeatureSnapshotSchema = Type.Object(
  {
    ...pageHead,
    start: nullable(Time),
    features: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          value: nullable(Type.Number({ description: 'Null while warming up.' })),
          unit: Type.String(),
          description: Type.String(),
          bars_to_warm: Count,
        },
        closed,
      ),
    ),
  },
  closed,
);

const SessionSchema = Type.Object(
  {
    state: Type.Union([
      Type.Literal('open'),
      Type.Literal('pre'),
      Type.Literal('post'),
      Type.Literal('closed'),
      Type.Literal('always'),
    ]),
    next_change: nullable(Time),
  },
  closed,
);

export const AssetClassSchema = Type.Union([
  Type.Literal('equity'),
  Type.Literal('crypto'),
  Type.Literal('forex'),
  Type.Literal('index'),
  Type.Literal('macro'),
  Type.Literal('future'),
]);

export const SymbolListSchema = Type.Object(
  {
    symbols: Type.Array(
      Type.Object(
        {
          symbol: SymbolText,
          asset_class: AssetClassSchema,
          calendar: Type.String(),
          zone: Type.String(),
          currency: Type.String(),
          session: SessionSchema,
          last: nullable(Type.Number()),
          change: nullable(Type.Number()),
          change_ratio: nullable(Type.Number()),
          last_event_at: nullable(Time),
          stale: Type.Boolean(),
          quality: nullable(Ratio),
          source: nullable(Type.String()),
          sparkline: Type.Array(Type.Number(), { maxItems: 60 }),
        },
        closed,
      ),
    ),
    stale_after_s: Type.Number(),
    timeframes: Type.Array(TimeframeText),
  },
  closed,
);

export const RunStatusSchema = Type.Object(
  {
    mode: ModeSchema,
    speed: nullable(Type.Number()),
    run_id: Type.String(),
    version: Type.String(),
    digest: Type.String(),
    engine_time: Time,
    lag_ms: nullable(Type.Number()),
    uptime_s: Type.Number(),
    events: Count,
    events_per_s: Type.Number(),
    stale: Count,
    symbols: Count,
    breakers_open: Count,
    training: Type.String(),
    can_break: Type.Boolean(),
  },
  closed,
);

export const SourceListSchema = Type.Object(
  {
    sources: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          state: Type.Union([
            Type.Literal('connecting'),
            Type.Literal('live'),
            Type.Literal('stalled'),
            Type.Literal('reconnecting'),
            Type.Literal('stopped'),
            Type.Literal('disabled'),
          ]),
          role: Type.Union([Type.Literal('serving'), Type.Literal('stand_by'), Type.Literal('failed')]),
          serves: Count,
          take_overs: Count,
          breaker: Type.Union([Type.Literal('closed'), Type.Literal('open'), Type.Literal('half_open')]),
          events_per_s: Type.Number(),
          lag_ms: nullable(Type.Number()),
          clock_skew_ms: nullable(Type.Number()),
          quota: nullable(Type.Object({ left: Type.Number(), limit: Type.Number(), window: Type.String() }, closed)),
          last_event_at: nullable(Time),
          last_error: nullable(Type.Object({ code: Type.String(), message: Type.String(), at: Time }, closed)),
          reconnects: Count,
          symbols: Count,
          outages: Type.Array(Type.Object({ from: Time, to: nullable(Time), reason: Type.String() }, closed)),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const GapRowSchema = Type.Object(
  {
    symbol: SymbolText,
    source: Type.String(),
    from: Time,
    to: nullable(Time),
    state: Type.Union([
      Type.Literal('open'),
      Type.Literal('backfilling'),
      Type.Literal('backfilled'),
      Type.Literal('other_source'),
      Type.Literal('missing'),
      Type.Literal('closed'),
    ]),
    reason: Type.String(),
    repaired: Count,
    expected: nullable(Count),
  },
  closed,
);

export const GapListSchema = Type.Object({ gaps: Type.Array(GapRowSchema), next_cursor: Cursor }, closed);

export const QuarantineListSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          received_at: Time,
          source: Type.String(),
          symbol: nullable(Type.String()),
          kind: Type.String(),
          reason: Type.String(),
          detail: Type.String(),
          raw: Type.String(),
        },
        closed,
      ),
    ),
    total: Count,
    next_cursor: Cursor,
  },
  closed,
);

export const BreakRequestSchema = Type.Union([
  Type.Object(
    {
      action: Type.Literal('cut', { description: 'Cuts the feed for some seconds.' }),
      seconds: Type.Integer({ minimum: 1, maximum: 600 }),
    },
    closed,
  ),
  Type.Object({ action: Type.Literal('late_trade', { description: 'Sends a trade that is late.' }) }, closed),
  Type.Object({ action: Type.Literal('duplicate_storm', { description: 'Sends trades twice.' }) }, closed),
]);

export const BreakResultSchema = Type.Object(
  {
    action: Type.Union([Type.Literal('cut'), Type.Literal('late_trade'), Type.Literal('duplicate_storm')]),
    detail: Type.String(),
    symbol: nullable(Type.String()),
    digest_statement: nullable(Type.String()),
  },
  closed,
);
