import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_LIMITS, type ApiServer } from '../../src/api/index.ts';
import { UsageError } from '../../src/base/index.ts';
import { Market, serve } from './market.ts';
import { sendRaw, statusOf } from './raw-http.ts';

const market = new Market();
let server: ApiServer;
let url: string;
let port: number;

beforeAll(async () => {
  server = serve(market, {
    limits: { requestBurst: 100_000, headersTimeoutMs: 1_000, requestTimeoutMs: 2_000, idleSocketMs: 2_000 },
    allowedHosts: ['desk.example'],
    allowedOrigins: ['https://desk.example'],
  });
  ({ url, port } = await server.listen());
});

afterAll(async () => {
  await server.close();
});

const request = (head: string, body = ''): string => `${head}\r\n\r\n${body}`;
const get = (path: string, ...headers: string[]): string =>
  request([`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers].join('\r\n'));
const post = (body: string, ...headers: string[]): string =>
  request(
    [
      'POST /api/v1/demo/break HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ].join('\r\n'),
    body,
  );

describe('who may call', () => {
  test.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://localhost:1.evil.example',
    'HTTP://LOCALHOST',
    'http://localhost:1',
    'http://user@localhost',
    'file://',
  ])('the origin %s is refused', async (origin) => {
    for (const path of ['/', '/api/v1/run', '/health', '/openapi.json']) {
      const { text } = await sendRaw(port, get(path, `Origin: ${origin}`));
      expect(statusOf(text)).toBe(403);
      expect(text.toLowerCase()).not.toContain('access-control-allow');
    }
  });

  test('two origins are refused, the own one and the allowed one are not', async () => {
    expect(
      statusOf((await sendRaw(port, get('/api/v1/run', `Origin: ${url}`, 'Origin: https://evil.example'))).text),
    ).toBe(403);
    expect(statusOf((await sendRaw(port, get('/api/v1/run', `Origin: ${url}`))).text)).toBe(200);
    expect(statusOf((await sendRaw(port, get('/api/v1/run', `Origin: http://localhost:${port}`))).text)).toBe(200);
    expect(statusOf((await sendRaw(port, get('/api/v1/run', 'Origin: https://desk.example'))).text)).toBe(200);
  });

  test.each([
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '8.8.8.8',
    'localhost:80:80',
    'a/b',
    '',
  ])('the host "%s" is refused', async (host) => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/api/v1/run'],
      ['POST', '/api/v1/demo/break'],
    ]) {
      const { text } = await sendRaw(port, request(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close`));
      expect([400, 421]).toContain(statusOf(text));
    }
  });

  test('known hosts are answered; none or two are not', async () => {
    for (const host of [
      'localhost',
      `127.0.0.1:${port}`,
      '[::1]:9',
      'LOCALHOST:1',
      'desk.example',
      'desk.example:443',
    ]) {
      const { text } = await sendRaw(port, request(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close`));
      expect(statusOf(text)).toBe(200);
    }
    expect(statusOf((await sendRaw(port, request('GET / HTTP/1.1\r\nConnection: close'))).text)).toBe(400);
    expect([400, 421]).toContain(statusOf((await sendRaw(port, request('GET /health/live HTTP/1.0'))).text));
    expect([400, 421]).toContain(statusOf((await sendRaw(port, get('/health/live', 'Host: evil.example'))).text));
  });

  test('a preflight gets no permission', async () => {
    const text = (
      await sendRaw(
        port,
        request(
          `OPTIONS /api/v1/run HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\nConnection: close`,
        ),
      )
    ).text;
    expect(statusOf(text)).toBe(403);
    expect(text.toLowerCase()).not.toContain('access-control');
    for (const method of ['TRACE', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await sendRaw(
        port,
        request(`${method} /api/v1/run HTTP/1.1\r\nHost: localhost\r\nConnection: close`),
      );
      expect([method, statusOf(answer.text)]).toEqual([method, 405]);
    }
  });

  test.each(['0.0.0.0', '::', '192.168.1.10', 'desk.example', '127.evil.example'])(
    'a bind to %s is refused',
    (host) => {
      expect(() => serve(new Market(), { host })).toThrow(UsageError);
      expect(() => serve(new Market(), { host, allowRemote: true })).not.toThrow();
    },
  );

  test('a port in use is said so', async () => {
    const second = serve(new Market(), { port });
    await expect(second.listen()).rejects.toMatchObject({ code: 'port-in-use', subject: 'api.port' });
    const third = serve(new Market(), { socketPort: port });
    await expect(third.listen()).rejects.toMatchObject({ code: 'port-in-use', subject: 'dashboard.ws_port' });
  });
});

