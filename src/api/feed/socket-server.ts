import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { formatMicros, type Micros } from '../../base/index.ts';
import type { Clock, Log } from '../../host/index.ts';
import type { CallerCheck, Refusal } from '../guard/caller-check.ts';
import { TokenBuckets } from '../guard/token-buckets.ts';
import type { ApiLimits } from '../limits.ts';
import { SIGNAL_SOCKET_PATH } from '../protocol/index.ts';
import { type CheckedMessage, MessageError, type MessageRules, readClientMessage } from './client-message.ts';
import type { EventHub } from './event-hub.ts';
import { PING_FRAME } from './frame.ts';
import { CloseCode, SocketClient } from './socket-client.ts';
import { FETCH_PATHS, pathOf, refuseUpgrade, SOCKET_PATHS } from './upgrade.ts';

export interface SocketServerOptions {
  readonly hub: EventHub;
  readonly limits: ApiLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly callers: CallerCheck;
  readonly rules: MessageRules;
  engineTimeUs(): Micros;
  /** Counts a refusal by the limit's name. */
  refused(limit: string): void;
}

/** What the server knows of one connection beside its subscriptions. */
interface Connection {
  readonly rules: MessageRules;
  /** Whether it has what its path gives to those who ask for nothing; a `subscribe` takes the place of that. */
  isUnasked: boolean;
  readonly client: SocketClient;
  readonly ws: WebSocket;
  readonly socket: Socket;
  heardMs: number;
  pingedMs: number;
  /** Bytes read when the last message was complete, and since when there are more. */
  completeBytes: number;
  partialMs: number | undefined;
  messageTokens: number;
  tokensMs: number;
}

const SWEEP_MS = 1_000;

/**
 * The WebSocket `/ws`: admission, the clients' messages, and the end of connections. Frames to clients are written to
 * the socket directly (see {@link EventHub}); the library reads, and speaks the handshakes.
 */
export class SocketServer {
  private readonly options: SocketServerOptions;
  private readonly server: WebSocketServer;
  private readonly connections = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();
  private readonly replayBudget: TokenBuckets;
  private readonly sweepTimer: NodeJS.Timeout;
  private sweptMs: number;
  private isStopping = false;

