import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { BootstrapStatus, RealtimeStatus, TradingModes } from '../protocol/index.ts';
import { BootstrapStatusSchema, RealtimeStatusSchema, TradingModesSchema } from '../schemas/collection-schemas.ts';
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

  const realtimeSchema = routeSchema({
    operationId: 'get_realtime_status',
    summary: 'What is collected now, by which sources, and which symbols are stale',
    tag: 'run',
    query: NoQuery,
    answer: RealtimeStatusSchema,
  });
  app.get('/ml/realtime/status', { schema: realtimeSchema }, (): RealtimeStatus => {
    const { status, data_freshness } = context.health();
    const stale = Object.entries(data_freshness).filter(([, freshness]) => freshness.stale);
    return {
      collection: context.tradingModes().collection,
      status,
      sources: context.sources(),
      stale: Object.fromEntries(stale),
    };
  });

  const bootstrapSchema = routeSchema({
    operationId: 'get_bootstrap',
    summary: 'Fetching of history: how far it is, and which bars are missing and why',
    tag: 'run',
    query: NoQuery,
    answer: BootstrapStatusSchema,
  });
  app.get('/api/v1/bootstrap', { schema: bootstrapSchema }, (): BootstrapStatus => context.bootstrap());
}