describe('sizes and shapes', () => {
  test.each([
    ['a header of 17 KB', get('/health', `X-A: ${'a'.repeat(17_000)}`), [431]],
    ['3,000 headers', get('/health', ...Array.from({ length: 3_000 }, (_, i) => `a${i}: b`)), [431]],
    ['120 short headers', get('/health', ...Array.from({ length: 120 }, (_, i) => `a${i}: b`)), [431]],
    ['a target of 5,000 characters', get(`/health?${'a'.repeat(5_000)}`), [414]],
    ['a target of 64 KB', get(`/health?${'a'.repeat(65_536)}`), [414, 431]],
    ['a body of 10 MB', post('x'.repeat(10_000_000)), [413]],
    [
      'content length and chunks',
      request(
        'POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked',
        '0\r\n\r\n',
      ),
      [400],
    ],
    [
      'two content lengths',
      request('POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6', '12345'),
      [400],
    ],
    ['a bare line feed', 'GET /health HTTP/1.1\nHost: localhost\n\n', [400]],
    ['a folded header', get('/health', 'X-A: 1\r\n 2'), [400]],
    ['a body that is no JSON', post('action=cut'), [400]],
    [
      'a form',
      request(
        'POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10',
        'action=cut',
      ),
      [415],
    ],
    [
      'text, which a foreign form could send',
      request(
        'POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 2',
        '{}',
      ),
      [415],
    ],
  ])('%s', async (_name, bytes, statuses) => {
    const { text } = await sendRaw(port, bytes);
    expect(statuses).toContain(statusOf(text));
    expect(text).not.toMatch(/node_modules|\.ts:\d|\bat \w+ \(/);
  });

  test('a chunked body without an end is cut at its bound', async () => {
    const head =
      'POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`;
    const { text } = await sendRaw(port, head + chunk.repeat(10));
    expect(statusOf(text)).toBe(413);
  });

  test.each([
    '{"__proto__":{"admin":true},"action":"late_trade"}',
    '{"constructor":{"prototype":{}},"action":"late_trade"}',
    '['.repeat(60_000),
    '{"action":"late_trade","action":"cut"}',
    '{"action":"cut","seconds":1e400}',
    '{"action":"cut","seconds":"\\ud800"}',
    '\ufeff{"action":"late_trade"}',
    '{"action":"late_trade"}x',
    '{"action":"cut"}',
    '{"action":"cut","seconds":0}',
    '{"action":"cut","seconds":5,"more":1}',
    '{"action":"format_disk"}',
    '[]',
    'null',
    '',
  ])('the body %.60s is a 400, and nothing else changes', async (body) => {
    const before = market.broken.length;
    const { text } = await sendRaw(port, post(body));
    expect(statusOf(text)).toBe(400);
    expect(text).toContain('application/problem+json');
    expect(market.broken.length).toBe(before);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(statusOf((await sendRaw(port, post('{"action":"late_trade"}'))).text)).toBe(200);
  });
});

describe('time and rate', () => {
  test('slow headers and slow bodies are ended; the probe answers meanwhile', async () => {
    const slow = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'));
    for (const socket of slow) socket.on('error', () => undefined);
    const closed = Promise.all(
      slow.map((socket) => new Promise<void>((resolve) => socket.on('close', () => resolve()))),
    );
    slow.forEach((socket, i) => {
      socket.resume();
      socket.write(
        i % 2 === 0
          ? 'GET / HTTP/1.1\r\nHost: local'
          : 'POST /api/v1/demo/break HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      );
    });
    const drip = setInterval(() => {
      for (const socket of slow) socket.write('x');
    }, 200);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await closed;
    clearInterval(drip);
  });

  test('an address that asks too often is told when to come back; a made-up address does not help', async () => {
    const strict = serve(new Market(), { limits: { requestBurst: 20, requestsPerSecond: 1 } });
    const { url: strictUrl } = await strict.listen();
    const statuses: number[] = [];
    let retryAfter: string | null = null;
    for (let i = 0; i < 40; i++) {
      const answer = await fetch(`${strictUrl}/api/v1/run`, { headers: { 'x-forwarded-for': `10.0.0.${i}` } });
      statuses.push(answer.status);
      retryAfter = answer.headers.get('retry-after') ?? retryAfter;
      await answer.text();
    }
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(25);
    expect(statuses.at(-1)).toBe(429);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect((await fetch(`${strictUrl}/health/live`)).status).toBe(200);
    await strict.close();
  });

  test('refusals are counted', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const limit of ['host', 'origin', 'headerBytes', 'urlChars', 'bodyBytes', 'headerCount']) {
      expect(text).toMatch(new RegExp(`tickloom_api_refused_total\\{limit="${limit}"\\} [1-9]`));
    }
    expect(text).toMatch(
      /tickloom_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/run",code="200"\} [1-9]/,
    );
  });

  test('timeouts stay within the promise', () => {
    expect(API_LIMITS.headersTimeoutMs).toBeLessThanOrEqual(15_000);
    expect(API_LIMITS.requestTimeoutMs).toBeLessThanOrEqual(15_000);
    expect(API_LIMITS.idleSocketMs).toBeLessThanOrEqual(15_000);
  });
});
