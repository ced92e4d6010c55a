import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { normaliseSymbol } from '../../model/index.ts';
import type { ApiContext } from '../api-context.ts';
import type { GapList, QuarantineList, SourceList, SymbolList } from '../protocol/index.ts';
import { GapsQuery, NoQuery, QuarantineQueryParameters } from '../schemas/parameters.ts';
import {
  GapListSchema,
  QuarantineListSchema,
  RunStatusSchema,
  SourceListSchema,
  SymbolListSchema,
} from '../schemas/wire-schemas.ts';
import { GAPS_EXAMPLE, QUARANTINE_EXAMPLE, RUN_EXAMPLE } from './examples.ts';
import { findInstrument } from './lookups.ts';
import { routeSchema } from './route-schema.ts';
import { readTimeRange } from './time-range.ts';

const DEFAULT_ROWS = 100;

/** What there is in this run: symbols, sources, gaps, quarantine, and the run itself. */
export function addCatalogueRoutes(app: FastifyInstance, context: ApiContext): void {
  const runSchema = routeSchema({
    operationId: 'get_run',
    summary: 'The run: mode, time, digest, rates',
    tag: 'run',
    query: NoQuery,
    answer: RunStatusSchema,
    example: RUN_EXAMPLE,
  });
  app.get('/api/v1/run', { schema: runSchema }, () => context.run());

  const symbolsSchema = routeSchema({
    operationId: 'list_symbols',
    summary: 'Symbols with their last price, change and session',
    tag: 'run',
    query: NoQuery,
    answer: SymbolListSchema,
  });
  app.get('/api/v1/symbols', { schema: symbolsSchema }, (): SymbolList => {
    return { symbols: context.symbols(), stale_after_s: context.staleAfterS, timeframes: context.timeframes };
  });

  const sourcesSchema = routeSchema({
    operationId: 'list_sources',
    summary: 'Sources with state, rate, lag and outages',
    tag: 'run',
    query: NoQuery,
    answer: SourceListSchema,
  });
  app.get('/api/v1/sources', { schema: sourcesSchema }, (): SourceList => ({ sources: context.sources() }));
  addGapsRoute(app, context);
  addQuarantineRoute(app, context);
}

function addGapsRoute(app: FastifyInstance, context: ApiContext): void {
  const schema = routeSchema({
    operationId: 'list_gaps',
    summary: 'Intervals that were not simply live, newest first',
    tag: 'quality',
    query: GapsQuery,
    answer: GapListSchema,
    problems: [404],
    example: GAPS_EXAMPLE,
  });
  app.get('/api/v1/gaps', { schema }, async (request): Promise<GapList> => {
    const query = request.query as Static<typeof GapsQuery>;
    const slice = await context.gaps({
      ...readTimeRange(query),
      limit: query.limit ?? DEFAULT_ROWS,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      ...(query.symbol === undefined ? {} : { symbol: findInstrument(context, query.symbol).symbol }),
    });
    return { gaps: slice.rows, next_cursor: slice.nextCursor ?? null };
  });
}

function addQuarantineRoute(app: FastifyInstance, context: ApiContext): void {
  const schema = routeSchema({
    operationId: 'list_quarantine',
    summary: 'Refused input with reason and raw payload, newest first',
    tag: 'quality',
    query: QuarantineQueryParameters,
    answer: QuarantineListSchema,
    example: QUARANTINE_EXAMPLE,
  });
  app.get('/api/v1/quarantine', { schema }, async (request): Promise<QuarantineList> => {
    const query = request.query as Static<typeof QuarantineQueryParameters>;
    // A refused event may name a symbol that this run does not have: it is not looked up, only normalised.
    const symbol = query.symbol === undefined ? undefined : normaliseSymbol(query.symbol);
    const slice = await context.quarantine({
      limit: query.limit ?? DEFAULT_ROWS,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      ...(query.source === undefined ? {} : { source: query.source }),
      ...(query.reason === undefined ? {} : { reason: query.reason }),
      ...(symbol === undefined ? {} : { symbol }),
    });
    return { items: slice.rows, total: slice.total, next_cursor: slice.nextCursor ?? null };
  });
}
