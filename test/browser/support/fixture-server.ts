import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HealthReport, MetricsDocument, ServerEvent } from '../../../src/api/protocol/index.ts';
import { type FixtureSymbol, MarketFixture, rfc3339 } from './market-fixture.ts';
import { StatementFixture } from './statement-fixture.ts';

/** The policy that the real server sends: nothing inline, nothing from elsewhere. */
export const STRICT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const TICK_MS = 100;
const STATS_MS = 500;

/**
 * Speaks the dashboard's protocol over real HTTP and real sockets, for states that a healthy server does not
 * show: refused sockets, silence, revisions on request. What the server does is tested on the server itself.
 */
export class FixtureServer {
  readonly market: MarketFixture;
  readonly statements: StatementFixture;
  /** While true, sockets are refused and HTTP goes on: a proxy that lets no WebSocket through. */
  refusesSockets = false;
  isTicking = true;
  staleAfterS = 10;
  /** Paths that answer with a problem document. */
  readonly failing = new Map<string, number>();
  health: HealthReport = HEALTH;
  readonly received: unknown[] = [];
  readonly requests: string[] = [];
  readonly #root: string;
  readonly #sockets = new Set<WebSocket>();
  readonly #timers: NodeJS.Timeout[] = [];
  #http: Server | undefined;
  #port = 0;

  constructor(root: string, symbols: readonly FixtureSymbol[]) {
    this.#root = root;
    this.market = new MarketFixture(symbols, Date.now());
    this.statements = new StatementFixture(this.market);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens; again on the same port after a stop. */
  async start(): Promise<void> {
    const http = createServer((request, response) => void this.#answer(request, response));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      if (this.refusesSockets) {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (open) => this.#accept(open));
    });
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve));
    this.#http = http;
    this.#port = (http.address() as AddressInfo).port;
    this.#timers.push(
      setInterval(() => this.isTicking && this.send(...this.market.tick(Date.now())), TICK_MS),
      setInterval(() => this.isTicking && this.#sendStats(), STATS_MS),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.closeSockets();
    const http = this.#http;
    this.#http = undefined;
    http?.closeAllConnections();
    await new Promise<void>((resolve) => (http === undefined ? resolve() : http.close(() => resolve())));
  }

  closeSockets(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  /** Sends events to everyone, as one frame. */
  send(...events: readonly ServerEvent[]): void {
    if (events.length === 0) return;
    const frame = JSON.stringify(events);
    for (const socket of this.#sockets) socket.send(frame);
  }

  #accept(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data));
      this.received.push(message);
      if ((message as { action?: string }).action === 'ping') {
        socket.send(JSON.stringify({ type: 'pong', timestamp: rfc3339(Date.now()) }));
      }
    });
    socket.on('close', () => this.#sockets.delete(socket));
    this.#sendStats();
  }

  #sendStats(): void {
    const nowMs = Date.now();
    this.send({ ...this.market.run(nowMs), type: 'stats', id: this.market.nextId(), timestamp: rfc3339(nowMs) });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const failure = this.failing.get(url.pathname);
    if (failure !== undefined) {
      json(response, failure, {
        type: 'about:blank',
        title: 'Store away',
        status: failure,
        code: 'store_unavailable',
        detail: 'The history store does not answer',
      });
      return;
    }
    const body = await this.#api(request, url);
    if (body !== undefined) return json(response, 200, body);
    await this.#file(url.pathname === '/' ? '/index.html' : url.pathname, response);
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    try {
      const content = await readFile(join(this.#root, path));
      response.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': STRICT_POLICY,
      });
      response.end(content);
    } catch {
      json(response, 404, { type: 'about:blank', title: 'Not found', status: 404 });
    }
  }

  async #api(request: IncomingMessage, url: URL): Promise<unknown> {
    const { market } = this;
    const path = url.pathname;
    if (path === '/api/v1/run') return market.run(Date.now());
    if (path === '/api/v1/symbols') {
      const symbols = market.symbols.map((symbol) => market.symbolRow(symbol));
      return { symbols, stale_after_s: this.staleAfterS, timeframes: ['1s', '1m', '5m', '15m', '30m', '1h', '1d'] };
    }
    if (path === '/api/v1/sources') return { sources: market.sources };
    if (path === '/api/v1/gaps') return { gaps: market.gaps, next_cursor: null };
    if (path === '/api/v1/quarantine')
      return { items: market.quarantine, total: market.quarantine.length, next_cursor: null };
    if (path === '/health') return this.health;
    if (path === '/metrics/json') return metricsDocument();
    if (path === '/api/v1/demo/break') return this.#break(await bodyOf(request));
    const said = this.statements.answer(path, url.searchParams);
    if (said !== undefined) return said;
    const features = /^\/api\/v1\/features\/([^/]+)$/.exec(path);
    if (features?.[1] !== undefined) return market.features(features[1], url.searchParams.get('timeframe') ?? '1m');
    const data = /^\/api\/v1\/data\/[a-z]+\/([^/]+)$/.exec(path);
    if (data?.[1] !== undefined) return this.#page(data[1], url.searchParams);
    return undefined;
  }

  #page(symbol: string, query: URLSearchParams): unknown {
    const all = query.get('timeframe') === '1m' ? (this.market.bars.get(symbol) ?? []) : [];
    const end = Number(query.get('cursor') ?? all.length);
    const start = Math.max(0, end - Number(query.get('limit') ?? 500));
    return {
      symbol,
      timeframe: query.get('timeframe'),
      bars: all.slice(start, end),
      next_cursor: start === 0 ? null : String(start),
    };
  }

  #break(body: unknown): unknown {
    const { market } = this;
    const action = (body as { action: string }).action;
    const symbol = market.symbols[0]?.symbol ?? '';
    const fromMs = Date.now();
    const gap = { symbol, source: 'demo', from: rfc3339(fromMs), reason: 'cut by hand' };
    if (action === 'late_trade') setTimeout(() => this.send(market.revise(symbol, 2, Date.now())), 200);
    if (action === 'cut') {
      this.#sendGap({ ...gap, to: null, state: 'open', repaired: 0, expected: null });
      setTimeout(() => {
        this.#sendGap({ ...gap, to: rfc3339(Date.now()), state: 'backfilled', repaired: 412, expected: 412 });
        this.send(market.revise(symbol, 1, Date.now()));
      }, 700);
    }
    return { action, symbol, detail: `Done on ${symbol}: ${action}`, digest_statement: null };
  }

  #sendGap(gap: MarketFixture['gaps'][number]): void {
    const held = this.market.gaps.findIndex((one) => one.from === gap.from && one.symbol === gap.symbol);
    if (held < 0) this.market.gaps.unshift(gap);
    else this.market.gaps[held] = gap;
    this.send({ ...gap, type: 'gap', id: this.market.nextId(), timestamp: rfc3339(Date.now()) });
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function metricsDocument(): MetricsDocument {
  return {
    at: rfc3339(Date.now()),
    sources: { demo: { received: 88_123, stored: 88_100, quarantined: 1, conflated: 0, dropped: 0 } },
    tape: { last_seq: 88_123, durable_seq: 88_100 },
    heap: { used_bytes: 61_000_000, total_bytes: 90_000_000, rss_bytes: 183_500_800 },
    metrics: METRICS,
  };
}

