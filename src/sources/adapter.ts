import type { Micros } from '../base/index.ts';
import type { HttpAnswer, HttpRequest } from '../host/index.ts';
import type { EventBatch, Instrument, Universe } from '../model/index.ts';
import type { SourceCapabilities } from './source.ts';
import type { SymbolMap } from './symbol-map.ts';

/**
 * What a provider's adapter takes its rows to. The receive time of the frame (or answer) stands in every row.
 */
export interface RowOutlet {
  /** A batch with room for at least one more row; ask anew before every row. */
  batch(): EventBatch;
  /** Something the connection itself is told, in the order of the frames. */
  control(outcome: ControlOutcome): void;
  /**
   * What could not be read [BEY-16]: `bad-frame` is no JSON or msgpack at all, `unknown-shape` is well-formed but
   * nothing that the provider documents, `bad-row` lacks a field or has a value of the wrong type. It becomes a
   * Malformed event with the raw text (cut at a bound), is counted, and reported once per reason and detail: so
   * `detail` names the shape (`message type "zz"`) and holds no values.
   */
  reject(reason: 'bad-frame' | 'unknown-shape' | 'bad-row', detail: string, raw: string | Uint8Array): void;
}

/** What a frame says about the connection. */
export type ControlOutcome =
  /** The server greeted: the messages of {@link StreamSession.authenticate} are due. */
  | { readonly type: 'greeted' }
  | { readonly type: 'authenticated' }
  /** One subscribe message was accepted: exactly one outcome per message of {@link StreamSession.subscribe}. */
  | { readonly type: 'subscribed' }
  /** A sign of life without data. */
  | { readonly type: 'alive' }
  /** The server says that it will close: reconnect at once. */
  | { readonly type: 'closing'; readonly reason: string }
  | ({ readonly type: 'error' } & Refusal);

/** An error of the provider, by its own code, and what helps. */
export interface Refusal {
  /** The provider's code or status as text: `402`, `auth_failed`, `-1121`. */
  readonly code: string;
  /** The provider's words; no secret in them. */
  readonly message: string;
  /**
   * `stop`: wrong key, no such plan; nothing helps but a person. `symbol`: this symbol or channel is not to be had, the
   * rest is. `retry`: try the same again after a pause. `wait`: a limit is reached; nothing until `retryAfterMs` (for
   * streams: the long back-off). `spent`: the quota of the day is used up. `ignore`: only log it.
   */
  readonly remedy: 'stop' | 'symbol' | 'retry' | 'wait' | 'spent' | 'ignore';
  readonly retryAfterMs?: number;
  /** With `symbol`: nothing at all of what the subscription named is served. */
  readonly isWhole?: boolean;
}

/** A message of the client: text or bytes. `isSecret`: it holds a key and is never logged. */
export interface ClientMessage {
  readonly data: string | Uint8Array;
  readonly isSecret?: boolean;
}

/** The provider's live stream. Holds no state of a connection: that is in its sessions. */
export interface StreamProtocol {
  /** Address of the socket. May hold a key where the provider wants it there: only origin and path are ever shown. */
  url(): string;
  /** Headers of the handshake; may hold keys. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What happens after the socket opened: `greeting`: wait for `greeted`, then authenticate and wait for
   * `authenticated`; `auth`: authenticate at once and wait for `authenticated`; `subscribe`: neither.
   */
  readonly opening: 'greeting' | 'auth' | 'subscribe';
  /** Whether the server answers subscriptions (else the stream counts as live once they are sent). */
  readonly acknowledges: boolean;
  /** Longest wait for greeting, authentication or one acknowledgement. */
  readonly answerTimeoutMs: number;
  /** Silence (no frame; pings do not count) after which the socket counts as mute; doubled while it turns out that the market was quiet. */
  readonly silenceMs: number;
  /** Least time between two messages of the client. */
  readonly sendEveryMs: number;
  readonly maxSymbols: number;
  /** Age at which the connection is renewed before the provider cuts it. */
  readonly maxAgeMs?: number;
  /** A new session for a new connection. */
  session(): StreamSession;
}

/** One connection of a stream: reads frames, makes messages. Pure: no clock, no socket. */
export interface StreamSession {
  authenticate(): readonly ClientMessage[];
  /** Messages that subscribe to generic symbols, each within the provider's bounds. One is sent after the other is answered. */
  subscribe(symbols: readonly string[]): readonly ClientMessage[];
  /** Messages that drop symbols again; where nothing is to be sent, none. */
  unsubscribe(symbols: readonly string[]): readonly ClientMessage[];
  /** Message that keeps the connection alive, where the provider wants one, and how often. */
  readonly heartbeat?: { readonly message: ClientMessage; readonly everyMs: number };
  /**
   * Reads the bytes of a text frame without making text of them. False where something in it is not as nearly always:
   * nothing of it is taken then, and {@link receive} gets the text. Both give the same rows. Absent: all by `receive`.
   */
  scan?(frame: Uint8Array, recvUs: Micros, out: RowOutlet): boolean;
  /** Reads one frame. Never throws: what it does not understand goes to {@link RowOutlet.reject}. */
  receive(frame: string | Uint8Array, recvUs: Micros, out: RowOutlet): void;
}

