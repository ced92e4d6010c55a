import { WebSocket } from 'ws';
import { systemCode } from './file-system.ts';

/** Providers send bursts of many thousand trades in one frame. */
const MAX_FRAME_BYTES = 64 * 1_048_576;

export interface LiveSocketOptions {
  /** May hold a key in its query: it is shown nowhere. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly handshakeTimeoutMs: number;
  /** Certificate authorities in PEM in place of the built-in ones. Certificates are verified in any case. */
  readonly ca?: string;
}

/** How a connection ended. */
export interface SocketEnd {
  /** A sentence without an address or a key. */
  readonly reason: string;
  /** The system's code where it never came about: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, … */
  readonly systemCode?: string;
  /** The HTTP status where the handshake was refused. */
  readonly status?: number;
}

export interface LiveSocketEvents {
  opened(): void;
  /** The bytes of a frame, and whether they are text in UTF-8 (checked). They are valid until the call returns. */
  frame(data: Uint8Array, isText: boolean): void;
  /** Told once, after everything else. */
  ended(end: SocketEnd): void;
}

/** A WebSocket to a provider. Pings are answered by it; redirects are not followed. */
export class LiveSocket {
  private readonly socket: WebSocket;
  private hasEnded = false;
  private readonly events: LiveSocketEvents;

  constructor(options: LiveSocketOptions, events: LiveSocketEvents) {
    this.events = events;
    this.socket = new WebSocket(options.url, {
      headers: { ...options.headers },
      handshakeTimeout: options.handshakeTimeoutMs,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.socket.on('open', () => events.opened());
    this.socket.on('message', (data, isBinary) => events.frame(bytesOf(data), !isBinary));
    this.socket.on('unexpected-response', (_request, response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      this.end({ reason: `the handshake was refused (HTTP ${status})`, status });
      this.socket.terminate();
    });
    this.socket.on('error', (error) => {
      const code = systemCode(error);
      this.end({ reason: code ?? error.message, ...(code === undefined ? {} : { systemCode: code }) });
      this.socket.terminate();
    });
    this.socket.on('close', (code, reason) => {
      const words = reason.toString().slice(0, 123);
      this.end({ reason: words === '' ? `closed with ${code}` : `closed with ${code}: ${words}` });
    });
  }

  private end(end: SocketEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.events.ended(end);
  }

  send(data: string | Uint8Array): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(data);
  }

  /** Stops reading; what comes meanwhile waits in the system's buffers and then at the sender. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Gives up the connection at once. */
  cut(reason: string): void {
    this.end({ reason });
    this.socket.terminate();
  }
}

/** The text of a text frame. */
export function frameText(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
