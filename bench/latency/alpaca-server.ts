import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { SYMBOLS } from '../ingest/alpaca-frames.ts';

const ID_DIGITS = 12;
const STAMP = '2026-01-01T00:00:00.000000000Z';

/** Microseconds of the machine's clock, finer than the platform's milliseconds. */
export function wallUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

/** A frame of trades whose times and ids are written anew for every sending. */
export class StampedFrame {
  private readonly bytes: Buffer;
  private readonly stamps: number[] = [];
  private readonly ids: number[] = [];

  /** @param symbols of its trades, in their order */
  constructor(symbols: readonly string[]) {
    const text = JSON.stringify(
      symbols.map((symbol, i) => ({
        T: 't',
        S: symbol,
        i: 10 ** (ID_DIGITS - 1),
        x: 'V',
        p: 100 + (i % 50) / 100,
        s: 1 + i,
        t: STAMP,
        c: ['@', 'I'],
        z: 'C',
      })),
    );
    this.bytes = Buffer.from(text);
    for (let at = text.indexOf(STAMP); at >= 0; at = text.indexOf(STAMP, at + 1)) this.stamps.push(at);
    for (let at = text.indexOf('"i":'); at >= 0; at = text.indexOf('"i":', at + 1)) this.ids.push(at + 4);
  }

  /** The frame with a time for all of its trades and ids from `firstId` on. */
  at(us: number, firstId: number): Buffer {
    const { bytes } = this;
    const micros = String(us % 1_000_000).padStart(6, '0');
    const stamp = `${new Date(Math.floor(us / 1_000_000) * 1_000).toISOString().slice(0, 19)}.${micros}000Z`;
    const first = this.stamps[0] as number;
    bytes.write(stamp, first, 'latin1');
    for (let i = 1; i < this.stamps.length; i++)
      bytes.copy(bytes, this.stamps[i] as number, first, first + STAMP.length);
    for (let i = 0; i < this.ids.length; i++) {
      let id = firstId + i;
      for (let digit = ID_DIGITS - 1; digit > 0; digit--) {
        bytes[(this.ids[i] as number) + digit] = 48 + (id % 10);
        id = Math.floor(id / 10);
      }
    }
    return Buffer.from(bytes);
  }
}

/** Sends stamped frames over a connection. */
export class FrameSender {
  private readonly socket: WebSocket;
  private nextId = 1;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  /** Sends frames at a pace for a time, all stamped when they are sent. */
  async play(
    framesPerSecond: number,
    seconds: number,
    frames: readonly StampedFrame[],
    perFrame: number,
  ): Promise<void> {
    const start = performance.now();
    const total = Math.floor(framesPerSecond * seconds);
    for (let sent = 0; sent < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * framesPerSecond));
      for (; sent < due; sent++) {
        const frame = frames[sent % frames.length] as StampedFrame;
        this.socket.send(frame.at(wallUs(), this.nextId), { binary: false });
        this.nextId += perFrame;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Speaks as much of the provider's stream as a subscriber needs, and sends what it is told to. */
export class AlpacaServer {
  private readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  private client: WebSocket | undefined;

  async listen(): Promise<number> {
    this.server.on('connection', (socket, request) => {
      request.socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('message', (data) => this.answer(socket, JSON.parse(String(data)) as { readonly action: string }));
      socket.send('[{"T":"success","msg":"connected"}]');
    });
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  private answer(socket: WebSocket, { action, ...channels }: { readonly action: string }): void {
    if (action === 'auth') socket.send('[{"T":"success","msg":"authenticated"}]');
    else {
      socket.send(JSON.stringify([{ T: 'subscription', ...channels }]));
      this.client = socket;
    }
  }

  /** The sender to the first subscriber, once there is one. */
  async subscribed(): Promise<FrameSender> {
    while (this.client === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    return new FrameSender(this.client);
  }

  close(): void {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
  }
}

/** Frames of `perFrame` trades over all symbols, of which the last is always of the first symbol. */
export function markedFrames(perFrame: number): readonly StampedFrame[] {
  const others = SYMBOLS.slice(1);
  return Array.from({ length: 64 }, (_, f) => {
    const symbols = Array.from(
      { length: perFrame - 1 },
      (_, i) => others[(f * perFrame + i) % others.length] as string,
    );
    return new StampedFrame([...symbols, SYMBOLS[0] as string]);
  });
}
