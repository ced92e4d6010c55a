import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { systemClock } from '../../host/index.ts';
import type { AssetClass } from '../../model/index.ts';
import type { ApiContext } from '../api-context.ts';
import { orNull } from '../feed/bar-wire.ts';
import { ProblemError } from '../problem.ts';
import {
  type BarColumnsPage,
  type BarPage,
  type BarTuplePage,
  DATA_FAMILIES,
  type FeatureRow,
  type FeatureSnapshot,
} from '../protocol/index.ts';
import { BarsQuery, FeaturesQuery, SymbolPath } from '../schemas/parameters.ts';
import {
  BarColumnsPageSchema,
  BarPageSchema,
  BarTuplePageSchema,
  FeatureSnapshotSchema,
} from '../schemas/wire-schemas.ts';
import { AdjustedBars } from './adjusted-bars.ts';
import { barColumns, barTuples, readBarPage, startText } from './bar-page.ts';
import { BAR_PAGE_EXAMPLE, FEATURES_EXAMPLE } from './examples.ts';
import { findInstrument, findTimeframe } from './lookups.ts';
import { routeSchema } from './route-schema.ts';
import { readTime } from './time-range.ts';

type BarsAnswer = BarPage | BarTuplePage | BarColumnsPage;

/** Bars by asset class, and the newest features. */
export function addDataRoutes(app: FastifyInstance, context: ApiContext): void {
  for (const [assetClass, family] of Object.entries(DATA_FAMILIES) as [AssetClass, string][]) {
    const schema = routeSchema({
      operationId: `get_${family}_bars`,
      summary: `Bars of ${family}: the latest, or a range of history`,
      tag: 'data',
      params: SymbolPath,
      query: BarsQuery,
      answer: Type.Union([BarPageSchema, BarTuplePageSchema, BarColumnsPageSchema]),
      problems: [404, 409],
      example: BAR_PAGE_EXAMPLE,
    });
    app.get(`/api/v1/data/${family}/:symbol`, { schema }, (request, reply) => {
      const path = request.params as Static<typeof SymbolPath>;
      sayFreshness(context, path.symbol, reply);
      return answerBars(context, assetClass, path, request.query as Static<typeof BarsQuery>);
    });
  }
  addFeaturesRoute(app, context);
}

/** Whether what is served is the last known value of a symbol without news, and how old its newest event is. */
function sayFreshness(context: ApiContext, symbol: string, reply: FastifyReply): void {
  const freshness = context.freshness?.(symbol);
  if (freshness === undefined) return;
  reply.header('x-data-stale', String(freshness.stale));
  if (freshness.age_s !== null) reply.header('x-data-age-s', freshness.age_s.toFixed(3));
}

async function answerBars(
  context: ApiContext,
  assetClass: AssetClass,
  path: Static<typeof SymbolPath>,
  query: Static<typeof BarsQuery>,
): Promise<BarsAnswer> {
  const instrument = findInstrument(context, path.symbol);
  const { symbol } = instrument;
  if (instrument.assetClass !== assetClass) {
    const there = `/api/v1/data/${DATA_FAMILIES[instrument.assetClass]}/${encodeURIComponent(symbol)}`;
    const detail = `${symbol} is of class ${instrument.assetClass}: its bars are at ${there}.`;
    throw new ProblemError(404, 'other_asset_class', detail, { errors: [{ pointer: '/symbol', detail }] });
  }
  const timeframe = findTimeframe(query.timeframe, context.timeframes);
  const asOfUs = query.as_of === undefined ? undefined : readTime(query.as_of, '/as_of');
  const view = { adjustment: query.adjusted ?? 'raw', asOfUs };
  const bars = new AdjustedBars(context, symbol, view, systemClock.nowUs());
  const page = await readBarPage(bars, symbol, timeframe, query);
  const head = { symbol, timeframe };
  const next_cursor = page.nextCursor;
  if (query.shape === 'array') return { ...head, bars: barTuples(page.rows), next_cursor };
  if (query.shape === 'columns') return { ...head, columns: barColumns(page.rows), next_cursor };
  return { ...head, bars: page.rows, next_cursor };
}

function addFeaturesRoute(app: FastifyInstance, context: ApiContext): void {
  const schema = routeSchema({
    operationId: 'get_features',
    summary: 'The newest feature values of a symbol',
    tag: 'data',
    params: SymbolPath,
    query: FeaturesQuery,
    answer: FeatureSnapshotSchema,
    problems: [404],
    example: FEATURES_EXAMPLE,
  });
  app.get('/api/v1/features/:symbol', { schema }, (request) => {
    const { symbol } = findInstrument(context, (request.params as Static<typeof SymbolPath>).symbol);
    const query = request.query as Static<typeof FeaturesQuery>;
    return featureSnapshot(context, symbol, findTimeframe(query.timeframe, context.featureTimeframes));
  });
}

function featureSnapshot(context: ApiContext, symbol: string, timeframe: string): FeatureSnapshot {
  const vector = context.features(symbol, timeframe);
  const features = context.featurePlan.map(
    ({ name, unit, description }, index): FeatureRow => ({
      name,
      value: orNull(vector?.values[index]),
      unit,
      description,
      bars_to_warm: vector?.barsToWarm[index] ?? 0,
    }),
  );
  return { symbol, timeframe, start: startText(vector?.startUs), features };
}
