import Type from 'typebox';
import { AlertKindSchema } from './alert-schemas.ts';
import {
  BarRowSchema,
  Count,
  closed,
  GapRowSchema,
  nullable,
  Ratio,
  RunStatusSchema,
  SymbolText,
  Time,
  TimeframeText,
} from './wire-schemas.ts';

/**
 * Schemas of what `/ws` sends. They describe the types of `protocol/`; test/api/event-schemas.test.ts has the compiler
 * compare the two. `schema/events.schema.json` is written from them.
 */

const Id = Type.Integer({ minimum: 0, description: 'Ascends along the run and over restarts; `since` takes it.' });
const Percent = Type.Number({ minimum: 0, maximum: 100 });
const Price = nullable(Type.Number());
const PatternId = Type.Union([Type.String(), Type.Integer()]);
const Change = Type.Union([Type.Literal('new'), Type.Literal('amended'), Type.Literal('withdrawn')]);
const Replaces = nullable(Type.Integer({ description: 'Id of the event that this one takes the place of.' }));

const ActionSchema = Type.Union([
  Type.Literal('STRONG SELL'),
  Type.Literal('SELL'),
  Type.Literal('HOLD'),
  Type.Literal('BUY'),
  Type.Literal('STRONG BUY'),
]);
const StatusSchema = Type.Union([Type.Literal('WATCHING'), Type.Literal('NEAR_TRIGGER'), Type.Literal('TRIGGERED')]);
const LevelSchema = Type.Union([
  Type.Literal('LOW'),
  Type.Literal('MEDIUM'),
  Type.Literal('HIGH'),
  Type.Literal('CRITICAL'),
]);

const tail = { id: Id, statement_id: Count, change: Change, replaces: Replaces };
const barTail = { ...tail, timeframe: TimeframeText, bar_start: Time, bar_revision: Count, knowable_at: Time };
const levels = { entry_price: Price, target_price: Price, stop_loss: Price, risk_reward_ratio: Price };

const OddsSchema = Type.Object(
  {
    legacy_score: Type.Number(),
    low: Ratio,
    high: Ratio,
    n: Type.Number({ minimum: 0 }),
    n_effective: Type.Number({ minimum: 0 }),
    success_rate: nullable(Ratio),
    random_rate: Ratio,
    has_edge: Type.Boolean({ description: 'False: no edge over random entries is measured.' }),
  },
  closed,
);

const regimeClasses = {
  volatility: nullable(Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high')])),
  trend: nullable(
    Type.Union([
      Type.Literal('strong_bear'),
      Type.Literal('weak_bear'),
      Type.Literal('sideways'),
      Type.Literal('weak_bull'),
      Type.Literal('strong_bull'),
    ]),
  ),
};
const RegimeClassesSchema = Type.Object(regimeClasses, closed);
const RegimeSchema = Type.Object(
  {
    ...regimeClasses,
    volatility_pct: nullable(Type.Number()),
    trend_z: nullable(Type.Number()),
    turbulent_probability: nullable(Ratio),
    change_point_probability: nullable(Ratio),
  },
  closed,
);

export const PatternMatchEventSchema = Type.Object(
  {
    type: Type.Literal('pattern_match'),
    timestamp: Time,
    symbol: SymbolText,
    pattern_id: PatternId,
    confidence: Percent,
    status: StatusSchema,
    probability: Percent,
    entry_signal: ActionSchema,
    ...levels,
    ...barTail,
    family: Type.Union([Type.Literal('tolerance'), Type.Literal('candlestick'), Type.Literal('chart')]),
    direction: Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('none')]),
    formed_from: Time,
    formed_at: Time,
    points: Type.Array(Type.Object({ role: Type.String(), time: Time, price: Type.Number() }, closed)),
    odds: OddsSchema,
    regime: RegimeClassesSchema,
    quality: Ratio,
  },
  closed,
);

export const RegimeChangeEventSchema = Type.Object(
  {
    type: Type.Literal('regime_change'),
    timestamp: Time,
    symbol: SymbolText,
    from: RegimeClassesSchema,
    to: RegimeClassesSchema,
    current: RegimeSchema,
    ...barTail,
  },
  closed,
);

export const SignalEventSchema = Type.Object(
  {
    type: Type.Literal('signal'),
    timestamp: Time,
    symbol: Type.String({ description: 'Generic, or as `symbology` asks for.' }),
    action: ActionSchema,
    score: Type.Number({ minimum: -100, maximum: 100 }),
    confidence: Percent,
    probability: nullable(Percent),
    ...levels,
    ...barTail,
    odds: nullable(OddsSchema),
    patterns: Type.Array(Type.Integer()),
    expires_at: Time,
  },
  closed,
);

export const OutcomeEventSchema = Type.Object(
  {
    type: Type.Literal('outcome'),
    timestamp: Time,
    symbol: SymbolText,
    pattern_id: PatternId,
    barrier: Type.Union([Type.Literal('target'), Type.Literal('stop'), Type.Literal('expiry')]),
    direction: Type.Union([Type.Literal('up'), Type.Literal('down')]),
    entry_price: Type.Number(),
    exit_price: Type.Number(),
    returned: Type.Number(),
    id: Id,
    statement_id: Count,
    of: nullable(Type.Integer()),
    of_statement_id: Count,
    timeframe: TimeframeText,
    entered_at: Time,
    left_at: Time,
    both_in_bar: Type.Boolean(),
  },
  closed,
);

