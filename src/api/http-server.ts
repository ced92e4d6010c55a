import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance } from 'fastify';
import { TickloomError } from '../base/index.ts';
import type { LocalBus } from '../bus/index.ts';
import type { Clock, Log, Metrics } from '../host/index.ts';
import type { ApiContext } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { addErrorAnswers, routeOf, sendProblem } from './error-answers.ts';
import type { CallerCheck } from './guard/caller-check.ts';
import { parseStrictJson } from './guard/strict-json.ts';
import { TokenBuckets } from './guard/token-buckets.ts';
import type { ApiLimits } from './limits.ts';
import { fieldProblem, PROBLEM_TYPE, ProblemError, problemDocument } from './problem.ts';
import { RouteTable } from './route-table.ts';
import { addActionRoutes } from './routes/action-routes.ts';
import { type AlertsPort, addAlertRoutes } from './routes/alert-routes.ts';
import { addCatalogueRoutes } from './routes/catalogue-routes.ts';
import { addCollectionRoutes } from './routes/collection-routes.ts';
import { addDashboardRoutes, hasDashboard, pagePolicy } from './routes/dashboard-routes.ts';
import { addDataRoutes } from './routes/data-routes.ts';
import { addDemoRoutes } from './routes/demo-routes.ts';
import { addHealthRoutes, LIVE_PATH } from './routes/health-routes.ts';
import { addStatementRoutes } from './routes/statement-routes.ts';

export interface HttpServerOptions {
  readonly context: ApiContext;
  readonly bus: LocalBus;
  readonly brokerSymbols: Readonly<Record<string, string>>;
  readonly explain: ((id: number) => Promise<object | undefined>) | undefined;
  /** Rules and deliveries; without them their paths are not there. */
  readonly alerts: AlertsPort | undefined;
  readonly limits: ApiLimits;
  readonly callers: CallerCheck;
  readonly metrics: Metrics;
  readonly apiMetrics: ApiMetrics;
  readonly log: Log;
  readonly clock: Clock;
  /** Folder of the built dashboard. */
  readonly dashboardDir: string | undefined;
  /** Second port of the WebSocket, once it is known. */
  readonly socketPort: () => number | undefined;
}

/** The plugin's own policy names hosts of others and upgrades to HTTPS, which there is none of here. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Builds the HTTP side: guards first, then routes, then the dashboard. */
export async function buildHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { context, limits, metrics, clock } = options;
  const app = createFastify(options);
  const routes = new RouteTable();
  app.addHook('onRoute', (route) => routes.add(route.url, [route.method].flat()));
  addGuards(app, options);
  const dashboardDir =
    options.dashboardDir !== undefined && hasDashboard(options.dashboardDir) ? options.dashboardDir : undefined;
  addErrorAnswers(app, {
    log: options.log,
    routes,
    dashboardDir,
    refused: (limit) => options.apiMetrics.refused(limit),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(body as string, limits.jsonDepth));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  await addDescription(app, context.version);
  addHealthRoutes(app, context, metrics, clock);
  addDataRoutes(app, context);
  addActionRoutes(app, context);
  addCatalogueRoutes(app, context);
  addCollectionRoutes(app, context);
  addDemoRoutes(app, context);
  addStatementRoutes(app, options);
  if (options.alerts !== undefined) addAlertRoutes(app, options.alerts);
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  if (dashboardDir !== undefined) await addDashboardRoutes(app, dashboardDir, () => pagePolicy(options.socketPort()));
  await app.ready();
  limitServer(app.server, limits);
  return app;
}

function createFastify(options: HttpServerOptions): FastifyInstance {
  const { limits, apiMetrics } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    return503OnClosing: false,
    trustProxy: false,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: false },
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: false, allErrors: true } },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, new ProblemError(400, 'bad_url', 'The request target cannot be decoded.'));
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket, apiMetrics),
  });
  // Answers are written as the handlers made them: the schemas are checked by the contract tests, not enforced by dropping fields.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  return app;
}

