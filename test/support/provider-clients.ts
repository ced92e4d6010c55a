import { decode, decodeTimestampToTimeSpec, EXT_TIMESTAMP, ExtensionCodec, encode } from '@msgpack/msgpack';
import type { WebSocket } from 'ws';

/** What a plain client needs to know of a provider's stream; the payloads are read by nothing but JSON and msgpack. */
export interface StreamClient {
  readonly provider: string;
  readonly label: string;
  /** Two symbols of the test tape, as the provider spells them. */
  readonly symbols: Readonly<Record<string, string>>;
  path(key: string): string;
  headers?(key: string): Readonly<Record<string, string>>;
  /** Sent after the handshake; absent where the handshake carries the key, or none is needed. */
  login?(key: string): unknown;
  isLoggedIn?(message: unknown): boolean;
  subscribe(names: readonly string[]): readonly unknown[];
  /** True for the provider's own answer to a wrong key, as a frame or as status and body of the handshake. */
  isKeyRefusal?(answer: unknown): boolean;
  isSymbolRefusal(answer: unknown): boolean;
  isConnectionRefusal(answer: unknown): boolean;
  decode?(frame: Buffer): unknown;
  encode?(message: unknown): Uint8Array;
  /** Trades of a frame; units of `ts` as `resolutionUs` says. */
  trades(message: unknown): readonly StreamTrade[];
  readonly resolutionUs: number;
  readonly hasIds: boolean;
  readonly hasSizes: boolean;
}

export interface StreamTrade {
  readonly name: string;
  readonly id?: string;
  readonly ts: number;
  readonly price: number;
  readonly size?: number;
}

type Fields = Readonly<Record<string, unknown>>;
const list = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : [value as Fields]);
const text = (value: unknown): string => JSON.stringify(value) ?? '';
const EQUITIES = { AAPL: 'AAPL', IBM: 'IBM' };
const micros = (time: string): number => {
  const [head = '', fraction = ''] = time.replace('Z', '').split('.');
  return Date.parse(`${head}Z`) * 1_000 + Number(fraction.padEnd(6, '0'));
};
/** Timestamps of msgpack to microseconds. */
const timestamps = new ExtensionCodec();
timestamps.register({
  type: EXT_TIMESTAMP,
  encode: () => null,
  decode: (bytes) => {
    const { sec, nsec } = decodeTimestampToTimeSpec(bytes);
    return sec * 1_000_000 + nsec / 1_000;
  },
});

function alpaca(label: string, extra: Partial<StreamClient> & Pick<StreamClient, 'symbols' | 'path'>): StreamClient {
  return {
    provider: 'alpaca',
    label,
    login: (key) => ({ action: 'auth', key, secret: 's' }),
    isLoggedIn: (message) => list(message).some(({ T, msg }) => T === 'success' && msg === 'authenticated'),
    subscribe: (names) => [{ action: 'subscribe', trades: names }],
    isKeyRefusal: (message) =>
      list(message).some(({ T, code, msg }) => T === 'error' && code === 402 && msg === 'auth failed'),
    isSymbolRefusal: (message) => list(message).some(({ code }) => code === 405),
    isConnectionRefusal: (message) => list(message).some(({ code }) => code === 406),
    trades: (message) =>
      list(message)
        .filter(({ T }) => T === 't')
        .map(({ S, i, t, p, s }) => ({
          name: String(S),
          id: String(i),
          ts: typeof t === 'number' ? t : micros(String(t)),
          price: Number(p),
          size: Number(s),
        })),
    resolutionUs: 1,
    hasIds: true,
    hasSizes: true,
    ...extra,
  };
}

