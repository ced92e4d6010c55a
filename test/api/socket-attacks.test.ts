import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../src/api/index.ts';
import { Market, serve } from './market.ts';
import { sendRaw, statusOf } from './raw-http.ts';
import { TestSocket } from './test-socket.ts';

let server: ApiServer;
let port: number;

beforeAll(async () => {
  server = serve(new Market(), {
    limits: { messageCompleteMs: 1_500, pingEveryMs: 1_000, deadAfterMs: 3_000, closeGraceMs: 500, messageBurst: 100 },
  });
  ({ port } = await server.listen());
});

afterAll(async () => {
  await server.close();
});

function handshake(...headers: string[]): string {
  const lines = [
    'GET /ws HTTP/1.1',
    `Host: localhost:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  const version = headers.some((header) => header.startsWith('Sec-WebSocket-Version'))
    ? []
    : ['Sec-WebSocket-Version: 13'];
  return `${[...lines, ...version, ...headers].join('\r\n')}\r\n\r\n`;
}

/** A masked client frame (mask 0, so the payload stays as it is). */
function frame(firstByte: number, payload: Buffer, declared = BigInt(payload.length), masked = true): Buffer {
  const mask = masked ? 0x80 : 0;
  const key = masked ? Buffer.alloc(4) : Buffer.alloc(0);
  if (declared < 126n) return Buffer.concat([Buffer.from([firstByte, mask | Number(declared)]), key, payload]);
  if (declared < 65_536n) {
    const head = Buffer.from([firstByte, mask | 126, 0, 0]);
    head.writeUInt16BE(Number(declared), 2);
    return Buffer.concat([head, key, payload]);
  }
  const head = Buffer.alloc(10);
  head[0] = firstByte;
  head[1] = mask | 127;
  head.writeBigUInt64BE(declared, 2);
  return Buffer.concat([head, key, payload]);
}

/** A raw client after its handshake; resolves `closeCode` from the close frame that the server sends. */
async function rawClient(): Promise<{ socket: Socket; closeCode: Promise<number | undefined> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(handshake());
  let bytes: Buffer = Buffer.alloc(0);
  let opened: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const closeCode = new Promise<number | undefined>((resolve) => {
    socket.on('data', (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      if (bytes.includes('\r\n\r\n')) opened();
    });
    socket.on('close', () => resolve(closeCodeIn(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))));
  });
  await isOpen;
  return { socket, closeCode };
}

/** The code of the close frame among unmasked server frames. */
function closeCodeIn(bytes: Buffer): number | undefined {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] as number) & 0x7f;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const body = at + (short === 126 ? 4 : 2);
    if (bytes[at] === 0x88) return bytes.readUInt16BE(body);
    at = body + length;
  }
  return undefined;
}

describe('handshakes', () => {
  test.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://localhost:8000.evil.example',
    'HTTP://LOCALHOST',
  ])('the origin %s is refused', async (origin) => {
    expect(statusOf((await sendRaw(port, handshake(`Origin: ${origin}`))).text)).toBe(403);
  });

  test('two origins and a foreign host are refused; the own origin and none are not', async () => {
    const own = `Origin: http://localhost:${port}`;
    expect(statusOf((await sendRaw(port, handshake(own, 'Origin: https://evil.example'))).text)).toBe(403);
    expect(statusOf((await sendRaw(port, handshake().replace(`localhost:${port}`, 'evil.example'))).text)).toBe(421);
    expect(statusOf((await sendRaw(port, handshake(own), 300)).text)).toBe(101);
    expect(statusOf((await sendRaw(port, handshake(), 300)).text)).toBe(101);
  });

  test('other paths, versions and shapes are refused', async () => {
    expect(statusOf((await sendRaw(port, handshake().replace('/ws', '/wsx'))).text)).toBe(404);
    expect([400, 426]).toContain(statusOf((await sendRaw(port, handshake('Sec-WebSocket-Version: 8'))).text));
    const many = Array.from({ length: 2_000 }, (_, i) => `a${i}: b`);
    expect(statusOf((await sendRaw(port, handshake(...many))).text)).toBe(431);
  });

  test('no extension is negotiated', async () => {
    for (const offer of [
      'permessage-deflate; client_max_window_bits',
      'constructor',
      'permessage-deflate; server_max_window_bits=99',
    ]) {
      const { text } = await sendRaw(port, handshake(`Sec-WebSocket-Extensions: ${offer}`), 300);
      expect([101, 400]).toContain(statusOf(text));
      expect(text.toLowerCase()).not.toContain('sec-websocket-extensions');
    }
  });

  test('an address has a number of sockets, the server another; those that are open stay', async () => {
    const strict = serve(new Market(), { limits: { socketsPerAddress: 3 } });
    const address = await strict.listen();
    const open = await Promise.all([1, 2, 3].map(() => TestSocket.open(address.port)));
    const { text } = await sendRaw(address.port, handshake().replace(`:${port}`, ''));
    expect(statusOf(text)).toBe(503);
    expect(text).toContain('too_many_sockets');
    for (const client of open) await client.settle();
    await open[0]?.close();
    const again = await TestSocket.open(address.port);
    for (const client of [again, ...open.slice(1)]) await client.close();
    await strict.close();
  });
});

