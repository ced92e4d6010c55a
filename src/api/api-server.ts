import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { LocalBus } from '../bus/index.ts';
import type { Clock, Log, Metrics, PlainHistogram } from '../host/index.ts';
import type { Universe } from '../model/index.ts';
import type { ApiContext } from './api-context.ts';
import { ApiMetrics } from './api-metrics.ts';
import { registerBusMetrics } from './bus-metrics.ts';
import { EventHub, type KeptEvents } from './feed/event-hub.ts';
import { LiveFeed } from './feed/live-feed.ts';
import { SocketServer } from './feed/socket-server.ts';
import { checkBindAddress } from './guard/bind-address.ts';
import { CallerCheck } from './guard/caller-check.ts';
import { answerBrokenRequest, answerSocketOnly, buildHttpServer, limitServer, listenOn } from './http-server.ts';
import { API_LIMITS, type ApiLimits } from './limits.ts';
import type { AlertsPort } from './routes/alert-routes.ts';
import { registerRunMetrics } from './run-metrics.ts';

export interface ApiServerOptions {
  readonly context: ApiContext;
  readonly universe: Universe;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Second port of the WebSocket; 0 = none. */
  readonly socketPort: number;
  readonly allowRemote: boolean;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Events kept for `since`. */
  readonly eventLog: number;
  /** What the engine says of the market, with the log of it that outlives the process; it numbers all events. */
  readonly bus: LocalBus;
  /** Names that a broker has for generic symbols, for `?symbology=broker`; without one a symbol keeps its name. */
  readonly brokerSymbols?: Readonly<Record<string, string>>;
  /** Walks an event, or the statement of that number, back to what it was made of; undefined where there is none. */
  readonly explain?: (id: number) => Promise<object | undefined>;
  /** Rules and deliveries of alerts; without them their paths are not there. */
  readonly alerts?: AlertsPort;
  /** Folder of the built dashboard; without one `/` says how to build it. */
  readonly dashboardDir?: string;
  /** Commit of the build, for `tickloom_build_info`. */
  readonly commit?: string;
  readonly metrics: Metrics;
  /** Durations per stage (`{stage}`), where the composition measures them. */
  readonly stages?: PlainHistogram;
  readonly log: Log;
  readonly clock: Clock;
  /** Other bounds than {@link API_LIMITS}, for tests and benchmarks. */
  readonly limits?: Partial<ApiLimits>;
}

/** Where the server can be reached. */
export interface ApiAddress {
  readonly url: string;
  readonly port: number;
  readonly socketPort: number | undefined;
}

/**
 * HTTP and WebSocket over a run. `feed` is the engine's sink; nothing is served before {@link ApiServer.listen}.
 */
export class ApiServer {
  readonly hub: EventHub;
  readonly feed: LiveFeed;
  readonly sockets: SocketServer;
  private readonly options: ApiServerOptions;
  private readonly limits: ApiLimits;
  private readonly apiMetrics = new ApiMetrics();
  private readonly ports = new Set<number>();
  private readonly callers: CallerCheck;
  private readonly unlisten: () => void;
  private app: FastifyInstance | undefined;
  private socketOnly: Server | undefined;

