import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook as Reference } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  isPrivateAddress,
  publicLookup,
  requirePublic,
  webhookAddressFault,
} from '../../src/alerts/webhook-address.ts';
import { WebhookSender } from '../../src/alerts/webhook-sender.ts';
import { webhookHeaders, webhookKeys } from '../../src/alerts/webhook-signature.ts';
import { systemClock } from '../../src/host/index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('signatures', () => {
  it('are those of the vector of Standard Webhooks', () => {
    const headers = webhookHeaders(
      webhookKeys(SECRET, 'X'),
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('are accepted by the reference library, with either secret while one is being replaced', () => {
    const body = JSON.stringify({ type: 'alert.signal', data: { text: 'ü€𝄞' } });
    const now = Math.floor(Date.now() / 1_000);
    const headers = { ...webhookHeaders(webhookKeys(`${SECRET} ${OTHER}`, 'X'), 'alert_1_a', now, body) };
    expect(new Reference(SECRET).verify(body, headers)).toEqual(JSON.parse(body));
    expect(new Reference(OTHER).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Reference(OTHER).verify(`${body} `, headers)).toThrow();
    expect(() => new Reference(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(body, headers)).toThrow();
  });

  it('need a secret of the standard, and a complaint does not show it', () => {
    for (const bad of ['', 'whsec_', `whsec_${Buffer.alloc(23).toString('base64')}`, SECRET.slice(6), 'whsec_%%%%']) {
      expect(() => webhookKeys(bad, 'NAME')).toThrow(/^NAME: found something else, allowed: whsec_ followed by base64/);
    }
    expect(() => webhookKeys(`${SECRET} whsec_geheim`, 'NAME')).not.toThrow(/geheim/);
  });
});

describe('addresses', () => {
  it.each([
    'http://127.0.0.1:6379',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://169.254.169.254/latest',
    'http://10.1.2.3/',
    'http://192.168.0.1/',
    'http://172.31.255.255/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'https://localhost/',
    'https://localhost./',
    'https://a.localhost/',
    'https://printer.local/',
    'https://intranet/',
  ])('%s is refused unless private ones are allowed', (url) => {
    expect(webhookAddressFault(url, false)).toMatch(/no address of the public internet/);
    expect(webhookAddressFault(url, true)).toBeUndefined();
  });

  it.each(['file:///etc/passwd', 'gopher://x.example/', 'nonsense', 'https://user:pw@hooks.example.com/', 'ws://a.b/'])(
    '%s is refused in any case',
    (url) => {
      expect(webhookAddressFault(url, true)).toMatch(/^allowed: an address/);
    },
  );

  it('of the public internet are accepted', () => {
    for (const url of ['https://hooks.example.com/a?b=c', 'http://93.184.215.14/', 'https://[2606:2800:21f::1]/']) {
      expect(webhookAddressFault(url, false)).toBeUndefined();
    }
    expect(isPrivateAddress('172.32.0.1')).toBe(false);
    expect(isPrivateAddress('no address')).toBe(true);
  });

  it('are checked again where the name is looked up and where the connection ends', async () => {
    const found = await new Promise((resolve) => {
      publicLookup('localhost', {}, (error) => resolve(error));
    });
    expect(found).toMatchObject({ code: 'private-address' });
    expect(() => requirePublic('rebound.example', '127.0.0.1')).toThrow(/rebound\.example is at 127\.0\.0\.1/);
    expect(() => requirePublic('x', '1.1.1.1')).not.toThrow();
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the sender', () => {
  const webhook = (url: string, allowPrivate = true) => {
    return { name: 'desk', url, allowPrivate, keys: webhookKeys(SECRET, 'X') };
  };

  it('takes 2xx for a delivery, follows no redirect, and bounds the wait and the answer', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/ok') response.writeHead(204).end();
      else if (request.url === '/moved') response.writeHead(302, { location: '/ok' }).end();
      else if (request.url === '/endless') {
        response.writeHead(200);
        const pour = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', pour).on('error', () => undefined);
        pour();
      }
    });
    const base = await listening(server);
    const sender = new WebhookSender(systemClock, 400);
    try {
      expect(await sender.send(webhook(`${base}/ok`), 'a', '{}')).toMatchObject({ isDelivered: true, status: 204 });
      expect(await sender.send(webhook(`${base}/moved`), 'b', '{}')).toMatchObject({
        isDelivered: false,
        status: 302,
        error: 'answered 302',
      });
      expect(await sender.send(webhook(`${base}/endless`), 'c', '{}')).toMatchObject({ isDelivered: true });
      expect(await sender.send(webhook(`${base}/hang`), 'd', '{}')).toMatchObject({
        isDelivered: false,
        error: 'no answer within 400 ms',
      });
      expect(seen).toEqual(['/ok', '/moved', '/endless', '/hang']);
    } finally {
      await sender.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  it('connects to no private address, also where a name leads there', async () => {
    let connections = 0;
    const server = createServer().on('connection', () => connections++);
    const base = await listening(server);
    const sender = new WebhookSender(systemClock, 400);
    try {
      expect((await sender.send(webhook(base, false), 'a', '{}')).error).toMatch(/no address of the public internet/);
      expect(connections).toBe(0);
    } finally {
      await sender.close();
      await new Promise((done) => server.close(done));
    }
  });
});
