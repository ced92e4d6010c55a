import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../src/api/index.ts';
import * as operationSchemas from '../../src/api/schemas/operation-schemas.ts';
import * as wireSchemas from '../../src/api/schemas/wire-schemas.ts';
import { Metrics } from '../../src/host/index.ts';
import { Market, serve } from './market.ts';
import { sendRaw, statusOf } from './raw-http.ts';

const schemas = { ...wireSchemas, ...operationSchemas };

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

function expectValid(schema: TSchema, value: unknown): void {
  const validate = ajv.compile(schema);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

const market = new Market();
const SECOND = 1_000_000;
let server: ApiServer;
let url: string;
let web: string;

async function get(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

async function problem(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; code: string; pointers: string[]; detail: string }> {
  const answer = await get(path, init);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expectValid(schemas.ProblemSchema, answer.body);
  const body = answer.body as { code: string; detail: string; errors?: { pointer: string }[] };
  return {
    status: answer.status,
    code: body.code,
    detail: body.detail,
    pointers: (body.errors ?? []).map(({ pointer }) => pointer),
  };
}

beforeAll(async () => {
  web = mkdtempSync(join(tmpdir(), 'tickloom-web-'));
  mkdirSync(join(web, 'assets'));
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>Tickloom</title>');
  writeFileSync(join(web, 'assets', 'main-abc.js'), 'export {};');
  writeFileSync(join(web, '.env'), 'SECRET=1');
  for (let i = 0; i < 25; i++) market.closeBar(undefined, 'AAPL', '1m', market.nowUs + i * 60 * SECOND, 100 + i);
  market.setForming('AAPL', '1m', market.nowUs + 25 * 60 * SECOND, 130, 2);
  const metrics = new Metrics();
  server = serve(market, { dashboardDir: web, metrics, limits: { requestBurst: 100_000 } });
  market.gap(server, 'AAPL', market.nowUs, market.nowUs + 5 * SECOND);
  market.gap(server, 'MSFT', market.nowUs, Number.POSITIVE_INFINITY);
  market.quarantined.push({
    id: '1',
    received_at: '2026-01-30T08:15:00Z',
    source: 'demo',
    symbol: null,
    kind: 'trade',
    reason: 'duplicate',
    detail: 'd',
    raw: '<img src=x onerror=alert(1)>',
  });
  url = (await server.listen()).url;
});

afterAll(async () => {
  await server.close();
  rmSync(web, { recursive: true, force: true });
});

describe('every route answers as its schema says', () => {
  test.each<[string, TSchema]>([
    ['/health', schemas.HealthReportSchema],
    ['/health/live', schemas.ProbeReportSchema],
    ['/health/ready', schemas.ProbeReportSchema],
    ['/metrics/json', schemas.MetricsDocumentSchema],
    ['/api/v1/run', schemas.RunStatusSchema],
    ['/api/v1/symbols', schemas.SymbolListSchema],
    ['/api/v1/sources', schemas.SourceListSchema],
    ['/api/v1/gaps', schemas.GapListSchema],
    ['/api/v1/quarantine', schemas.QuarantineListSchema],
    ['/api/v1/features/AAPL?timeframe=1m', schemas.FeatureSnapshotSchema],
    ['/api/v1/features/MSFT', schemas.FeatureSnapshotSchema],
    ['/api/v1/data/stocks/AAPL?timeframe=60s&limit=3', schemas.BarPageSchema],
    ['/api/v1/data/stocks/AAPL?shape=array', schemas.BarTuplePageSchema],
    ['/api/v1/data/stocks/AAPL?shape=columns', schemas.BarColumnsPageSchema],
    ['/api/v1/data/forex/EURUSD', schemas.BarPageSchema],
    ['/api/v1/data/crypto/BTC%2FUSD', schemas.BarPageSchema],
    ['/api/v1/data/crypto/btc-usd', schemas.BarPageSchema],
  ])('%s', async (path, schema) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expectValid(schema, answer.body);
  });

  test('health follows the state of the run', async () => {
    market.state = 'degraded';
    expect((await get('/health')).status).toBe(200);
    market.state = 'down';
    expect((await get('/health')).status).toBe(503);
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
    market.state = 'ok';
  });

  test('features are null while warming, with the bars that are left', async () => {
    const { body } = await get('/api/v1/features/AAPL');
    expect(body).toMatchObject({
      features: [
        { name: 'sma_2', value: 101.25, bars_to_warm: 0 },
        { name: 'rsi_14', value: null, bars_to_warm: 6 },
      ],
    });
  });

  test('an open gap has no end', async () => {
    const { body } = await get('/api/v1/gaps?symbol=MSFT');
    expect(body).toMatchObject({ gaps: [{ symbol: 'MSFT', state: 'open', to: null }] });
  });

  test('breaking the demo reaches the run, and only a demo', async () => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"action":"cut","seconds":20}',
    };
    const answer = await get('/api/v1/demo/break', init);
    expect(answer.status).toBe(200);
    expectValid(schemas.BreakResultSchema, answer.body);
    expect(market.broken).toEqual([{ action: 'cut', seconds: 20 }]);
    market.mode = 'live';
    expect(await problem('/api/v1/demo/break', init)).toMatchObject({ status: 403, code: 'not_a_demo' });
    market.mode = 'demo';
  });

  test('metrics in the text format, well formed', async () => {
    const { body, status } = await get('/metrics');
    expect(status).toBe(200);
    const lines = String(body)
      .split('\n')
      .filter((line) => line !== '');
    for (const line of lines) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) \S+ .*|[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[\d.e+-]+|NaN|[+-]Inf))$/,
      );
    }
    for (const name of [
      'tickloom_build_info',
      'tickloom_events_received_total',
      'tickloom_queue_depth',
      'tickloom_ws_clients',
      'tickloom_http_request_duration_seconds_bucket',
      'tickloom_tape_durable_seq',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(lines.some((line) => line.startsWith(name))).toBe(true);
    }
  });

  test('the OpenAPI document is 3.1, complete, with unique operation ids', async () => {
    const { body } = await get('/openapi.json');
    const document = body as {
      openapi: string;
      paths: Record<string, Record<string, { operationId?: string; responses: object }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        'get_health',
        'get_stocks_bars',
        'get_crypto_bars',
        'get_features',
        'list_symbols',
        'list_gaps',
        'list_sources',
        'list_quarantine',
        'get_run',
        'break_demo',
        'get_metrics',
        'get_metrics_json',
      ]),
    );
    expect(JSON.stringify(document.paths['/api/v1/data/stocks/{symbol}'])).toContain('"open":105.9');
    for (const operation of operations)
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['200', '400', '429']));
  });

  test('the documentation page comes from here and loads nothing else', async () => {
    const page = await get('/docs/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(String(page.body)).not.toMatch(/(src|href)="https?:/);
    expect((await get('/docs/static/swagger-ui-bundle.js')).status).toBe(200);
  });
});

