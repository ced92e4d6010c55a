import type { HttpAnswer, HttpRequest } from '../../host/index.ts';
import type {
  Adapter,
  AdapterDefinition,
  AdapterParts,
  ClientMessage,
  PlanLimits,
  RowOutlet,
  StreamProtocol,
  StreamSession,
} from '../adapter.ts';
import type { SourceCapabilities } from '../source.ts';
import { SymbolMap } from '../symbol-map.ts';
import { BinanceFrames } from './binance-frames.ts';
import { BinanceHistory, binanceRefusal } from './binance-history.ts';
import { BinanceScanner } from './binance-scanner.ts';
import { binanceInstrument, toBinance } from './binance-symbols.ts';

const STREAM_URL = 'wss://data-stream.binance.vision';
const REST_URL = 'https://data-api.binance.vision';
const CHANNELS = ['trade', 'bookTicker'] as const;
/** Streams named in one command, and in one connection. */
const STREAMS_PER_COMMAND = 100;
const MAX_STREAMS = 1_024;

/** Binance spot: public trades and book tickers over one combined stream; no key. */
export const BINANCE: AdapterDefinition = {
  id: 'binance',
  summary: 'Binance spot: trades and best bid and ask, public, no key',
  secrets: [],
  defaultSymbols: ['BTCUSDT', 'ETHUSDT'],
  tradeIds: 'consecutive',
  breaker: { failures: 5, openMs: 60_000 },
  create: (parts) => new BinanceAdapter(parts),
};

class BinanceAdapter implements Adapter {
  readonly id = BINANCE.id;
  readonly capabilities: SourceCapabilities = {
    kinds: ['trades', 'quotes'],
    live: true,
    history: true,
    tradeIds: 'consecutive',
    needsKey: false,
    faults: false,
  };
  readonly symbols: SymbolMap;
  /** 6000 units of weight a minute per address; a fifth is left to others behind the same address. */
  readonly limits: PlanLimits = { perMinute: 4_800, concurrent: 4 };
  readonly restUrl: string;
  readonly stream: StreamProtocol;
  readonly history: BinanceHistory;

  constructor({ universe, wanted, settings }: AdapterParts) {
    this.restUrl = settings.rest_url === '' ? REST_URL : settings.rest_url;
    this.symbols = new SymbolMap({
      source: this.id,
      wanted: wanted.length === 0 ? BINANCE.defaultSymbols : wanted,
      configured: settings.symbols,
      toProvider: toBinance,
    });
    for (const instrument of this.instruments()) universe.add(instrument);
    const sourceId = universe.sources.intern(this.id);
    const frames = new BinanceFrames(universe, this.symbols, sourceId);
    const scanner = new BinanceScanner(frames, this.symbols.all.length, sourceId);
    this.history = new BinanceHistory(frames, this.symbols, sourceId);
    const base = settings.stream_url === '' ? STREAM_URL : settings.stream_url;
    this.stream = {
      url: () => `${base.replace(/\/$/, '')}/stream`,
      opening: 'subscribe',
      acknowledges: true,
      answerTimeoutMs: 10_000,
      // A ping comes every 20 s; the book of a live pair changes many times a second.
      silenceMs: 15_000,
      // At most 5 messages a second, pongs included.
      sendEveryMs: 300,
      maxSymbols: Math.floor(MAX_STREAMS / CHANNELS.length),
      // The server cuts at 24 hours.
      maxAgeMs: 23 * 3_600_000,
      session: () => new BinanceSession(frames, scanner, this.symbols),
    };
  }

  instruments() {
    return this.symbols.all.map(binanceInstrument);
  }

  refusal(answer: HttpAnswer) {
    return binanceRefusal(answer);
  }

  /** A wrong symbol in a subscription is answered with silence, so the list of pairs is asked first. */
  listing(symbols: readonly string[]) {
    const request: HttpRequest = {
      path: '/api/v3/exchangeInfo',
      query: { symbols: JSON.stringify(symbols.map((symbol) => this.symbols.provider(symbol))) },
      cost: 20,
    };
    const read = ({ text }: HttpAnswer): readonly string[] => {
      const { symbols: listed } = JSON.parse(text) as { readonly symbols?: readonly { readonly symbol?: string }[] };
      const known = new Set((listed ?? []).map(({ symbol }) => symbol));
      return symbols.filter((symbol) => !known.has(this.symbols.provider(symbol)));
    };
    return [{ symbols, request, read }];
  }
}

class BinanceSession implements StreamSession {
  private readonly frames: BinanceFrames;
  private readonly scanner: BinanceScanner;
  private readonly symbols: SymbolMap;
  private nextId = 1;

  constructor(frames: BinanceFrames, scanner: BinanceScanner, symbols: SymbolMap) {
    this.frames = frames;
    this.scanner = scanner;
    this.symbols = symbols;
  }

  authenticate(): readonly ClientMessage[] {
    return [];
  }

  subscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('SUBSCRIBE', symbols);
  }

  unsubscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('UNSUBSCRIBE', symbols);
  }

  private commands(method: string, symbols: readonly string[]): readonly ClientMessage[] {
    const names = symbols.flatMap((symbol) =>
      CHANNELS.map((channel) => `${this.symbols.provider(symbol).toLowerCase()}@${channel}`),
    );
    const messages: ClientMessage[] = [];
    for (let at = 0; at < names.length; at += STREAMS_PER_COMMAND) {
      const params = names.slice(at, at + STREAMS_PER_COMMAND);
      messages.push({ data: JSON.stringify({ method, params, id: this.nextId++ }) });
    }
    return messages;
  }

  scan(frame: Uint8Array, recvUs: number, out: RowOutlet): boolean {
    return this.scanner.scan(frame, recvUs, out);
  }

  receive(...[frame, recvUs, out]: Parameters<StreamSession['receive']>): void {
    this.frames.read(frame, recvUs, out);
  }
}