const HEALTH: HealthReport = {
  status: 'ok',
  version: '0.1.0',
  uptime_s: 125,
  mode: 'demo',
  components: {
    sources: { demo: { status: 'ok' } },
    recorder: { status: 'ok', last_seq: 88_123, durable_seq: 88_100 },
    history: { status: 'ok' },
    lake: { status: 'ok' },
  },
  data_freshness: {},
};

const bucket = (stage: string, le: string, value: number) => ({
  value,
  labels: { le, stage },
  metricName: 'tickloom_stage_duration_seconds_bucket',
});

const METRICS: MetricsDocument['metrics'] = [
  {
    name: 'tickloom_stage_duration_seconds',
    help: 'Time per stage',
    type: 'histogram',
    values: ['validate', 'bars', 'features', 'publish'].flatMap((stage) => [
      bucket(stage, '0.00005', 800),
      bucket(stage, '0.001', 990),
      bucket(stage, '0.01', 1000),
      bucket(stage, '+Inf', 1000),
    ]),
  },
  {
    name: 'tickloom_events_received_total',
    help: 'Events',
    type: 'counter',
    values: [{ value: 88_123, labels: { source: 'demo', kind: 'trade' } }],
  },
  { name: 'tickloom_ws_clients', help: 'Clients', type: 'gauge', values: [{ value: 1, labels: {} }] },
  { name: 'tickloom_queue_depth', help: 'Depth', type: 'gauge', values: [{ value: 3, labels: { queue: 'recorder' } }] },
  {
    name: 'tickloom_queue_capacity',
    help: 'Capacity',
    type: 'gauge',
    values: [{ value: 65_536, labels: { queue: 'recorder' } }],
  },
];
