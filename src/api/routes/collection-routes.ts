import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { BootstrapStatus, TradingModes } from '../protocol/index.ts';
import { BootstrapStatusSchema, TradingModesSchema } from '../schemas/collection-schemas.ts';
import { NoQuery } from '../schemas/parameters.ts';
import { routeSchema } from './route-schema.ts';

/** What the collection is good for, and how complete its history is. */
export function addCollectionRoutes(app: FastifyInstance, context: ApiContext): void {
  const modesSchema = routeSchema({
    operationId: 'get_trading_modes',
    summary: 'Which ways of trading the data are good enough for, and what the others lack',
    tag: 'run',
    query: NoQuery,
    answer: TradingModesSchema,
  });
  app.get('/ml/trading-modes', { schema: modesSchema }, (): TradingModes => context.tradingModes());

  const bootstrapSchema = routeSchema({
    operationId: 'get_bootstrap',
    summary: 'Fetching of history: how far it is, and which bars are missing and why',
    tag: 'run',
    query: NoQuery,
    answer: BootstrapStatusSchema,
  });
  app.get('/api/v1/bootstrap', { schema: bootstrapSchema }, (): BootstrapStatus => context.bootstrap());
}
