import type { Micros } from '../base/index.ts';

/** What an event is filed under: filters and pages of the API go by these. */
export interface EventFacts {
  readonly channel: string;
  readonly type: string;
  readonly symbol: string | undefined;
  readonly timeframe: string | undefined;
  /** Engine time. */
  readonly atUs: Micros;
  /** Id of the pattern it is about, as text. */
  readonly pattern: string | undefined;
  /** `TRIGGERED` …, the action of a signal, or the barrier of an outcome. */
  readonly status: string | undefined;
  /** Level of an alert. */
  readonly level: string | undefined;
}

/** An event before it has an id. */
export interface EventDraft extends EventFacts {
  /** Number of the engine's statement; undefined for what the host says (a lost connection). */
  readonly statement: number | undefined;
  /** The statement that it takes the place of. */
  readonly replaces: number | undefined;
  /**
   * What makes it this statement and no other, apart from engine time: after a crash the engine says again what it
   * said, and only what is different is published again.
   */
  readonly identity: string;
  /** Whether it belongs into the hash-chained log. */
  readonly isChained: boolean;
  /** The event as the wire has it. @param replacesId id of the event that it replaces; undefined where none is known. */
  build(id: number, replacesId: number | undefined): object;
}

/** An event that was published. */
export interface BusEvent extends EventFacts {
  readonly id: number;
  /** The event as JSON. */
  readonly text: string;
}

/** A part of the persisted log, filtered. */
export interface EventQuery {
  readonly channel: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly pattern?: string;
  readonly status?: string;
  readonly level?: string;
  /** Engine time, half-open. */
  readonly fromUs?: Micros;
  readonly toUs?: Micros;
  /** Only events with a smaller id; newest first. */
  readonly beforeId?: number;
  readonly limit: number;
}
