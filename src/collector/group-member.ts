import type { Universe } from '../model/index.ts';
import type { Source } from '../sources/index.ts';
import { HeldRows } from './held-rows.ts';

/** One of several sources of the same symbols. */
export class GroupMember {
  readonly source: Source;
  /** Place in the order of priority: 0 is the first. */
  readonly rank: number;
  readonly sourceId: number;
  /** Instruments that it carries. */
  readonly symbols: ReadonlySet<number>;
  readonly held = new HeldRows();
  state: 'connecting' | 'live' | 'down' | 'failed' = 'connecting';
  /** On the monotonic clock: when it last connected, and until when it is left alone. */
  liveSinceMs = Number.POSITIVE_INFINITY;
  restUntilMs = 0;
  /** Event time from which on everything came, since it last connected. +Infinity before its first row. */
  coveredFromUs = Number.POSITIVE_INFINITY;
  newestUs = Number.NEGATIVE_INFINITY;
  /** Symbols that it serves. */
  serves = 0;
  /** Times that it took over from another one. */
  takeOvers = 0;
  /** Why it will not come back. */
  failure: string | undefined;

  constructor(source: Source, rank: number, universe: Universe) {
    this.source = source;
    this.rank = rank;
    this.sourceId = universe.sources.intern(source.id);
    this.symbols = new Set(source.instruments().map((instrument) => universe.add(instrument)));
  }

  /** Whether it could serve now. */
  isReady(nowMs: number): boolean {
    if (this.state === 'failed' || nowMs < this.restUntilMs) return false;
    if (this.source.isPolled !== true) return this.state === 'live';
    const { breaker, quota } = this.source.health?.() ?? { breaker: 'closed', quota: undefined };
    return breaker !== 'open' && !(quota?.window === 'day' && quota.left <= 0);
  }

  connected(nowMs: number): void {
    this.state = 'live';
    this.liveSinceMs = nowMs;
    this.coveredFromUs = Number.POSITIVE_INFINITY;
  }

  disconnected(nowMs: number, restMs: number): void {
    this.state = 'down';
    this.liveSinceMs = Number.POSITIVE_INFINITY;
    if (this.source.isPolled === true) this.restUntilMs = nowMs + restMs;
  }

  /** Notes the time of a row. */
  note(tsUs: number): void {
    if (tsUs > this.newestUs) this.newestUs = tsUs;
    if (this.coveredFromUs === Number.POSITIVE_INFINITY) this.coveredFromUs = tsUs;
  }
}
