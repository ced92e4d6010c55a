import type { Clock } from '../host/index.ts';
import { canonicalJson } from './canonical-json.ts';
import type { EventBus } from './event-bus.ts';
import type { BusEvent, EventDraft } from './event-draft.ts';
import { EventIds } from './event-ids.ts';
import type { EventRecord, EventStore } from './event-store.ts';
import { type ChainLink, chainHash } from './signal-chain.ts';

/** Events that wait for a commit before one is made in any case. */
const COMMIT_EVENTS = 1_000;
/** Events that may wait for a disk that fails; beyond it the oldest go (drop-oldest, counted). */
const MAX_PENDING = 100_000;
/** Statements whose event id is remembered; older ones are looked up in the file. */
const REMEMBERED = 20_000;

/** Events of earlier runs that are looked at for what is said again under another number. */
const REPEATABLE = 10_000;

export interface LocalBusOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  /**
   * What numbers the statements: equal for an engine with equal settings. Statements that an engine with other settings
   * makes of a past that was lived through before are not published: nobody said them then.
   */
  readonly origin: string;
  readonly onFailure: (error: unknown) => void;
  /** Ids begin above it, and above those in the store (default: the time in microseconds). */
  readonly firstId?: number;
}

/** The bus of one process: ids from one sequence, the persisted log, listeners called in turn. */
export class LocalBus implements EventBus {
  readonly ids: EventIds;
  readonly store: EventStore;
  private readonly options: LocalBusOptions;
  private readonly listeners = new Set<(event: BusEvent) => void>();
  private readonly eventOf = new Map<string, number>();
  private readonly knownStatement: number;
  /** What the runs before said last, by type and identity: a tape that lost its end may number it anew. */
  private readonly said: ReadonlyMap<string, number>;
  private pending: EventRecord[] = [];
  private link: { readonly seq: number; readonly hash: string };
  private isRecovering = true;
  /** Whether the log is of an engine with other settings. */
  private readonly isOther: boolean;
  /** Statements that were said again, or that nobody had said. */
  suppressed = 0;
  /** Events lost to the bound of those that wait. */
  dropped = 0;
  failures = 0;

  constructor(options: LocalBusOptions) {
    const { store, clock, origin } = options;
    this.options = options;
    this.store = store;
    this.ids = new EventIds(Math.max(options.firstId ?? clock.nowUs(), store.lastId));
    this.link = store.lastLink();
    this.knownStatement = store.lastStatement;
    this.isOther = store.size > 0 && store.meta('origin') !== origin;
    this.said = this.isOther ? new Map() : store.newestIdentities(REPEATABLE);
    if (store.completeFromId === 0) store.setMeta('complete_from', String(this.ids.last + 1));
  }

  /** Ends the recovery of what an earlier run left: from here on everything said is new. */
  goLive(): void {
    this.isRecovering = false;
    this.commit();
    this.store.setMeta('origin', this.options.origin);
  }

  publish(draft: EventDraft): number | undefined {
    if (this.wasPublished(draft)) {
      this.suppressed += 1;
      return undefined;
    }
    const id = this.ids.next();
    const replacesId = draft.replaces === undefined ? undefined : this.idOf(draft.replaces, draft.type);
    const event = draft.build(id, replacesId);
    const text = JSON.stringify(event);
    const link = draft.isChained ? this.nextLink(text) : undefined;
    this.pending.push({ id, draft, origin: this.options.origin, text, link });
    this.remember(draft, id);
    if (this.pending.length % COMMIT_EVENTS === 0) this.commit();
    const { channel, type, symbol, timeframe, atUs, pattern, status, level } = draft;
    const published = { id, channel, type, symbol, timeframe, atUs, pattern, status, level, text };
    for (const listener of this.listeners) listener(published);
    return id;
  }

  listen(listener: (event: BusEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Id of the newest event of a statement. */
  idOf(statement: number, type: string): number | undefined {
    return this.eventOf.get(`${type} ${statement}`) ?? this.store.find(statement, type)?.id;
  }

  /** Whether events wait for {@link commit}. */
  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  /** Puts what was published into the file. A failure is told, and the events are offered again. */
  commit(): void {
    if (this.pending.length === 0) return;
    try {
      this.store.write(this.pending);
      this.pending = [];
    } catch (error) {
      this.failures += 1;
      this.options.onFailure(error);
      const surplus = this.pending.length - MAX_PENDING;
      if (surplus <= 0) return;
      // A link of the signal log stays: without it every later one would look forged.
      const kept = this.pending.filter((record, i) => i >= surplus || record.link !== undefined);
      this.dropped += this.pending.length - kept.length;
      this.pending = kept;
    }
  }

  close(): void {
    this.commit();
    this.store.close();
  }

  private wasPublished(draft: EventDraft): boolean {
    const { statement } = draft;
    if (statement === undefined) return false;
    if (this.isOther) return this.isRecovering;
    const saidAs = this.said.get(`${draft.type} ${draft.identity}`);
    if (saidAs !== undefined) {
      this.remember(draft, saidAs);
      return true;
    }
    if (statement > this.knownStatement) return false;
    const known = this.store.find(statement, draft.type);
    return known?.origin === this.options.origin && known.identity === draft.identity;
  }

  private remember(draft: EventDraft, id: number): void {
    if (draft.statement === undefined) return;
    this.eventOf.set(`${draft.type} ${draft.statement}`, id);
    if (this.eventOf.size <= REMEMBERED) return;
    const oldest = this.eventOf.keys().next().value;
    if (oldest !== undefined) this.eventOf.delete(oldest);
  }

  /** The link is made of what was published, letter by letter. */
  private nextLink(text: string): ChainLink {
    const event = JSON.parse(text) as object;
    const record = canonicalJson({ ...event, recorded_at_us: this.options.clock.nowUs() });
    const link = { seq: this.link.seq + 1, record, hash: chainHash(this.link.hash, record) };
    this.link = link;
    return link;
  }
}