  /** @throws UsageError when the address is not this machine's own and remote access was not allowed. */
  constructor(options: ApiServerOptions) {
    checkBindAddress(options.host, options.allowRemote);
    this.options = options;
    this.limits = { ...API_LIMITS, ...options.limits };
    const { context, clock, metrics, bus } = options;
    const log = options.log.child({ component: 'api' });
    this.callers = new CallerCheck({
      allowedHosts: options.allowedHosts,
      allowedOrigins: options.allowedOrigins,
      ports: this.ports,
      maxUrlChars: this.limits.urlChars,
      maxHeaders: this.limits.headerCount,
    });
    this.hub = new EventHub({
      ids: bus.ids,
      kept: keptEvents(bus),
      logCapacity: options.eventLog,
      limits: this.limits,
      clock,
      onResync: (client, sinceId) =>
        this.sockets.resync(client, sinceId, 'Events after `since` are no longer in the log: read the state anew.'),
    });
    this.unlisten = bus.listen((event) => this.hub.relay(event));
    this.sockets = new SocketServer({
      hub: this.hub,
      limits: this.limits,
      clock,
      log,
      callers: this.callers,
      rules: {
        limits: this.limits,
        timeframes: context.timeframes,
        isKnownSymbol: (symbol) => context.instrument(symbol) !== undefined,
      },
      engineTimeUs: () => context.engineTimeUs(),
      refused: (limit) => this.apiMetrics.refused(limit),
    });
    this.feed = new LiveFeed({
      hub: this.hub,
      bus,
      universe: options.universe,
      timeframes: context.timeframes,
      featureNames: context.featurePlan.map(({ name }) => name),
      formingMs: this.limits.formingMs,
      statsMs: this.limits.statsMs,
      engineTimeUs: () => context.engineTimeUs(),
      formingBar: (symbol, timeframe) => context.formingBar(symbol, timeframe),
      run: () => context.run(),
    });
    this.apiMetrics.register(metrics, this.hub, this.sockets);
    if (options.stages !== undefined) {
      metrics.histogram('tickloom_stage_duration_seconds', 'Time that a stage takes for a batch.', options.stages);
    }
    registerBusMetrics(metrics, bus);
    registerRunMetrics(metrics, context, options.commit ?? 'unknown');
  }

  /**
   * Opens the ports.
   * @throws TickloomError `port-in-use` or `bind-failed`
   */
  async listen(): Promise<ApiAddress> {
    const { host, port, context, metrics, log, clock } = this.options;
    const app = await buildHttpServer({
      context,
      bus: this.options.bus,
      brokerSymbols: this.options.brokerSymbols ?? {},
      explain: this.options.explain,
      alerts: this.options.alerts,
      limits: this.limits,
      callers: this.callers,
      metrics,
      apiMetrics: this.apiMetrics,
      log: log.child({ component: 'api' }),
      clock,
      dashboardDir: this.options.dashboardDir,
      socketPort: () => (this.socketOnly === undefined ? undefined : portOf(this.socketOnly)),
    });
    this.app = app;
    this.sockets.attach(app.server);
    try {
      await listenOn(() => app.listen({ host, port }), host, port, 'api.port');
      this.ports.add(portOf(app.server));
      await this.listenSocketPort();
    } catch (error) {
      await this.close();
      throw error;
    }
    metrics.collectProcess();
    this.feed.start();
    const socketPort = this.socketOnly === undefined ? undefined : portOf(this.socketOnly);
    const name = host.includes(':') ? `[${host}]` : host;
    return { url: `http://${name}:${portOf(app.server)}`, port: portOf(app.server), socketPort };
  }

  /** Stops the feed, says goodbye to the sockets, closes the ports. */
  async close(): Promise<void> {
    this.feed.stop();
    this.unlisten();
    this.hub.flush();
    await this.sockets.close();
    const { app, socketOnly } = this;
    this.app = undefined;
    this.socketOnly = undefined;
    if (socketOnly?.listening === true) {
      socketOnly.closeAllConnections();
      await new Promise((resolve) => socketOnly.close(resolve));
    }
    await app?.close();
  }

  private async listenSocketPort(): Promise<void> {
    const { host, socketPort: port } = this.options;
    if (port === 0) return;
    const server = createServer(
      {
        maxHeaderSize: this.limits.headerBytes,
        headersTimeout: this.limits.headersTimeoutMs,
        requestTimeout: this.limits.requestTimeoutMs,
        keepAliveTimeout: this.limits.keepAliveMs,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => answerSocketOnly(request, response, this.callers),
    );
    limitServer(server, this.limits);
    server.on('clientError', (error, socket) => answerBrokenRequest(error, socket as Socket, this.apiMetrics));
    this.sockets.attach(server);
    await listenOn(
      () =>
        new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(port, host, () => {
            server.off('error', reject);
            resolve();
          });
        }),
      host,
      port,
      'dashboard.ws_port',
    );
    this.socketOnly = server;
    this.ports.add(portOf(server));
  }
}

function keptEvents(bus: LocalBus): KeptEvents {
  return {
    get completeFromId() {
      return bus.store.completeFromId;
    },
    commit: () => bus.commit(),
    readAfter: (id, channels, limit) => bus.store.readAfter(id, channels, limit),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
