import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { frameText, HttpClient, LiveSocket, type SocketEnd } from '../../src/host/index.ts';

const pem = (name: string): string => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8');
const CA = pem('ca.pem');

/** A TLS server that greets over a WebSocket and answers requests. */
async function tlsServer(certificate: string): Promise<{ readonly port: number; close(): void }> {
  const server = createServer({ key: pem('server-key.pem'), cert: pem(certificate) }, (_request, response) => {
    response.end('{}');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.send('hello');
    socket.send(new Uint8Array([1, 2, 3]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      sockets.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Opens a socket, waits for two frames or its end. */
function visit(url: string, ca?: string): Promise<{ readonly frames: unknown[]; readonly end?: SocketEnd }> {
  return new Promise((resolve) => {
    const frames: unknown[] = [];
    const trust = ca === undefined ? {} : { ca };
    const socket = new LiveSocket(
      { url, handshakeTimeoutMs: 5_000, ...trust },
      {
        opened: () => undefined,
        frame: (data, isText) => {
          frames.push(isText ? frameText(data) : [...data]);
          if (frames.length === 2) {
            resolve({ frames });
            socket.cut('seen enough');
          }
        },
        ended: (end) => resolve({ frames, end }),
      },
    );
  });
}

describe('a socket over TLS', () => {
  let good: Awaited<ReturnType<typeof tlsServer>>;
  let expired: Awaited<ReturnType<typeof tlsServer>>;
  beforeAll(async () => {
    good = await tlsServer('server.pem');
    expired = await tlsServer('expired.pem');
  });
  afterAll(() => {
    good.close();
    expired.close();
  });

  it('gives text and bytes from a server whose authority is trusted', async () => {
    expect(await visit(`wss://127.0.0.1:${good.port}/x`, CA)).toEqual({ frames: ['hello', [1, 2, 3]] });
  });

  it('verifies certificates: an unknown authority and an expired one end it, by the system’s code, without the address', async () => {
    const unknown = await visit(`wss://127.0.0.1:${good.port}/x?key=s3cret`);
    expect(unknown.end?.systemCode).toMatch(/SELF_SIGNED|UNABLE_TO/);
    const old = await visit(`wss://127.0.0.1:${expired.port}/x?key=s3cret`, CA);
    expect(old.end).toEqual({ reason: 'CERT_HAS_EXPIRED', systemCode: 'CERT_HAS_EXPIRED' });
    expect(JSON.stringify([unknown, old])).not.toContain('s3cret');
  });

  it('requests do likewise', async () => {
    const ask = async (port: number, ca?: string): Promise<number> => {
      const trust = ca === undefined ? {} : { ca };
      const client = new HttpClient({
        baseUrl: `https://127.0.0.1:${port}`,
        poolSize: 1,
        timeoutMs: 5_000,
        maxBytes: 99,
        ...trust,
      });
      try {
        return (await client.get({ path: '/' })).status;
      } finally {
        await client.close();
      }
    };
    expect(await ask(good.port, CA)).toBe(200);
    await expect(ask(good.port)).rejects.toMatchObject({ code: 'http-failed' });
    await expect(ask(expired.port, CA)).rejects.toMatchObject({ code: 'http-failed', subject: 'CERT_HAS_EXPIRED' });
  });
});