/** One plain client per way of speaking to a streaming provider. */
export const STREAM_CLIENTS: readonly StreamClient[] = [
  alpaca('alpaca (JSON)', { symbols: EQUITIES, path: () => '/v2/sip' }),
  alpaca('alpaca (msgpack, keys in headers)', {
    symbols: EQUITIES,
    path: () => '/v2/iex',
    headers: (key) => ({
      'content-type': 'application/msgpack',
      'apca-api-key-id': key,
      'apca-api-secret-key': 's',
    }),
    decode: (frame) => decode(frame, { extensionCodec: timestamps }),
    encode: (message) => encode(message),
  }),
  alpaca('alpaca (crypto)', {
    symbols: { BTCUSDT: 'BTC/USDT', ETHUSDT: 'ETH/USDT' },
    path: () => '/v1beta3/crypto/us',
  }),
  {
    provider: 'polygon',
    label: 'polygon',
    symbols: EQUITIES,
    path: () => '/stocks',
    login: (key) => ({ action: 'auth', params: key }),
    isLoggedIn: (message) => list(message).some(({ status }) => status === 'auth_success'),
    subscribe: (names) => [{ action: 'subscribe', params: names.map((name) => `T.${name}`).join(',') }],
    isKeyRefusal: (message) => list(message).some(({ status }) => status === 'auth_failed'),
    isSymbolRefusal: (message) => list(message).some(({ status }) => status === 'error'),
    isConnectionRefusal: (message) => list(message).some(({ status }) => status === 'max_connections'),
    trades: (message) =>
      list(message)
        .filter(({ ev }) => ev === 'T')
        .map(({ sym, i, t, p, s }) => ({
          name: String(sym),
          id: String(i),
          ts: Number(t),
          price: Number(p),
          size: Number(s),
        })),
    resolutionUs: 1_000,
    hasIds: true,
    hasSizes: true,
  },
  binance('binance (combined)', '/stream'),
  binance('binance (raw)', '/ws'),
  {
    provider: 'finnhub',
    label: 'finnhub',
    symbols: { AAPL: 'AAPL', BTCUSDT: 'BINANCE:BTCUSDT' },
    path: (key) => `/?token=${key}`,
    subscribe: (names) => names.map((symbol) => ({ type: 'subscribe', symbol })),
    isKeyRefusal: (answer) => /401.*Invalid API key/.test(text(answer)),
    isSymbolRefusal: (message) => (message as Fields)['msg'] === 'Subscribing to too many symbols',
    isConnectionRefusal: (answer) => /429.*API limit reached/.test(text(answer)),
    trades: (message) =>
      list((message as Fields)['type'] === 'trade' ? (message as Fields)['data'] : []).map(({ s, t, p, v }) => ({
        name: String(s),
        ts: Number(t),
        price: Number(p),
        size: Number(v),
      })),
    resolutionUs: 1_000,
    hasIds: false,
    hasSizes: true,
  },
  {
    provider: 'twelvedata',
    label: 'twelvedata',
    symbols: { AAPL: 'AAPL', BTCUSDT: 'BTC/USDT' },
    path: (key) => `/v1/quotes/price?apikey=${key}`,
    subscribe: (names) => [{ action: 'subscribe', params: { symbols: names.join(',') } }],
    isKeyRefusal: (answer) => /401.*apikey/.test(text(answer)),
    isSymbolRefusal: (message) => Array.isArray((message as Fields)['fails']),
    isConnectionRefusal: (answer) => /429/.test(text(answer)),
    trades: (message) =>
      (message as Fields)['event'] === 'price'
        ? list(message).map(({ symbol, timestamp, price }) => ({
            name: String(symbol),
            ts: Number(timestamp),
            price: Number(price),
          }))
        : [],
    resolutionUs: 1_000_000,
    hasIds: false,
    hasSizes: false,
  },
];

function binance(label: string, path: string): StreamClient {
  return {
    provider: 'binance',
    label,
    symbols: { BTCUSDT: 'BTCUSDT', ETHUSDT: 'ETHUSDT' },
    path: () => path,
    subscribe: (names) => [{ method: 'SUBSCRIBE', params: names.map((name) => `${name.toLowerCase()}@trade`), id: 1 }],
    isSymbolRefusal: (message) => (message as Fields)['error'] !== undefined,
    isConnectionRefusal: (answer) => /1008/.test(text(answer)),
    trades(message) {
      const data = ((message as Fields)['data'] ?? message) as Fields;
      if (data['e'] !== 'trade') return [];
      const { s, t, T, p, q } = data;
      return [{ name: String(s), id: String(t), ts: Number(T), price: Number(p), size: Number(q) }];
    },
    resolutionUs: 1_000,
    hasIds: true,
    hasSizes: true,
  };
}

/** Frames of a socket as they come, and what became of the connection. */
export class FrameCollector {
  readonly frames: { readonly message: unknown; readonly atMs: number }[] = [];
  readonly unreadable: Buffer[] = [];
  closeCode: number | undefined;
  private readonly decode: (frame: Buffer) => unknown;
  private readonly waiting = new Set<() => void>();

  constructor(socket: WebSocket, decode: (frame: Buffer) => unknown) {
    this.decode = decode;
    socket.on('message', (data) => {
      this.take(data as Buffer);
      this.wake();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      this.wake();
    });
    socket.on('error', () => this.wake());
  }

  /** Waits until `found` gives something. */
  async until<Value>(found: () => Value | undefined | false): Promise<Value> {
    for (;;) {
      const value = found();
      if (value !== undefined && value !== false) return value;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  message(isWanted: (message: unknown) => boolean): Promise<unknown> {
    return this.until(() => this.frames.find(({ message }) => isWanted(message))?.message);
  }

  private take(data: Buffer): void {
    try {
      this.frames.push({ message: this.decode(data), atMs: performance.now() });
    } catch {
      // A damaged frame is what some of the faults are about.
      this.unreadable.push(data);
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
