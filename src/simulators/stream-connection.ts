import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../host/index.ts';
import type { FrameFaults, Strike, StrikeView } from './connection-faults.ts';
import type { FaultSet } from './fault-spec.ts';
import type { RestRequest } from './provider.ts';
import type { SentEvent, SimulatorLog } from './simulator-log.ts';

/** Bytes that a socket may have waiting before frames stay in the outbox. */
const MOST_SOCKET_BYTES = 1_048_576;
/** Frames of an outbox from which on the player waits. */
const CONGESTED_FRAMES = 512;
/** Frames that an outbox may hold; policy at the bound: the connection is cut, as providers do with slow clients. */
const MOST_FRAMES = 200_000;
const RETRY_MS = 5;

interface Frame {
  readonly data: string | Uint8Array;
  readonly events: readonly SentEvent[] | undefined;
}

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly log: SimulatorLog;
  readonly faults: FaultSet;
  readonly frameFaults: FrameFaults;
  /** Encodes frames of unknown shape. */
  unknownShape(connection: StreamConnection): string | Uint8Array | undefined;
}

/** One client of a stream: its outbox, and the faults that strike the connection as a whole. */
export class StreamConnection {
  readonly id: number;
  readonly request: RestRequest;
  isClosed = false;
  isAdmitted = false;
  private readonly socket: WebSocket;
  private readonly wire: Duplex;
  private readonly ports: ConnectionPorts;
  private readonly slowMs: number;
  private outbox: Frame[] = [];
  private head = 0;
  private isMute = false;
  private isHalfOpen = false;
  private stalledUntilMs = 0;
  private events = 0;
  private firstMs: number | undefined;
  private isPumping = false;

  constructor(id: number, request: RestRequest, socket: WebSocket, wire: Duplex, ports: ConnectionPorts) {
    this.id = id;
    this.request = request;
    this.socket = socket;
    this.wire = wire;
    this.ports = ports;
    this.slowMs = (ports.faults.get('slow')?.seconds ?? 0) * 1_000;
  }

  get isCongested(): boolean {
    return !this.isClosed && !this.isSilent && this.outbox.length - this.head > CONGESTED_FRAMES;
  }

  /** True when nothing of what is sent arrives. */
  get isSilent(): boolean {
    return this.isMute || this.isHalfOpen;
  }

  /** True while it counts against the limit of connections. */
  get holdsPlace(): boolean {
    return this.isAdmitted && !this.isClosed && !this.isHalfOpen;
  }

  view(played: number): StrikeView {
    const activeMs = this.firstMs === undefined ? 0 : this.ports.clock.monotonicMs() - this.firstMs;
    return { events: this.events, activeMs, played };
  }

  send(data: string | Uint8Array): void {
    this.push({ data, events: undefined });
  }

  sendData(data: string | Uint8Array, events: readonly SentEvent[], count: number): void {
    this.firstMs ??= this.ports.clock.monotonicMs();
    this.events += count;
    this.push({ data, events });
    const shape = this.ports.unknownShape(this);
    if (shape === undefined) return;
    this.ports.log.write('fault', { conn: this.id, fault: 'unknown-shape' });
    this.push({ data: shape, events: undefined });
  }

  strike(kind: Strike, stallSeconds: number): void {
    this.ports.log.write('fault', { conn: this.id, fault: kind });
    if (kind === 'mute') this.isMute = true;
    else if (kind === 'disconnect') this.cut();
    else if (kind === 'stall') this.stalledUntilMs = this.ports.clock.monotonicMs() + stallSeconds * 1_000;
    else {
      this.isHalfOpen = true;
      // What comes in is left unread, so that neither a ping nor a close is answered.
      this.wire.pause();
    }
  }

  close(code: number, reason: string): void {
    void this.flushed().then(() => this.socket.close(code, reason.slice(0, 120)));
  }

  /** Ends the connection without a farewell, as a broken network does. */
  cut(): void {
    this.isClosed = true;
    this.socket.terminate();
  }

  ping(): void {
    if (!this.isClosed && !this.isHalfOpen) this.socket.ping();
  }

  closed(): void {
    this.isClosed = true;
    this.outbox = [];
    this.head = 0;
  }

  private async flushed(): Promise<void> {
    while (!this.isClosed && this.head < this.outbox.length && !this.isSilent) await this.ports.clock.sleep(RETRY_MS);
  }

  private push(frame: Frame): void {
    if (this.isClosed) return;
    if (this.outbox.length - this.head >= MOST_FRAMES) {
      this.ports.log.write('close', { conn: this.id, reason: 'slow client' });
      this.cut();
      return;
    }
    this.outbox.push(frame);
    if (!this.isPumping) this.pump();
  }

  /** Moves frames from the outbox to the socket as far as faults and the socket allow. */
  private pump(): void {
    const { clock } = this.ports;
    while (this.head < this.outbox.length) {
      if (this.isClosed) return;
      const waitMs = this.pauseMs();
      if (waitMs > 0) {
        this.isPumping = true;
        void clock.sleep(waitMs).then(() => {
          this.isPumping = false;
          this.pump();
        });
        return;
      }
      const frame = this.outbox[this.head++] as Frame;
      this.transmit(frame);
      if (this.slowMs > 0) {
        this.isPumping = true;
        void clock.sleep(this.slowMs).then(() => {
          this.isPumping = false;
          this.pump();
        });
        return;
      }
    }
    this.outbox = [];
    this.head = 0;
  }

  private pauseMs(): number {
    const stalledMs = this.stalledUntilMs - this.ports.clock.monotonicMs();
    if (stalledMs > 0) return Math.max(1, stalledMs);
    return !this.isSilent && this.socket.bufferedAmount > MOST_SOCKET_BYTES ? RETRY_MS : 0;
  }

  private transmit({ data, events }: Frame): void {
    const { log } = this.ports;
    if (this.isSilent) {
      if (events !== undefined) log.write('withheld', { conn: this.id, events });
      return;
    }
    const damaged = events === undefined ? undefined : this.ports.frameFaults.damaged(data);
    const sent = damaged ?? data;
    this.socket.send(sent, { binary: typeof sent !== 'string' });
    if (!log.isOn || events === undefined) return;
    log.write(damaged === undefined ? 'sent' : 'damaged', { conn: this.id, events });
  }
}
