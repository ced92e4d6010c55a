import Type from 'typebox';
import { API_LIMITS } from '../limits.ts';

const closed = { additionalProperties: false } as const;
const TimeParameter = Type.String({
  minLength: 4,
  maxLength: 40,
  description: 'RFC 3339, a date (UTC midnight), or whole epoch milliseconds.',
  examples: ['2026-01-30T08:15:00Z', '2026-01-30', '1769760900000'],
});
const CursorParameter = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: '^[A-Za-z0-9._:-]+$',
  description: '`next_cursor` of the page before, unchanged, with otherwise the same parameters.',
});
const TimeframeParameter = Type.String({ minLength: 2, maxLength: 8, examples: ['1m'], description: 'Default 1m.' });
const SymbolParameter = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Generic symbol; BTC/USD and BTC-USD are read as BTCUSD.',
  examples: ['AAPL', 'BTC%2FUSD'],
});
const LimitParameter = Type.Integer({ minimum: 1, maximum: API_LIMITS.pageRows, description: 'Rows of the page.' });

export const SymbolPath = Type.Object({ symbol: SymbolParameter }, closed);

export const BarsQuery = Type.Object(
  {
    timeframe: Type.Optional(TimeframeParameter),
    from: Type.Optional(TimeParameter),
    to: Type.Optional(TimeParameter),
    limit: Type.Optional(LimitParameter),
    cursor: Type.Optional(CursorParameter),
    closed: Type.Optional(
      Type.Boolean({ description: 'True: without the forming bar. Default false; true for shape=array.' }),
    ),
    adjusted: Type.Optional(
      Type.Union([Type.Literal('raw'), Type.Literal('split'), Type.Literal('all')], {
        description: 'raw (default): as traded; split: for splits; all: for splits and dividends.',
      }),
    ),
    as_of: Type.Optional(
      Type.String({
        minLength: 4,
        maxLength: 40,
        description:
          'A time as of `from`: only bars that had ended by then, adjusted only by what was known and in effect then.',
      }),
    ),
    shape: Type.Optional(
      Type.Union([Type.Literal('default'), Type.Literal('array'), Type.Literal('columns')], {
        description: 'default: objects; array: [ms, open, high, low, close, volume]; columns: one array per field.',
      }),
    ),
  },
  closed,
);

export const FeaturesQuery = Type.Object({ timeframe: Type.Optional(TimeframeParameter) }, closed);

export const GapsQuery = Type.Object(
  {
    symbol: Type.Optional(SymbolParameter),
    from: Type.Optional(TimeParameter),
    to: Type.Optional(TimeParameter),
    limit: Type.Optional(LimitParameter),
    cursor: Type.Optional(CursorParameter),
  },
  closed,
);

const Name = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9._-]+$' });

export const QuarantineQueryParameters = Type.Object(
  {
    symbol: Type.Optional(SymbolParameter),
    source: Type.Optional(Name),
    reason: Type.Optional(Name),
    limit: Type.Optional(LimitParameter),
    cursor: Type.Optional(CursorParameter),
  },
  closed,
);

export const NoQuery = Type.Object({}, closed);
