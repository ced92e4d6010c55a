import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { TickloomError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import type { RestAnswer, RestRequest } from './provider.ts';

/** Most bytes of a client's frame or request body. */
const MOST_CLIENT_BYTES = 1_048_576;

const BAD_REQUEST: RestAnswer = { status: 400, body: 'Bad Request' };

/** What the server asks for each request and handshake. */
export interface ServerHandler {
  answer(request: RestRequest): Promise<RestAnswer>;
  /** An answer refuses the handshake. */
  handshake(request: RestRequest): RestAnswer | undefined;
  connected(request: RestRequest, socket: WebSocket, wire: Duplex): ClientHandler;
  /** Time of the provider's clock, for the `Date` header. */
  dateMs(): number;
}

export interface ClientHandler {
  receive(frame: string | Uint8Array): void;
  closed(code: number): void;
}

/** Certificate and private key as PEM texts. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** One loopback port for a provider's REST paths and its WebSocket. */
export class SimulatorServer {
  private readonly handler: ServerHandler;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;

  /** @param tls serve https and wss with this certificate instead of http and ws. */
  constructor(handler: ServerHandler, tls?: TlsFiles) {
    this.handler = handler;
    const scheme = tls === undefined ? 'http' : 'https';
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.serve(requestOf(request, scheme), request, response);
    this.http = tls === undefined ? createServer(serve) : createSecureServer({ cert: tls.cert, key: tls.key }, serve);
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_CLIENT_BYTES, perMessageDeflate: false });
    this.http.on('upgrade', (incoming: IncomingMessage, wire: Duplex, head: Buffer) =>
      this.upgrade(requestOf(incoming, scheme), incoming, wire, head),
    );
  }

  /** @returns the port. @throws TickloomError `port-taken` or `listen-failed`. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', (cause) => {
        const isTaken = systemCode(cause) === 'EADDRINUSE';
        const what = isTaken
          ? 'is taken; choose another with --port, or 0 for any free one'
          : `cannot be used (${cause.message})`;
        reject(
          new TickloomError(isTaken ? 'port-taken' : 'listen-failed', `Port ${port} of 127.0.0.1 ${what}.`, {
            subject: 'port',
            cause,
          }),
        );
      });
      this.http.listen(port, '127.0.0.1', resolve);
    });
    return (this.http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  private async serve(
    request: RestRequest | undefined,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    incoming.resume();
    const answer = request === undefined ? BAD_REQUEST : await this.handler.answer(request);
    const isText = typeof answer.body === 'string';
    const body = isText ? (answer.body as string) : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
      date: new Date(this.handler.dateMs()).toUTCString(),
      ...answer.headers,
    });
    response.end(body);
  }

  private upgrade(request: RestRequest | undefined, incoming: IncomingMessage, wire: Duplex, head: Buffer): void {
    wire.on('error', () => wire.destroy());
    if (request === undefined) {
      refuse(wire, BAD_REQUEST);
      return;
    }
    const refusal = this.handler.handshake(request);
    if (refusal !== undefined) {
      refuse(wire, refusal);
      return;
    }
    this.sockets.handleUpgrade(incoming, wire, head, (socket) => {
      const client = this.handler.connected(request, socket, wire);
      socket.on('message', (data, isBinary) => client.receive(frameOf(data, isBinary)));
      socket.on('close', (code) => client.closed(code));
      // A broken connection is told by `close`, which follows.
      socket.on('error', () => socket.terminate());
    });
  }
}

/** Answers a handshake by a status and ends the connection. */
function refuse(wire: Duplex, refusal: RestAnswer): void {
  const body = typeof refusal.body === 'string' ? refusal.body : JSON.stringify(refusal.body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...refusal.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  wire.end(`HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\n${lines.join('')}\r\n${body}`);
}

function frameOf(data: RawData, isBinary: boolean): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return isBinary ? new Uint8Array(bytes) : bytes.toString('utf8');
}

/** `undefined` where the address cannot be read. */
function requestOf(incoming: IncomingMessage, scheme: string): RestRequest | undefined {
  const url = URL.parse(`http://simulator${incoming.url ?? '/'}`);
  if (url === null || url.hostname !== 'simulator' || !isDecodable(url.pathname)) return undefined;
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    origin: `${scheme}://${incoming.headers.host ?? '127.0.0.1'}`,
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}
