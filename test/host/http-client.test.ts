import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/host/index.ts';

const SECRET = 'k3y-that-nobody-sees';
const requests: { url: string; key: string | undefined }[] = [];
let server: Server;
let base = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', key: request.headers['x-key'] as string | undefined });
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    if (path === '/api/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    else if (path === '/api/large') response.end('x'.repeat(2_000));
    else if (path === '/api/silent') return;
    else response.writeHead(path === '/api/wrong' ? 418 : 200, { 'X-Left': '7' }).end(JSON.stringify({ path }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
afterAll(() => server.close());

async function withClient<T>(work: (client: HttpClient) => Promise<T>, baseUrl = base): Promise<T> {
  const client = new HttpClient({ baseUrl, poolSize: 2, timeoutMs: 300, maxBytes: 1_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const headers = { 'x-key': SECRET };

describe('an HTTP client', () => {
  it('asks below its base address and gives any status as an answer', async () => {
    const answer = await withClient((client) => client.get({ path: '/wrong', query: { a: 'b c', n: 1 }, headers }));
    expect(answer).toMatchObject({ status: 418, text: '{"path":"/api/wrong"}' });
    expect(answer.headers['x-left']).toBe('7');
    expect(requests.at(-1)).toEqual({ url: '/api/wrong?a=b+c&n=1', key: SECRET });
  });

  it('follows no redirect and no link to another host, so that keys go nowhere else', async () => {
    expect((await withClient((client) => client.get({ path: '/redirect', headers }))).status).toBe(302);
    const before = requests.length;
    for (const path of ['http://127.0.0.1:1/x', 'https://example.com/x', base.replace('http:', 'https:')]) {
      await expect(withClient((client) => client.get({ path, headers }))).rejects.toMatchObject({
        code: 'foreign-link',
      });
    }
    expect(requests).toHaveLength(before);
    expect((await withClient((client) => client.get({ path: `${base}/page2?cursor=1`, headers }))).status).toBe(200);
  });

  it('gives up on silence and on too much, without a query or a key in the words', async () => {
    const query = { apikey: SECRET };
    const silent = withClient((client) => client.get({ path: '/silent', query }));
    await expect(silent).rejects.toMatchObject({ code: 'http-timeout' });
    const large = withClient((client) => client.get({ path: '/large', query }));
    await expect(large).rejects.toMatchObject({ code: 'http-too-large' });
    const refused = withClient((client) => client.get({ path: '/x', query }), 'http://127.0.0.1:1');
    await expect(refused).rejects.toMatchObject({ code: 'http-failed', subject: 'ECONNREFUSED' });
    for (const failed of [silent, large, refused]) {
      const error = (await failed.catch((reason: unknown) => reason)) as Error;
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(SECRET);
    }
  });
});
