import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { formatMicros } from '../../base/index.ts';
import type { ApiContext } from '../api-context.ts';
import type { ActionList } from '../protocol/index.ts';
import { ActionListSchema, ActionsQuery } from '../schemas/action-schemas.ts';
import { SymbolPath } from '../schemas/parameters.ts';
import { findInstrument } from './lookups.ts';
import { routeSchema } from './route-schema.ts';
import { readTime } from './time-range.ts';

const EXAMPLE: ActionList = {
  symbol: 'AAPL',
  actions: [
    { kind: 'split', ex: '2020-08-31T04:00:00Z', value: 4, known: '2020-07-30T20:30:00Z', id: '', source: 'file' },
  ],
};

/** Splits and dividends with the time they became known. */
export function addActionRoutes(app: FastifyInstance, context: ApiContext): void {
  const schema = routeSchema({
    operationId: 'get_actions',
    summary: 'Splits and dividends of a symbol, every announcement with the time it became known',
    tag: 'data',
    params: SymbolPath,
    query: ActionsQuery,
    answer: ActionListSchema,
    problems: [404],
    example: EXAMPLE,
  });
  app.get('/api/v1/actions/:symbol', { schema }, (request): ActionList => {
    const { symbol } = findInstrument(context, (request.params as Static<typeof SymbolPath>).symbol);
    const { as_of: asOf } = request.query as Static<typeof ActionsQuery>;
    const asOfUs = asOf === undefined ? Number.POSITIVE_INFINITY : readTime(asOf, '/as_of');
    const known = (context.actions?.(symbol) ?? []).filter(({ knownUs }) => knownUs <= asOfUs);
    const actions = known.map(({ kind, exUs, value, knownUs, id, source }) => ({
      kind,
      ex: formatMicros(exUs),
      value,
      known: formatMicros(knownUs),
      id,
      source,
    }));
    return { symbol, actions };
  });
}
