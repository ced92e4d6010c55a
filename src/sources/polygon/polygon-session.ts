import type { ClientMessage, RowOutlet, StreamSession } from '../adapter.ts';
import type { JsonObject } from '../json-answer.ts';
import type { SymbolMap } from '../symbol-map.ts';
import type { PolygonFrames } from './polygon-frames.ts';
import type { PolygonScanner } from './polygon-scanner.ts';

/** Symbols in one subscription. */
const SYMBOLS_PER_MESSAGE = 200;

/** Answers that a subscription still waits for: one per channel and symbol. */
interface PendingCommand {
  answers: number;
  isServed: boolean;
  refusal: string | undefined;
}

/** One connection of the stocks stream. */
export class PolygonSession implements StreamSession {
  private readonly frames: PolygonFrames;
  private readonly scanner: PolygonScanner;
  private readonly symbols: SymbolMap;
  private readonly channels: readonly string[];
  private readonly key: string;
  private readonly pending: PendingCommand[] = [];

  constructor(
    frames: PolygonFrames,
    scanner: PolygonScanner,
    symbols: SymbolMap,
    channels: readonly string[],
    key: string,
  ) {
    this.frames = frames;
    this.scanner = scanner;
    this.symbols = symbols;
    this.channels = channels;
    this.key = key;
  }

  authenticate(): readonly ClientMessage[] {
    return [{ data: JSON.stringify({ action: 'auth', params: this.key }), isSecret: true }];
  }

  subscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('subscribe', symbols);
  }

  unsubscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('unsubscribe', symbols);
  }

  private commands(action: string, symbols: readonly string[]): readonly ClientMessage[] {
    const messages: ClientMessage[] = [];
    for (let at = 0; at < symbols.length; at += SYMBOLS_PER_MESSAGE) {
      const params = symbols
        .slice(at, at + SYMBOLS_PER_MESSAGE)
        .flatMap((symbol) => this.channels.map((channel) => `${channel}.${this.symbols.provider(symbol)}`));
      messages.push({ data: JSON.stringify({ action, params: params.join(',') }) });
      this.pending.push({ answers: params.length, isServed: false, refusal: undefined });
    }
    return messages;
  }

  scan(frame: Uint8Array, recvUs: number, out: RowOutlet): boolean {
    return this.scanner.scan(frame, recvUs, out);
  }

  receive(frame: string | Uint8Array, recvUs: number, out: RowOutlet): void {
    this.frames.read(frame, recvUs, out, (status) => this.status(status, out));
  }

  private status(event: JsonObject, out: RowOutlet): void {
    const code = String(event.status);
    const message = String(event.message ?? '');
    switch (code) {
      case 'connected':
        out.control({ type: 'greeted' });
        return;
      case 'auth_success':
        out.control({ type: 'authenticated' });
        return;
      case 'success':
        this.answered(undefined, out);
        return;
      case 'auth_failed':
        out.control({ type: 'error', code, message, remedy: 'stop' });
        return;
      case 'auth_timeout':
        out.control({ type: 'error', code, message, remedy: 'retry' });
        return;
      case 'max_connections':
        out.control({ type: 'error', code, message, remedy: 'wait' });
        return;
      case 'error':
        this.answered(message, out);
        return;
      default:
        out.reject('unknown-shape', `status ${code.slice(0, 40)}`, JSON.stringify(event));
    }
  }

  /** A command is answered once every one of its channels is; a refused one makes it an error of that channel. */
  private answered(refusal: string | undefined, out: RowOutlet): void {
    const command = this.pending[0];
    if (command === undefined) {
      out.control({ type: 'alive' });
      return;
    }
    command.answers--;
    if (refusal === undefined) command.isServed = true;
    command.refusal ??= refusal;
    if (command.answers > 0) return;
    this.pending.shift();
    if (command.refusal === undefined) out.control({ type: 'subscribed' });
    else
      out.control({
        type: 'error',
        code: 'error',
        message: command.refusal,
        remedy: 'symbol',
        isWhole: !command.isServed,
      });
  }
}
