import Type from 'typebox';
import { BarsQuery, GapsQuery } from './parameters.ts';

const closed = { additionalProperties: false } as const;

const { from, to, limit, cursor, symbol } = GapsQuery.properties;
const { timeframe } = BarsQuery.properties;

/** Filters and pages of `/api/v1/patterns`, `/signals`, `/alerts` and `/outcomes`. */
export const StatementsQuery = Type.Object(
  {
    symbol,
    timeframe,
    pattern: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Id of a pattern.', examples: ['0', 'double-top'] }),
    ),
    status: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 32,
        pattern: '^[A-Za-z_ ]+$',
        description: 'Of patterns WATCHING, NEAR_TRIGGER, TRIGGERED; of signals the action; of outcomes the barrier.',
      }),
    ),
    level: Type.Optional(
      Type.Union([Type.Literal('LOW'), Type.Literal('MEDIUM'), Type.Literal('HIGH'), Type.Literal('CRITICAL')]),
    ),
    from,
    to,
    limit,
    cursor,
    symbology: Type.Optional(
      Type.Union([Type.Literal('generic'), Type.Literal('broker')], {
        description:
          'Names of symbols in the answer: generic ones (default), or the broker’s (configuration `broker`).',
      }),
    ),
  },
  closed,
);

export const RegimesQuery = Type.Object({ timeframe, from, to, limit, cursor }, closed);