export const AlertEventSchema = Type.Object(
  {
    type: Type.Literal('alert'),
    timestamp: Time,
    level: LevelSchema,
    message: Type.String(),
    symbol: Type.Optional(SymbolText),
    pattern_id: Type.Optional(PatternId),
    entry_price: Type.Optional(Price),
    target_price: Type.Optional(Price),
    probability: Type.Optional(Percent),
    id: Type.Optional(Id),
    kind: Type.Optional(AlertKindSchema),
    rule: Type.Optional(Type.String()),
    timeframe: Type.Optional(TimeframeText),
    statement_id: Type.Optional(Count),
    change: Type.Optional(Change),
    replaces: Type.Optional(Replaces),
    value: Type.Optional(nullable(Type.Number())),
    limit: Type.Optional(nullable(Type.Number())),
  },
  closed,
);

const { symbol: _optional, ...barFields } = BarRowSchema.properties;
const eventHead = { id: Id, timestamp: Time };

const BarEventSchema = Type.Object(
  { type: Type.Literal('bar'), ...eventHead, symbol: SymbolText, ...barFields },
  closed,
);
const TradeEventSchema = Type.Object(
  {
    type: Type.Literal('trade'),
    ...eventHead,
    symbol: SymbolText,
    price: Type.Number(),
    size: Type.Number(),
    source: Type.String(),
  },
  closed,
);
const FeaturesEventSchema = Type.Object(
  {
    type: Type.Literal('features'),
    ...eventHead,
    symbol: SymbolText,
    timeframe: TimeframeText,
    start: Time,
    revision: Count,
    values: Type.Record(Type.String(), nullable(Type.Number())),
  },
  closed,
);
const GapEventSchema = Type.Object({ type: Type.Literal('gap'), ...eventHead, ...GapRowSchema.properties }, closed);
const StatsEventSchema = Type.Object(
  { type: Type.Literal('stats'), ...eventHead, ...RunStatusSchema.properties },
  closed,
);
const ResyncEventSchema = Type.Object(
  {
    type: Type.Literal('resync'),
    timestamp: Time,
    message: Type.String(),
    since: Count,
    oldest_id: Count,
    last_id: Count,
    fetch: Type.Array(Type.String()),
  },
  closed,
);
const AnswerSchema = Type.Object(
  {
    type: Type.Union([
      Type.Literal('hello'),
      Type.Literal('subscribed'),
      Type.Literal('unsubscribed'),
      Type.Literal('pong'),
      Type.Literal('error'),
    ]),
    timestamp: Time,
    message: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    pointer: Type.Optional(Type.String()),
    channels: Type.Optional(Type.Array(Type.String())),
    last_id: Type.Optional(Count),
  },
  closed,
);

/** Every frame that a server sends. */
export const ServerEventSchema = Type.Union([
  PatternMatchEventSchema,
  RegimeChangeEventSchema,
  SignalEventSchema,
  OutcomeEventSchema,
  AlertEventSchema,
  BarEventSchema,
  TradeEventSchema,
  FeaturesEventSchema,
  GapEventSchema,
  StatsEventSchema,
  ResyncEventSchema,
  AnswerSchema,
]);

const Cursor = nullable(Type.String({ description: 'Pass it as `cursor` for the next page; null at the end.' }));

export const PatternListSchema = Type.Object(
  { patterns: Type.Array(PatternMatchEventSchema), next_cursor: Cursor },
  closed,
);
export const SignalListSchema = Type.Object({ signals: Type.Array(SignalEventSchema), next_cursor: Cursor }, closed);
export const AlertListSchema = Type.Object({ alerts: Type.Array(AlertEventSchema), next_cursor: Cursor }, closed);
export const OutcomeListSchema = Type.Object({ outcomes: Type.Array(OutcomeEventSchema), next_cursor: Cursor }, closed);
export const RegimeReportSchema = Type.Object(
  {
    symbol: SymbolText,
    current: Type.Array(Type.Object({ timeframe: TimeframeText, since: Time, ...RegimeSchema.properties }, closed)),
    changes: Type.Array(RegimeChangeEventSchema),
    next_cursor: Cursor,
  },
  closed,
);

const AnyObject = Type.Object({}, { additionalProperties: true });
const nullableText = nullable(Type.String());
const nullableNumber = nullable(Type.Number());

export const ExplanationSchema = Type.Object(
  {
    id: Id,
    type: Type.String(),
    statement: AnyObject,
    probability: nullable(AnyObject),
    patterns: Type.Array(AnyObject),
    bar: nullable(
      Type.Object(
        {
          start: Time,
          end: Time,
          timeframe: TimeframeText,
          open: Type.Number(),
          high: Type.Number(),
          low: Type.Number(),
          close: Type.Number(),
          volume: Type.Number(),
          source: nullableText,
          quality: nullableNumber,
          revision: Count,
          said_on_revision: Count,
        },
        closed,
      ),
    ),
    trades: Type.Object(
      {
        count: Count,
        shown: Type.Array(
          Type.Object(
            {
              time: Time,
              received_at: nullableText,
              price: nullableNumber,
              size: nullableNumber,
              exchange: nullableText,
              conditions: nullableText,
              trade_id: nullableText,
              action: Type.String(),
              source: nullableText,
              tape_seq: nullableNumber,
            },
            closed,
          ),
        ),
        note: nullableText,
      },
      closed,
    ),
    clocks: Type.Record(Type.String(), Type.String()),
  },
  closed,
);