describe('problems name the field', () => {
  test.each([
    ['/api/v1/data/stocks/AAPL?limit=0', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=-1', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=10001', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=1e9', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=1e400', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=NaN', '/limit'],
    ['/api/v1/data/stocks/AAPL?limit=%F0%9F%98%80', '/limit'],
    ['/api/v1/data/stocks/AAPL?timeframe=1x', '/timeframe'],
    ['/api/v1/data/stocks/AAPL?timeframe=7m', '/timeframe'],
    ['/api/v1/data/stocks/AAPL?timeframe=1m&timeframe=5m', '/timeframe'],
    ['/api/v1/data/stocks/AAPL?timeframe[]=1m', '/timeframe[]'],
    ['/api/v1/data/stocks/AAPL?timeframe[$ne]=1m', '/timeframe[$ne]'],
    ['/api/v1/data/stocks/AAPL?__proto__=1', '/__proto__'],
    ['/api/v1/data/stocks/AAPL?from=2026-01-02&to=2026-01-01', '/from'],
    ['/api/v1/data/stocks/AAPL?from=+275760-09-13T00:00:00Z', '/from'],
    ['/api/v1/data/stocks/AAPL?to=99999-01-01', '/to'],
    ['/api/v1/data/stocks/AAPL?from=NaN1', '/from'],
    ['/api/v1/data/stocks/AAPL?from=%E2%80%AE2026', '/from'],
    ['/api/v1/data/stocks/AAPL?shape=xml', '/shape'],
    ['/api/v1/data/stocks/AAPL?closed=perhaps', '/closed'],
    ['/api/v1/data/stocks/AAPL?cursor=12345.deadbeef', '/cursor'],
    ['/api/v1/data/stocks/AAPL?cursor=%22%3B%20DROP%20TABLE%20bars%3B--', '/cursor'],
    ['/api/v1/data/stocks/AAPL?unknown=1', '/unknown'],
    ["/api/v1/data/stocks/A'%3B%20COPY%20(SELECT%201)%20TO%20'pwned.csv'%3B--", '/symbol'],
    ["/api/v1/features/A'%20OR%20'1'%3D'1", '/symbol'],
    ['/api/v1/features/read_csv(%27%2Fetc%2Fpasswd%27)', '/symbol'],
    ['/api/v1/features/..%2f..%2fx', '/symbol'],
    ['/api/v1/features/AAPL?timeframe=1d', '/timeframe'],
    ['/api/v1/quarantine?source=a%20b', '/source'],
    ['/api/v1/quarantine?reason=a&reason=b', '/reason'],
    ['/api/v1/gaps?limit=x', '/limit'],
    ['/api/v1/run?x=1', '/x'],
  ])('%s', async (path, pointer) => {
    const answer = await problem(path);
    expect(answer.status).toBe(400);
    expect(answer.pointers.join(' ')).toContain(pointer);
  });

  test('an unknown symbol, and one of another class, say where to look', async () => {
    expect(await problem('/api/v1/data/stocks/NOPE')).toMatchObject({
      status: 404,
      code: 'unknown_symbol',
      pointers: ['/symbol'],
    });
    const other = await problem('/api/v1/data/crypto/AAPL');
    expect(other).toMatchObject({ status: 404, code: 'other_asset_class' });
    expect(other.detail).toContain('/api/v1/data/stocks/AAPL');
  });

  test('a path that is none, and a method that is none', async () => {
    expect(await problem('/api/v1/nothing')).toMatchObject({ status: 404, code: 'not_found' });
    expect(await problem('/api/v1/run', { method: 'PUT' })).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect((await get('/api/v1/data/stocks/AAPL', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('the dashboard', () => {
  test('the page has a policy and is always asked for anew; assets stay', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    const asset = await get('/assets/main-abc.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    const again = await sendRaw(
      Number(new URL(url).port),
      `GET /assets/main-abc.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ${asset.headers.get('etag')}\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(again.text)).toBe(304);
  });

  test('a deep link is the page; an unknown file or API path is not', async () => {
    expect((await get('/symbol/AAPL', { headers: { accept: 'text/html' } })).body).toContain('<title>Tickloom');
    expect((await get('/assets/gone.js', { headers: { accept: 'text/html' } })).status).toBe(404);
    expect((await get('/api/v2/x', { headers: { accept: 'text/html' } })).status).toBe(404);
  });

  test.each([
    '/..%2f..%2fetc/passwd',
    '/docs/..%5c..',
    '/%00',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/.env',
    '/assets/%2e%2e/%2e%2e/.env',
    '/%',
  ])('nothing but its own files: %s', async (path) => {
    const answer = await get(path);
    expect([400, 403, 404]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).not.toMatch(/root:|SECRET|tickloom-web/);
  });
});
