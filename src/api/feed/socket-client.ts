import type { Socket } from 'node:net';
import type { ApiLimits } from '../limits.ts';
import type { Audience } from './audience.ts';
import { Backlog } from './backlog.ts';
import type { FeedEvent } from './feed-event.ts';
import { encodeTextFrame } from './frame.ts';
import type { Subscription } from './subscription.ts';

/** WebSocket close codes in use. */
export const CloseCode = {
  GoingAway: 1001,
  PolicyViolation: 1008,
  TryAgainLater: 1013,
} as const;

/** The connection below a client: frames go straight to the socket, the closing handshake is the library's. */
export interface ClientConnection {
  readonly socket: Socket;
  /** Whether frames may still be written: false once either side has begun to close. */
  isOpen(): boolean;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
}

/** Counters over all clients, also those that are gone. */
export interface ClientCounters {
  conflated: number;
  dropped: number;
  cut: number;
}

/**
 * One connected client: what it listens to, where it is in the event log, and its side of the back-pressure. A client
 * that does not read costs its backlog and what was handed to the operating system, both bounded, and nobody else's time.
 */
export class SocketClient {
  readonly subscriptions = new Map<string, Subscription>();
  /** Whom it listens with; `undefined` while it is being replayed to, or listens to nothing. */
  audience: Audience | undefined;
  /** The last event of the log that it was given (or that was not for it), while it is being replayed to. */
  cursorId: number | undefined;
  /** Where the present run of deliveries began. */
  passFromId = 0;
  isClosed = false;
  readonly address: string;
  private readonly connection: ClientConnection;
  private readonly limits: ApiLimits;
  private readonly counters: ClientCounters;
  private readonly backlog: Backlog;
  private controlCount = 0;
  private progressBytes = 0;
  private progressMs = 0;

  constructor(connection: ClientConnection, address: string, limits: ApiLimits, counters: ClientCounters) {
    this.connection = connection;
    this.address = address;
    this.limits = limits;
    this.counters = counters;
    this.backlog = new Backlog(limits.clientBacklogBytes);
  }

  /** Whether more than what it already has may be given to it. */
  get canTake(): boolean {
    return this.backlog.isEmpty && this.connection.socket.writableLength <= this.limits.socketAheadBytes;
  }

  get waitingBytes(): number {
    return this.backlog.bytes + this.connection.socket.writableLength;
  }

  /** Hands over events that were put together for its whole audience. */
  deliver(bytes: Buffer, events: readonly FeedEvent[]): void {
    if (this.isClosed || !this.connection.isOpen()) return;
    if (this.canTake) {
      this.connection.socket.write(bytes);
      return;
    }
    for (const event of events) {
      this.hold(event.conflationKey ?? event.id, event.frame());
      if (this.isClosed) return;
    }
  }

  /** Hands over a frame of its own: an answer, or a part of a replay. */
  send(frame: Buffer): void {
    if (this.isClosed || !this.connection.isOpen()) return;
    if (this.canTake) this.connection.socket.write(frame);
    else this.hold(-++this.controlCount, frame);
  }

  sendJson(event: object): void {
    this.send(encodeTextFrame(JSON.stringify(event)));
  }

  /** The socket has room again: gives it what waited. Returns true when nothing waits any more. */
  resume(): boolean {
    const { socket } = this.connection;
    while (!this.isClosed && !this.backlog.isEmpty) {
      if (socket.writableLength > this.limits.socketAheadBytes) return false;
      socket.write(this.backlog.take(this.limits.replayChunkBytes));
      this.settleCounters();
    }
    return !this.isClosed;
  }

  /** Cuts a client that has something to read and has not read for too long. */
  checkProgress(nowMs: number): void {
    const { socket } = this.connection;
    const waiting = socket.writableLength;
    const written = socket.bytesWritten - waiting;
    if (waiting === 0 || written !== this.progressBytes || this.progressMs === 0) {
      this.progressBytes = written;
      this.progressMs = nowMs;
      return;
    }
    if (nowMs - this.progressMs >= this.limits.stalledMs) {
      this.cut(CloseCode.TryAgainLater, `nothing read for ${this.limits.stalledMs / 1000} s`);
    }
  }

  /** Ends the connection with a code and a reason (at most 123 bytes). */
  cut(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.backlog.clear();
    this.counters.cut += 1;
    this.connection.close(code, reason);
  }

  private hold(key: string | number, frame: Buffer): void {
    const result = this.backlog.add(key, frame);
    this.settleCounters();
    if (result === 'full') {
      this.cut(CloseCode.TryAgainLater, `too slow: more than ${this.limits.clientBacklogBytes} bytes waited`);
    }
  }

  private settleCounters(): void {
    this.counters.conflated += this.backlog.conflated;
    this.counters.dropped += this.backlog.dropped;
    this.backlog.conflated = 0;
    this.backlog.dropped = 0;
  }
}