  constructor(options: SocketServerOptions) {
    this.options = options;
    const { limits, clock } = options;
    const serverOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: limits.messageBytes,
      maxFragments: limits.messageFragments,
      maxBufferedChunks: limits.messageChunks,
      closeTimeout: limits.closeGraceMs,
    };
    this.server = new WebSocketServer(serverOptions);
    this.replayBudget = new TokenBuckets(limits.replayBurst, limits.replayPerSecond, limits.rememberedAddresses, clock);
    this.sweptMs = clock.monotonicMs();
    this.sweepTimer = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweepTimer.unref();
  }

  get clientCount(): number {
    return this.connections.size;
  }

  /** Bytes that wait for clients, over all of them. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const connection of this.connections) bytes += connection.client.waitingBytes;
    return bytes;
  }

  /** Takes the upgrades of an HTTP server. */
  attach(http: Server): void {
    http.on('upgrade', (request, socket, head) => this.upgrade(request, socket as Socket, head));
  }

  /** Says goodbye to every client (1001) and ends the connections that do not answer. */
  async close(graceMs = 1_000): Promise<void> {
    this.isStopping = true;
    clearInterval(this.sweepTimer);
    for (const { client } of this.connections) client.cut(CloseCode.GoingAway, 'the server is stopping');
    const deadline = this.options.clock.monotonicMs() + graceMs;
    while (this.connections.size > 0 && this.options.clock.monotonicMs() < deadline) await this.options.clock.sleep(20);
    for (const { ws } of this.connections) ws.terminate();
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.options.callers.refusal(request) ?? this.admissionRefusal(request, socket);
    if (refusal !== undefined) {
      this.options.refused(refusal.limit);
      refuseUpgrade(socket, refusal);
      return;
    }
    this.server.handleUpgrade(request, socket, head, (ws) => this.accept(ws, socket, pathOf(request)));
  }

  private admissionRefusal(request: IncomingMessage, socket: Socket): Refusal | undefined {
    const { limits } = this.options;
    if (!Object.hasOwn(SOCKET_PATHS, pathOf(request))) {
      const detail = `WebSockets are at ${Object.keys(SOCKET_PATHS).join(', ')}.`;
      return { status: 404, code: 'not_found', detail, limit: 'path' };
    }
    // The library would speak the drafts before RFC 6455 too.
    if (request.headers['sec-websocket-version'] !== '13') {
      return { status: 426, code: 'bad_version', detail: 'The WebSocket is version 13 (RFC 6455).', limit: 'version' };
    }
    if (this.isStopping) {
      return { status: 503, code: 'stopping', detail: 'The server is stopping.', limit: 'stopping' };
    }
    const address = socket.remoteAddress ?? '';
    if (this.connections.size >= limits.sockets) {
      const detail = `The server holds its ${limits.sockets} WebSocket connections already.`;
      return { status: 503, code: 'too_many_sockets', detail, limit: 'sockets' };
    }
    if ((this.perAddress.get(address) ?? 0) >= limits.socketsPerAddress) {
      const detail = `This address holds its ${limits.socketsPerAddress} WebSocket connections already.`;
      return { status: 503, code: 'too_many_sockets', detail, limit: 'socketsPerAddress' };
    }
    return undefined;
  }

  private accept(ws: WebSocket, socket: Socket, path: string): void {
    const { limits, clock, hub, rules } = this.options;
    const channels = SOCKET_PATHS[path];
    const address = socket.remoteAddress ?? '';
    const nowMs = clock.monotonicMs();
    socket.setNoDelay(true);
    // The HTTP server's idle timeout ends with the upgrade: pings take over.
    socket.setTimeout(0);
    const client = new SocketClient(
      { socket, isOpen: () => ws.readyState === ws.OPEN, close: (code, reason) => ws.close(code, reason) },
      address,
      limits,
      hub.clientCounters,
    );
    const connection: Connection = {
      rules: channels === undefined ? rules : { ...rules, channels },
      isUnasked: path === SIGNAL_SOCKET_PATH,
      client,
      ws,
      socket,
      heardMs: nowMs,
      pingedMs: nowMs,
      completeBytes: socket.bytesRead,
      partialMs: undefined,
      messageTokens: limits.messageBurst,
      tokensMs: nowMs,
    };
    this.connections.add(connection);
    this.perAddress.set(address, (this.perAddress.get(address) ?? 0) + 1);
    ws.on('message', (data, isBinary) => this.received(connection, data as Buffer, isBinary));
    ws.on('ping', (data) => {
      if (this.admitMessage(connection)) ws.pong(data);
    });
    ws.on('pong', () => this.admitMessage(connection));
    ws.on('error', (error) => this.options.log.debug('socket.error', error.message, { address }));
    ws.on('close', () => this.gone(connection));
    socket.on('drain', () => hub.drained(client));
    this.answer(client, { type: 'hello', last_id: hub.headId });
    if (connection.isUnasked && channels !== undefined) hub.subscribe(client, { channels });
  }

  private gone(connection: Connection): void {
    this.connections.delete(connection);
    this.options.hub.remove(connection.client);
    const { address } = connection.client;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.perAddress.set(address, left);
    else this.perAddress.delete(address);
  }

  private received(connection: Connection, data: Buffer, isBinary: boolean): void {
    const { client } = connection;
    if (!this.admitMessage(connection)) return;
    if (isBinary) {
      this.fail(client, new MessageError('binary', 'Messages are text frames with JSON.'));
      return;
    }
    let message: CheckedMessage;
    try {
      message = readClientMessage(data.toString('utf8'), connection.rules);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.fail(client, error);
      return;
    }
    this.act(connection, message);
  }

  /** Notes that the client speaks; false (and the end) when it speaks too often. */
  private admitMessage(connection: Connection): boolean {
    const { limits, clock } = this.options;
    const nowMs = clock.monotonicMs();
    connection.heardMs = nowMs;
    connection.completeBytes = connection.socket.bytesRead;
    connection.partialMs = undefined;
    if (connection.client.isClosed) return false;
    const earned = ((nowMs - connection.tokensMs) / 1_000) * limits.messagesPerSecond;
    connection.messageTokens = Math.min(limits.messageBurst, connection.messageTokens + earned) - 1;
    connection.tokensMs = nowMs;
    if (connection.messageTokens >= 0) return true;
    this.options.refused('messagesPerSecond');
    connection.client.cut(CloseCode.PolicyViolation, `more than ${limits.messagesPerSecond} messages a second`);
    return false;
  }

  private act(connection: Connection, message: CheckedMessage): void {
    const { hub } = this.options;
    const { client } = connection;
    if (message.action === 'ping') {
      this.answer(client, { type: 'pong' });
      return;
    }
    const { request } = message;
    if (message.action === 'unsubscribe') {
      const touched = hub.unsubscribe(client, request);
      if (touched > 0) this.answer(client, { type: 'unsubscribed', channels: request.channels });
      else this.fail(client, new MessageError('not_subscribed', 'No subscription like this is held.', '/channels'));
      return;
    }
    const refusal = this.subscriptionRefusal(client, message.request);
    if (refusal !== undefined) {
      this.fail(client, refusal);
      return;
    }
    if (connection.isUnasked) {
      connection.isUnasked = false;
      hub.unsubscribe(client, { channels: request.channels });
    }
    const sinceId = message.sinceId;
    const cost = sinceId === undefined ? 0 : hub.replayCost(sinceId);
    const waitS = cost === 0 ? 0 : this.replayBudget.take(client.address, cost);
    this.answer(client, { type: 'subscribed', channels: request.channels, last_id: hub.headId });
    if (waitS === 0) {
      hub.subscribe(client, request, sinceId);
      return;
    }
    this.options.refused('replayBurst');
    this.resync(client, sinceId as number, `The replay budget of this address is spent for ${Math.ceil(waitS)} s.`);
    hub.subscribe(client, request);
  }

  private subscriptionRefusal(client: SocketClient, request: MessageRequest): MessageError | undefined {
    const { limits } = this.options;
    if (client.subscriptions.size + request.channels.length > limits.subscriptions) {
      this.options.refused('subscriptions');
      return new MessageError(
        'too_many_subscriptions',
        `A connection holds at most ${limits.subscriptions}.`,
        '/channels',
      );
    }
    let symbols = (request.symbols?.length ?? 0) * request.channels.length;
    for (const held of client.subscriptions.values()) symbols += held.symbols?.size ?? 0;
    if (symbols <= limits.subscribedSymbols) return undefined;
    this.options.refused('subscribedSymbols');
    return new MessageError(
      'too_many_symbols',
      `A connection names at most ${limits.subscribedSymbols} symbols.`,
      '/symbols',
    );
  }

  /** Tells a client that it has to read the state anew. */
  resync(client: SocketClient, sinceId: number, message: string): void {
    const { hub } = this.options;
    client.sendJson({
      type: 'resync',
      timestamp: this.now(),
      message,
      since: sinceId,
      oldest_id: hub.log.oldestId,
      last_id: hub.headId,
      fetch: FETCH_PATHS,
    });
  }

  private answer(client: SocketClient, event: object): void {
    client.sendJson({ timestamp: this.now(), ...event });
  }

  private fail(client: SocketClient, error: MessageError): void {
    this.answer(client, {
      type: 'error',
      code: error.code,
      message: error.message,
      ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    });
  }

  private now(): string {
    return formatMicros(this.options.engineTimeUs());
  }

  /** Once a second: pings, and the end of connections that are dead, stuck or never finish a message. */
  private sweep(): void {
    const { limits, clock } = this.options;
    const nowMs = clock.monotonicMs();
    // When this process itself was held up, silence proves nothing about the clients.
    const wasHeldUp = nowMs - this.sweptMs > 3 * SWEEP_MS;
    this.sweptMs = nowMs;
    for (const connection of [...this.connections]) {
      if (wasHeldUp) connection.heardMs = nowMs;
      this.check(connection, nowMs, limits);
    }
  }

  private check(connection: Connection, nowMs: number, limits: ApiLimits): void {
    const { client, socket, ws } = connection;
    if (client.isClosed) return; // The library ends it after the grace time.
    client.checkProgress(nowMs);
    if (socket.bytesRead > connection.completeBytes) connection.partialMs ??= nowMs;
    if (connection.partialMs !== undefined && nowMs - connection.partialMs >= limits.messageCompleteMs) {
      client.cut(CloseCode.PolicyViolation, 'a message was never completed');
      return;
    }
    const silentMs = nowMs - connection.heardMs;
    if (silentMs >= limits.deadAfterMs) {
      if (client.waitingBytes > 0) return; // The stall rule speaks first.
      ws.terminate();
    } else if (silentMs >= limits.pingEveryMs && nowMs - connection.pingedMs >= limits.pingEveryMs) {
      connection.pingedMs = nowMs;
      socket.write(PING_FRAME);
    }
  }
}

type MessageRequest = Extract<CheckedMessage, { action: 'subscribe' }>['request'];
