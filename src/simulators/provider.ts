import type { Micros } from '../base/index.ts';
import type { SimulatedTape } from './tape.ts';
import type { TapeHistory } from './tape-history.ts';
import type { WireSymbols } from './wire-symbols.ts';

/** A request as a provider sees it. */
export interface RestRequest {
  readonly method: string;
  /** Path without the query, decoded per segment by whoever needs it. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Scheme, host and port that the client used: paging links point there. */
  readonly origin: string;
}

/** An answer; `body` that is no string is sent as JSON. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A connection as a provider's session sees it. */
export interface Peer {
  readonly request: RestRequest;
  /** Sends a data frame and says which rows of the tape are in it. */
  sendData(frame: string | Uint8Array, rows: readonly number[]): void;
  /** Sends a control frame. */
  send(frame: string | Uint8Array): void;
  close(code: number, reason: string): void;
  /** Notes something in the log. */
  note(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** Takes one of the connections that `connection-limit` leaves; false when there is none. */
  admit(): boolean;
  /** To be told after every change of subscriptions: the tape starts when they have settled. */
  subscribed(symbols: number): void;
  /** The session is told to run `then` after a time, unless the connection has gone. */
  after(ms: number, then: () => void): void;
}

/** A client's session on a provider's stream. */
export interface StreamSession {
  /** The handshake is done: greet. */
  open(): void;
  /** A frame of the client: text, or bytes of a binary one. */
  receive(frame: string | Uint8Array): void;
  /** Rows of the tape that are due, in order; those that the client has subscribed to are sent. */
  deliver(rows: readonly number[]): void;
}

/** Which keys a provider takes. */
export interface KeyCheck {
  /** True for the configured key (and secret); where none is configured, for any that is not empty. */
  accepts(key: string | undefined, secret?: string): boolean;
}

/** What a provider's simulator has at hand. */
export interface SimulatedWorld {
  readonly tape: SimulatedTape;
  readonly history: TapeHistory;
  readonly symbols: WireSymbols;
  readonly keys: KeyCheck;
  /** False where one more connection would be above the fault `connection-limit`. */
  hasRoom(): boolean;
  /** Most symbols of a connection, where the fault `symbol-limit` is on. */
  readonly symbolLimit: number;
  /** Time on the tape. */
  nowUs(): Micros;
  /** The same as the provider's own clock shows it: ahead by the fault `clock-skew`. */
  stampUs(): Micros;
}

/** A provider's own way to speak. */
export interface ProviderSimulator {
  /** Answers a request; `undefined` for a path that the provider does not have. */
  answer(request: RestRequest): RestAnswer | undefined;
  /** Refuses a WebSocket handshake, where the provider does so by an HTTP status. */
  refuseHandshake?(request: RestRequest): RestAnswer | undefined;
  /** Takes a connection whose handshake is done; absent: the provider has no stream. */
  connect?(peer: Peer): StreamSession;
  /** The provider's own words for a refusal; absent parts get a general one. */
  refusal(kind: 'rate' | 'server' | 'quota', status: number): unknown;
  /** Messages of shapes that the provider does not document; encoded like its data frames. */
  readonly unknownShapes?: readonly unknown[];
  /** Encodes an unknown shape for a connection; JSON text when absent. */
  encodeShape?(shape: unknown, request: RestRequest): string | Uint8Array;
  /** Interval of the provider's own pings on idle connections. */
  readonly pingMs?: number;
}

/** One line of the registry. */
export interface SimulatorDefinition {
  readonly name: string;
  readonly summary: string;
  /** True where it has a WebSocket; the tape then starts with the first subscription, otherwise with the first request. */
  readonly hasStream: boolean;
  /** True where a key is asked for. */
  readonly needsKey: boolean;
  create(world: SimulatedWorld): ProviderSimulator;
}
