import type { ClientMessage, RowOutlet, StreamSession } from '../adapter.ts';
import type { SymbolMap } from '../symbol-map.ts';
import { encodeMsgpack } from './alpaca-codec.ts';
import type { AlpacaPlan } from './alpaca-feeds.ts';
import type { AlpacaFrames } from './alpaca-frames.ts';
import type { AlpacaMsgpackScanner } from './alpaca-msgpack-scanner.ts';
import type { AlpacaScanner } from './alpaca-scanner.ts';

/** Symbols in one message, far below the server's bound on frames. */
const SYMBOLS_PER_MESSAGE = 400;

export interface AlpacaKeys {
  readonly id: string;
  readonly secret: string;
}

/** One connection: greeting, key, then subscriptions, each answered by the complete list. */
export class AlpacaSession implements StreamSession {
  private readonly frames: AlpacaFrames;
  private readonly scanner: AlpacaScanner;
  private readonly msgpackScanner: AlpacaMsgpackScanner;
  private readonly symbols: SymbolMap;
  private readonly plan: AlpacaPlan;
  private readonly keys: AlpacaKeys;

  constructor(
    frames: AlpacaFrames,
    scanner: AlpacaScanner,
    msgpackScanner: AlpacaMsgpackScanner,
    symbols: SymbolMap,
    plan: AlpacaPlan,
    keys: AlpacaKeys,
  ) {
    this.frames = frames;
    this.scanner = scanner;
    this.msgpackScanner = msgpackScanner;
    this.symbols = symbols;
    this.plan = plan;
    this.keys = keys;
  }

  authenticate(): readonly ClientMessage[] {
    const data = this.encode({ action: 'auth', key: this.keys.id, secret: this.keys.secret });
    return [{ data, isSecret: true }];
  }

  subscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('subscribe', symbols);
  }

  unsubscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('unsubscribe', symbols);
  }

  /** Corrections and cancels come with the trades. */
  private commands(action: string, symbols: readonly string[]): readonly ClientMessage[] {
    const messages: ClientMessage[] = [];
    for (let at = 0; at < symbols.length; at += SYMBOLS_PER_MESSAGE) {
      const names = symbols.slice(at, at + SYMBOLS_PER_MESSAGE).map((symbol) => this.symbols.provider(symbol));
      const bars = this.plan.hasBars ? { bars: names, updatedBars: names } : {};
      const statuses = this.plan.feed.isCrypto ? {} : { statuses: names };
      messages.push({ data: this.encode({ action, trades: names, quotes: names, ...bars, ...statuses }) });
    }
    return messages;
  }

  private encode(message: object): string | Uint8Array {
    return this.plan.isMsgpack ? encodeMsgpack(message) : JSON.stringify(message);
  }

  scan(frame: Uint8Array, recvUs: number, out: RowOutlet): boolean {
    return this.scanner.scan(frame, recvUs, out);
  }

  receive(frame: string | Uint8Array, recvUs: number, out: RowOutlet): void {
    if (typeof frame !== 'string' && this.msgpackScanner.scan(frame, recvUs, out)) return;
    this.frames.read(frame, recvUs, out);
  }
}
