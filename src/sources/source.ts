import type { Micros } from '../base/index.ts';
import type { Clock } from '../host/index.ts';
import type { EventBatch, Instrument, Universe } from '../model/index.ts';

/** What a source can do. The program asks this before it relies on it. */
export interface SourceCapabilities {
  readonly kinds: readonly ('trades' | 'quotes' | 'bars')[];
  readonly live: boolean;
  readonly history: boolean;
  /** What the ids of its trades are good for: `consecutive` ids show a hole by themselves. */
  readonly tradeIds: 'consecutive' | 'unique' | 'none';
  readonly needsKey: boolean;
  /** Whether {@link Source.faults} is there. */
  readonly faults: boolean;
}

/** Faults that a synthetic source plays on request, so that repair can be seen. */
export interface SourceFaults {
  /** Drops the feed for some seconds; what was missed is fetched from history afterwards. */
  cut(seconds: number): void;
  /** Holds the next trade back for some seconds. */
  lateTrade(): void;
  /** Sends the last 1000 trades once more, under their ids. */
  duplicateStorm(): void;
}

/** From where a stream goes on. */
export interface StreamStart {
  /** Events after this time are offered; older ones are not. */
  readonly afterUs: Micros;
  /** Last trade id already held, per symbol; its successor is the first one offered, if it is after `afterUs`. */
  readonly afterTradeIds?: ReadonlyMap<string, number>;
  /** Time of the newest event already held, per symbol: its quotes up to then are not offered again. */
  readonly afterEventUs?: ReadonlyMap<string, Micros>;
  /** Stretches before that, per symbol, of which something was missing when the run before ended. */
  readonly missing?: ReadonlyMap<string, readonly { readonly fromUs: Micros; readonly toUs: Micros }[]>;
  /** Where several sources run as one: from where each of them goes on, by its id; the fields above are then those of all. */
  readonly bySource?: ReadonlyMap<string, StreamStart>;
}

/** What one of several sources of the same symbols is told, so that it does not do what another one has done. */
export interface SourcePeers {
  /** Whether its events of a symbol are wanted: it repairs its holes, and asks for values where it is polled. */
  isServing(symbol: string): boolean;
}

/**
 * A provider of market data. Batches are reused: each is valid until the next is asked for. Receive times never go
 * backwards within a stream.
 */
export interface Source {
  /** Name in configuration, metrics and the source column. */
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  instruments(): readonly Instrument[];
  /**
   * Live events until `signal` is aborted, beginning with what `start` says is missing. Disconnects are Status events;
   * the stream reconnects by itself and ends only when told to.
   */
  stream(signal: AbortSignal, start: StreamStart): AsyncIterable<EventBatch>;
  /** Past events of one symbol with event time in [fromUs, toUs), ascending. */
  history(symbol: string, fromUs: Micros, toUs: Micros): AsyncIterable<EventBatch>;
  /** Bars of the past, all symbols by time, for a program that starts with empty stores. */
  pastBars?(fromUs: Micros, toUs: Micros): Iterable<EventBatch>;
  readonly faults?: SourceFaults;
  /** True for a source that is asked again and again, and spends a quota by it. */
  readonly isPolled?: boolean;
  /** It is one of several: it does not end where others can go on, and spares what it is not wanted for. */
  join?(peers: SourcePeers): void;
  /**
   * Asks its history for the trades of a stretch; they come in the stream, after them a Gap event that says how it went.
   * False where it has no past trades.
   */
  fill?(symbol: string, fromUs: Micros, toUs: Micros): boolean;
  /** Another source has told what this one may have missed of a symbol up to now: it is not to be repaired. */
  forget?(symbol: string): void;
  /** How it stands among several sources; absent for one that is alone. */
  readonly members?: readonly SourceMember[];
  /** State of its breaker, the tightest of its limits and its latest failure; absent where there is nothing to fail. */
  health?(): SourceHealth;
}

/** A failure of a source: a stable code, the words for it, and when it was (on the machine's clock). */
export interface SourceError {
  readonly code: string;
  readonly message: string;
  readonly atUs: Micros;
}

/** How one of several sources stands. */
export interface SourceMember {
  readonly source: Source;
  readonly role: 'serving' | 'stand-by' | 'failed';
  /** Symbols that it carries, and those of them that it serves. */
  readonly carries: number;
  readonly serves: number;
  /** Times that it took over from another one. */
  readonly takeOvers: number;
  /** Why it will not come back. */
  readonly failure: string | undefined;
}

/** How a source is doing. */
export interface SourceHealth {
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly quota: { readonly window: string; readonly left: number; readonly limit: number } | undefined;
  readonly lastError: SourceError | undefined;
}

/** What every source is given. */
export interface SourcePorts {
  readonly universe: Universe;
  readonly clock: Clock;
}