/** A stretch of history of one generic symbol, half-open in event time. */
export interface HistoryRange {
  readonly symbol: string;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  /** Where ids count up by one: the ids wanted, both inclusive; the times are then a hint only. `toId` is absent at an open end. */
  readonly fromId?: number;
  readonly toId?: number;
}

/** A request and how its answer is read. */
export interface HistoryQuery {
  readonly request: HttpRequest;
  /**
   * Reads a good answer (see {@link Adapter.refusal} for the others) into rows, in the order of time, and gives the
   * query of the next page; `undefined` at the end. Rows outside the range may be left in: they are passed over.
   */
  read(answer: HttpAnswer, recvUs: Micros, out: RowOutlet): HistoryQuery | undefined;
}

export interface HistoryProtocol {
  /** Trades with the very ids that the stream gives them. Absent where the provider has no past trades. */
  trades?(range: HistoryRange): HistoryQuery;
  /** Bars of a length in microseconds; throws UsageError for a length that the provider does not have. */
  bars?(range: HistoryRange, lengthUs: Micros): HistoryQuery;
  /** Lengths that {@link bars} knows. */
  readonly barLengthsUs: readonly Micros[];
  /** Longest stretch of bars of a length that is best asked for at a time, where the provider has one of its own. */
  stretchUs?(lengthUs: Micros): Micros;
}

/** A source that is asked again and again. */
export interface PollProtocol {
  /** Least sensible time between two rounds. */
  readonly everyMs: number;
  /** Generic symbols that one request may name. */
  readonly maxSymbols: number;
  /** Asks for the newest values. Rows that were given before may come again: only news is passed on. */
  query(symbols: readonly string[]): HistoryQuery;
}

/** What a plan allows, in the provider's units of cost (requests where it has none). */
export interface PlanLimits {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perDay?: number;
  /** Requests in flight at once. */
  readonly concurrent: number;
}

/** A request that tells whether the provider carries some symbols. */
export interface SymbolQuestion {
  readonly symbols: readonly string[];
  readonly request: HttpRequest;
  /** The generic symbols of the question that are not there. */
  read(answer: HttpAnswer): readonly string[];
}

/** A provider as the platform sees it. Everything of the vendor stays behind it. */
export interface Adapter {
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  readonly symbols: SymbolMap;
  readonly limits: PlanLimits;
  /** Base address of the REST requests, for example `https://api.example.com`; requests name paths below it. */
  readonly restUrl?: string;
  readonly stream?: StreamProtocol;
  readonly history?: HistoryProtocol;
  readonly poll?: PollProtocol;
  /** The instruments that were asked for, under their generic symbols. */
  instruments(): readonly Instrument[];
  /** Whether an answer refuses, HTTP 200 with an error text included; `undefined` for a good one. */
  refusal(answer: HttpAnswer): Refusal | undefined;
  /**
   * Asks which of the symbols the provider does not carry, where a wrong one would only give silence. A request that is
   * refused for its symbol answers too; where it names several, each is asked for itself.
   */
  listing?(symbols: readonly string[]): readonly SymbolQuestion[];
}

/** What an adapter is made of. */
export interface AdapterParts {
  readonly universe: Universe;
  /** Generic symbols to collect; empty: {@link AdapterDefinition.defaultSymbols}. */
  readonly wanted: readonly string[];
  readonly settings: AdapterSettings;
  /** A secret by its environment name; `undefined` when it is not set. */
  secret(name: string): string | undefined;
}

/** The section `sources.NAME` of the configuration, as far as every adapter has it. */
export interface AdapterSettings {
  /** Other addresses than the provider's own: a simulator, a proxy. Empty = the provider's own. */
  readonly stream_url: string;
  readonly rest_url: string;
  /** Further symbols: generic to the provider's. */
  readonly symbols: Readonly<Record<string, string>>;
  /** Name of the plan or feed, where the provider has several; empty = the default one. */
  readonly plan: string;
  /** Whether the subscription is one for streaming, where the provider makes a difference. */
  readonly realtime_enabled?: boolean;
}

/** One line of the registry of adapters. */
export interface AdapterDefinition {
  readonly id: string;
  readonly summary: string;
  /** Environment names of its secrets; without a required one the source can not start. */
  readonly secrets: readonly { readonly name: string; readonly isRequired: boolean }[];
  readonly defaultSymbols: readonly string[];
  /** What the ids of its trades are good for, known before it is made. */
  readonly tradeIds: SourceCapabilities['tradeIds'];
  /** Consecutive failures that open its breaker, and for how long [ING-5]. */
  readonly breaker: { readonly failures: number; readonly openMs: number };
  /** @throws UsageError for a symbol that the provider does not have, or an unknown plan. */
  create(parts: AdapterParts): Adapter;
}