function addGuards(app: FastifyInstance, options: HttpServerOptions): void {
  const { limits, callers, apiMetrics, clock } = options;
  const buckets = new TokenBuckets(limits.requestBurst, limits.requestsPerSecond, limits.rememberedAddresses, clock);
  app.addHook('onRequest', async (request, reply) => {
    const refusal = callers.refusal(request.raw);
    if (refusal !== undefined) {
      apiMetrics.refused(refusal.limit);
      throw new ProblemError(refusal.status, refusal.code, refusal.detail, { headers: { connection: 'close' } });
    }
    if (request.routeOptions.url === LIVE_PATH) return;
    const waitS = buckets.take(request.raw.socket.remoteAddress ?? '');
    if (waitS === 0) return;
    apiMetrics.refused('requestsPerSecond');
    const retryAfter = String(Math.max(1, Math.ceil(waitS)));
    reply.header('retry-after', retryAfter);
    const detail = `This address may send ${limits.requestsPerSecond} requests a second; try again in ${retryAfter} s.`;
    throw new ProblemError(429, 'too_many_requests', detail);
  });
  app.addHook('preValidation', async (request) => refuseInfinity(request.query as Record<string, unknown>));
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cross-origin-resource-policy', 'same-origin');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (!reply.hasHeader('content-security-policy') && !reply.raw.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', API_POLICY);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    apiMetrics.observe(request.method, routeOf(request), reply.statusCode, reply.elapsedTime / 1_000);
  });
}

/** The validator takes text beyond double precision (`1e400`) for an integer and then skips its bounds. */
function refuseInfinity(query: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string' || Math.abs(Number(value)) !== Number.POSITIVE_INFINITY) continue;
    throw fieldProblem(`/${name}`, 'invalid_request', 'The number is out of range.');
  }
}

async function addDescription(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tickloom',
        version,
        description:
          'Bars, features, data quality and the state of a Tickloom run. The WebSocket /ws is described in docs/api.md.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'data', description: 'Bars and features' },
        { name: 'statements', description: 'Patterns, regimes, signals, outcomes, alerts' },
        { name: 'alerts', description: 'Alert rules, webhooks and deliveries' },
        { name: 'run', description: 'The run, its symbols and sources' },
        { name: 'quality', description: 'Gaps and quarantine' },
        { name: 'health', description: 'Health and metrics' },
        { name: 'demo', description: 'Demo runs only' },
      ],
    },
    convertConstToEnum: false,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    transformStaticCSP: () => DOCS_POLICY,
    uiConfig: { deepLinking: false, validatorUrl: null },
  });
}

/** The limits that Node takes on the server itself. */
export function limitServer(server: Server, limits: ApiLimits): void {
  server.maxConnections = limits.connections;
  server.timeout = limits.idleSocketMs;
  // No silent cutting of header lines: the bytes are bounded, and the count is checked with a clear answer.
  server.maxHeadersCount = 0;
}

const BROKEN: Readonly<Record<string, readonly [status: number, reason: string, code: string, limit: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers_too_large', 'headerBytes'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request_timeout', 'requestTimeoutMs'],
};

/** A request that is not HTTP as it should be: one short answer, then the connection ends. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, apiMetrics: ApiMetrics): void {
  const [status, reason, code, limit] = BROKEN[error.code ?? ''] ?? [400, 'Bad Request', 'bad_http', 'http'];
  apiMetrics.refused(limit);
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problemDocument(status, code, 'The request is not well-formed HTTP within the limits.'));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** Listens, and says in plain words when the port is taken or out of reach. */
export async function listenOn(listen: () => Promise<unknown>, host: string, port: number, key: string): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new TickloomError(
        'port-in-use',
        `Port ${port} on ${host} is in use: stop the other program, or choose another port (${key}).`,
        { subject: key, cause: error },
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new TickloomError(
        'bind-failed',
        `Cannot listen on ${host}:${port} (${code}): choose another address or port (${key}).`,
        {
          subject: key,
          cause: error,
        },
      );
    }
    throw error;
  }
}

/** Answers plain requests on the port that is for the WebSocket only. */
export function answerSocketOnly(request: IncomingMessage, response: ServerResponse, callers: CallerCheck): void {
  const refusal = callers.refusal(request);
  const [status, code, detail] =
    refusal === undefined
      ? ([426, 'upgrade_required', 'This port is for the WebSocket /ws only.'] as const)
      : ([refusal.status, refusal.code, refusal.detail] as const);
  const body = JSON.stringify(problemDocument(status, code, detail));
  response.writeHead(status, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-content-type-options': 'nosniff',
    ...(status === 426 ? { upgrade: 'websocket' } : {}),
  });
  response.end(body);
}
