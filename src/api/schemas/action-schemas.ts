import Type from 'typebox';
import { closed, SymbolText, Time } from './wire-schemas.ts';

export const ActionsQuery = Type.Object(
  {
    as_of: Type.Optional(
      Type.String({ minLength: 4, maxLength: 40, description: 'Only what was known at this time (default: all).' }),
    ),
  },
  closed,
);

export const ActionListSchema = Type.Object(
  {
    symbol: SymbolText,
    actions: Type.Array(
      Type.Object(
        {
          kind: Type.Union([Type.Literal('split'), Type.Literal('dividend')]),
          ex: Time,
          value: Type.Number({ minimum: 0 }),
          known: Time,
          id: Type.String(),
          source: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
);
