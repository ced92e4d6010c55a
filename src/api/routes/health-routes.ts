import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { formatMicros } from '../../base/index.ts';
import type { Clock, Metrics } from '../../host/index.ts';
import type { ApiContext } from '../api-context.ts';
import type { HealthReport, MetricsDocument, ProbeReport } from '../protocol/index.ts';
import { HealthReportSchema, MetricsDocumentSchema, ProbeReportSchema } from '../schemas/operation-schemas.ts';
import { NoQuery } from '../schemas/parameters.ts';
import { routeSchema } from './route-schema.ts';

/** Path of the probe that must answer while everything else is refused or slow. */
export const LIVE_PATH = '/health/live';

/** Health, probes and metrics. */
export function addHealthRoutes(app: FastifyInstance, context: ApiContext, metrics: Metrics, clock: Clock): void {
  const healthSchema = routeSchema({
    operationId: 'get_health',
    summary: 'Health of every part, and how fresh the data are',
    tag: 'health',
    query: NoQuery,
    answer: HealthReportSchema,
    alsoAnswers: [503],
  });
  app.get('/health', { schema: healthSchema }, (_request, reply) => {
    const { mode, uptime_s } = context.run();
    const { status, ...parts } = context.health();
    reply.code(status === 'down' ? 503 : 200);
    return { status, version: context.version, uptime_s, mode, ...parts } satisfies HealthReport;
  });

  const liveSchema = routeSchema({
    operationId: 'get_liveness',
    summary: 'The process answers',
    tag: 'health',
    query: NoQuery,
    answer: ProbeReportSchema,
  });
  app.get(LIVE_PATH, { schema: liveSchema }, (): ProbeReport => ({ status: 'ok' }));

  const readySchema = routeSchema({
    operationId: 'get_readiness',
    summary: 'Whether requests may be sent here',
    tag: 'health',
    query: NoQuery,
    answer: ProbeReportSchema,
    alsoAnswers: [503],
  });
  app.get('/health/ready', { schema: readySchema }, (_request, reply) => {
    const report = context.ready();
    reply.code(report.status === 'down' ? 503 : 200);
    return report;
  });
  addMetricsRoutes(app, context, metrics, clock);
}

function addMetricsRoutes(app: FastifyInstance, context: ApiContext, metrics: Metrics, clock: Clock): void {
  const textSchema = routeSchema({
    operationId: 'get_metrics',
    summary: 'Metrics in the text format of Prometheus',
    tag: 'health',
    query: NoQuery,
    answer: Type.String(),
    contentType: 'text/plain',
  });
  app.get('/metrics', { schema: textSchema }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });

  const jsonSchema = routeSchema({
    operationId: 'get_metrics_json',
    summary: 'Counters per source, the tape, the heap, and every metric',
    tag: 'health',
    query: NoQuery,
    answer: MetricsDocumentSchema,
  });
  app.get('/metrics/json', { schema: jsonSchema }, async (): Promise<MetricsDocument> => {
    const memory = process.memoryUsage();
    const { last_seq, durable_seq } = context.health().components.recorder;
    return {
      at: formatMicros(clock.nowUs()),
      sources: context.counters().bySource,
      tape: { last_seq, durable_seq },
      heap: { used_bytes: memory.heapUsed, total_bytes: memory.heapTotal, rss_bytes: memory.rss },
      metrics: await metrics.json(),
    };
  });
}