describe('frames', () => {
  test.each<[string, Buffer, number[]]>([
    ['a message of 64 KB + 1', frame(0x81, Buffer.alloc(65_537, 0x20)), [1009]],
    ['a length of 2^63', frame(0x81, Buffer.alloc(10), 1n << 63n), [1009, 1002]],
    ['an unmasked frame', frame(0x81, Buffer.from('{}'), 2n, false), [1002]],
    ['a reserved bit', frame(0xc1, Buffer.from('{}')), [1002]],
    ['a reserved opcode', frame(0x83, Buffer.from('{}')), [1002]],
    ['bad UTF-8', frame(0x81, Buffer.from([0xff, 0xfe])), [1007]],
    ['a ping of 126 bytes', frame(0x89, Buffer.alloc(126)), [1002]],
    ['a continuation of nothing', frame(0x80, Buffer.from('x')), [1002]],
    [
      '100,000 fragments',
      Buffer.concat([
        frame(0x01, Buffer.from('{')),
        ...Array.from({ length: 1_000 }, () => frame(0x00, Buffer.alloc(0))),
      ]),
      [1008, 1009],
    ],
    ['a flood of pings', Buffer.concat(Array.from({ length: 500 }, () => frame(0x89, Buffer.alloc(0)))), [1008]],
    [
      'a flood of messages',
      Buffer.concat(Array.from({ length: 500 }, () => frame(0x81, Buffer.from('{"action":"ping"}')))),
      [1008],
    ],
  ])('%s', async (_name, bytes, codes) => {
    const { socket, closeCode } = await rawClient();
    socket.write(bytes);
    expect(codes).toContain(await closeCode);
  });

  test('a message that is never completed, byte by byte, ends with 1008', async () => {
    const { socket, closeCode } = await rawClient();
    socket.write(frame(0x01, Buffer.from('{')));
    const drip = setInterval(() => socket.write(frame(0x00, Buffer.from(' '))), 200);
    expect(await closeCode).toBe(1008);
    clearInterval(drip);
  });

  test('silence after the handshake ends', async () => {
    const { socket, closeCode } = await rawClient();
    const startMs = Date.now();
    await closeCode;
    expect(socket.destroyed || socket.readableEnded).toBe(true);
    expect(Date.now() - startMs).toBeLessThan(8_000);
  });

  test('a client that answers pings stays', async () => {
    const client = await TestSocket.open(port);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(client.closed).toBeUndefined();
    await client.settle();
    await client.close();
  });
});

describe('subscriptions', () => {
  test.each([
    [
      '1,000,000 symbols',
      { channels: ['bars'], symbols: Array.from({ length: 1_001 }, (_, i) => `S${i}`) },
      'too_many',
    ],
    ['unknown symbols', { channels: ['bars'], symbols: ['AAPL', 'UNKNOWN1'] }, 'unknown_symbol'],
    ['60 channels', { channels: Array.from({ length: 60 }, () => 'bars') }, 'too_many'],
    ['a symbol with markup', { channels: ['bars'], symbols: ['<img src=x onerror=window.__x=1>'] }, 'bad_symbol'],
    ['a symbol with a direction mark', { channels: ['bars'], symbols: ['AAPL\u202e'] }, 'bad_symbol'],
  ])('%s', async (_name, request, code) => {
    const client = await TestSocket.open(port);
    client.send({ action: 'subscribe', ...request });
    expect((await client.until(({ type }) => type === 'error')).code).toBe(code);
    await client.close();
  });

  test('the same subscription many times is one; different ones are bounded', async () => {
    const roomy = serve(new Market(), { limits: { messageBurst: 10_000, subscriptions: 5 } });
    const address = await roomy.listen();
    const client = await TestSocket.open(address.port);
    for (let i = 0; i < 2_000; i++) client.send({ action: 'subscribe', channels: ['trades'], symbols: ['AAPL'] });
    await client.settle();
    expect(client.of('error')).toEqual([]);
    for (const symbols of [['MSFT'], ['BTCUSD'], ['EURUSD'], ['AAPL', 'MSFT'], ['AAPL', 'BTCUSD']]) {
      client.send({ action: 'subscribe', channels: ['trades'], symbols });
    }
    await client.settle();
    expect(client.of('error')).toMatchObject([{ code: 'too_many_subscriptions' }]);
    await client.close();
    await roomy.close();
  });
});
