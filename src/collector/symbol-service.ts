import { type EventBatch, EventKind } from '../model/index.ts';
import { DeliveredPrints, printKey } from './delivered-prints.ts';
import type { GroupMember } from './group-member.ts';

/** Prints may be this late in their feed: so far behind the watermark two feeds are compared at a hand-over. */
export const LATENESS_US = 5_000_000;
/** Prints of the overlap from which on feeds are judged to stamp their prints alike or not, and the share that must agree. */
const LEAST_PRINTS = 5;
const LEAST_SHARE = 0.5;

/** A stretch that no live source covered; history is asked for it. */
export interface SharedHole {
  readonly owner: GroupMember;
  readonly fromUs: number;
  readonly toUs: number;
  readonly cause: string;
  /** Who is asked now, and who was asked. */
  filler: GroupMember | undefined;
  readonly asked: Set<GroupMember>;
  /** Prints delivered in and around it, and those that history told. */
  readonly known: Map<string, number>;
  readonly told: Map<string, number>;
}

/** The stretch for which another source serves than the one that should. */
export interface ServedElsewhere {
  readonly member: GroupMember;
  readonly fromUs: number;
  readonly cause: string;
}

/**
 * One symbol with several sources: which of them serves it, what went to the engine lately, and which rows of a new
 * server are repeats of what the one before had delivered.
 */
export class SymbolService {
  readonly id: number;
  readonly symbol: string;
  /** By priority. */
  readonly members: readonly GroupMember[];
  serving: GroupMember | undefined;
  /** The source whose events were the last before the program started. */
  heldFrom: GroupMember | undefined;
  elsewhere: ServedElsewhere | undefined;
  /** From where on nothing is known, until the one that serves shows from where on it has everything. */
  uncovered: ServedElsewhere | undefined;
  holes: SharedHole[] = [];
  /** Newest event times delivered: of trades, of quotes, of bars. */
  tradeUs = Number.NEGATIVE_INFINITY;
  quoteUs = Number.NEGATIVE_INFINITY;
  barUs = Number.NEGATIVE_INFINITY;
  /** By place of the member: since when it is ahead of the one that serves, and when it lost the symbol. */
  readonly aheadSinceMs: number[];
  readonly lostMs: number[];
  readonly lastUs: number[];
  private readonly delivered = new DeliveredPrints();
  /** Watermark of the latest hand-over, in milliseconds. */
  private boundaryMs = Number.NEGATIVE_INFINITY;
  /** Prints before it that the new server has not told yet; `undefined`: it stamps them otherwise, the watermark alone counts. */
  private leftover: Map<string, number> | undefined;

  constructor(id: number, symbol: string, members: readonly GroupMember[]) {
    this.id = id;
    this.symbol = symbol;
    this.members = members;
    this.aheadSinceMs = members.map(() => Number.POSITIVE_INFINITY);
    this.lostMs = members.map(() => Number.NEGATIVE_INFINITY);
    this.lastUs = members.map(() => Number.NEGATIVE_INFINITY);
  }

  /** Newest event time delivered. */
  get frontierUs(): number {
    return Math.max(this.tradeUs, this.quoteUs, this.barUs);
  }

  /** Whether a row of the source that serves is news; if so it counts as delivered. */
  takes(batch: EventBatch, row: number): boolean {
    const kind = batch.kind[row];
    const tsUs = batch.tsEventUs[row] as number;
    if (kind === EventKind.Quote) {
      if (Math.floor(tsUs / 1_000) <= this.boundaryMs && tsUs < this.quoteUs) return false;
      if (tsUs > this.quoteUs) this.quoteUs = tsUs;
      return true;
    }
    if (kind !== EventKind.Trade) {
      if (tsUs > this.barUs) this.barUs = tsUs;
      return true;
    }
    if (Math.floor(tsUs / 1_000) <= this.boundaryMs && this.isRepeat(batch, row)) return false;
    this.deliver(batch, row);
    return true;
  }

  private isRepeat(batch: EventBatch, row: number): boolean {
    if (this.leftover === undefined) return true;
    const key = printKey(batch.tsEventUs[row] as number, batch.p0[row] as number, batch.p1[row] as number);
    const count = this.leftover.get(key) ?? 0;
    if (count === 0) return false;
    if (count === 1) this.leftover.delete(key);
    else this.leftover.set(key, count - 1);
    return true;
  }

  private deliver(batch: EventBatch, row: number): void {
    const tsUs = batch.tsEventUs[row] as number;
    if (tsUs > this.tradeUs) this.tradeUs = tsUs;
    this.delivered.add(tsUs, batch.p0[row] as number, batch.p1[row] as number);
  }

  /** Notes a row of a stand-by: whether it is ahead of what was delivered, and since when. */
  noteAhead(member: GroupMember, tsUs: number, nowMs: number): void {
    const at = this.members.indexOf(member);
    if (tsUs > (this.lastUs[at] as number)) this.lastUs[at] = tsUs;
    if (Math.floor(tsUs / 1_000) <= Math.floor(this.frontierUs / 1_000)) return;
    if (this.aheadSinceMs[at] === Number.POSITIVE_INFINITY) this.aheadSinceMs[at] = nowMs;
  }

  /** The one that serves said something: nobody waits for it. */
  noteServed(): void {
    this.aheadSinceMs.fill(Number.POSITIVE_INFINITY);
  }

  /** Whether the one that serves has been silent for so long while a stand-by went on. */
  isStalled(nowMs: number, stallMs: number): boolean {
    return this.aheadSinceMs.some((sinceMs) => nowMs - sinceMs >= stallMs);
  }

  /**
   * Hands the symbol to another source, at the watermark of what was delivered. In the overlap before it the two feeds
   * are compared as multisets of (millisecond, price, size).
   * @returns the rows that the new one has said already and that are still to be delivered: to be asked of each of its
   * rows in their order
   */
  handTo(member: GroupMember): (batch: EventBatch, row: number) => boolean {
    // What was held of this very source goes on as it stands: ids and its own repair tell repeats.
    const goesOn = this.serving === undefined && this.heldFrom === member;
    const frontierMs = goesOn ? Number.NEGATIVE_INFINITY : Math.floor(this.tradeUs / 1_000);
    const fromMs = goesOn ? Number.NEGATIVE_INFINITY : Math.floor((this.tradeUs - LATENESS_US) / 1_000);
    const leftover = this.delivered.tally(this.tradeUs - LATENESS_US);
    this.boundaryMs = frontierMs;
    this.leftover = this.stampAlike(member, fromMs, frontierMs, leftover) ? leftover : undefined;
    this.serving = member;
    this.noteServed();
    const { quoteUs, barUs } = this;
    return (batch, row) => {
      if (batch.symbol[row] !== this.id) return false;
      const tsUs = batch.tsEventUs[row] as number;
      if (batch.kind[row] === EventKind.Trade) return Math.floor(tsUs / 1_000) >= fromMs && this.takes(batch, row);
      if (batch.kind[row] === EventKind.Quote) return tsUs > quoteUs && this.takes(batch, row);
      return tsUs >= barUs && this.takes(batch, row);
    };
  }

  /** Whether most prints of the overlap that the new feed told are those that were delivered. */
  private stampAlike(
    member: GroupMember,
    fromMs: number,
    toMs: number,
    delivered: ReadonlyMap<string, number>,
  ): boolean {
    // After a restart what was delivered is not known print by print: everything up to the watermark was.
    if (delivered.size === 0) return false;
    const rest = new Map(delivered);
    let told = 0;
    let found = 0;
    member.held.forEach((batch, row) => {
      if (batch.symbol[row] !== this.id || batch.kind[row] !== EventKind.Trade) return;
      const tsUs = batch.tsEventUs[row] as number;
      const ms = Math.floor(tsUs / 1_000);
      if (ms < fromMs || ms > toMs) return;
      told++;
      const key = printKey(tsUs, batch.p0[row] as number, batch.p1[row] as number);
      const count = rest.get(key) ?? 0;
      if (count === 0) return;
      found++;
      rest.set(key, count - 1);
    });
    return told < LEAST_PRINTS || found >= LEAST_SHARE * told;
  }

  /** A stretch that history is asked for; what was delivered around it is known. */
  openHole(owner: GroupMember, fromUs: number, toUs: number, cause: string): SharedHole {
    const known = this.delivered.tally(fromUs - LATENESS_US);
    const hole: SharedHole = {
      ...{ owner, fromUs, toUs, cause, known },
      filler: undefined,
      told: new Map(),
      asked: new Set(),
    };
    this.holes.push(hole);
    return hole;
  }

  closeHole(hole: SharedHole): void {
    this.holes = this.holes.filter((each) => each !== hole);
  }

  /** Whether a row of a source that does not serve fills a hole that it was asked for; if so it counts as delivered. */
  fills(member: GroupMember, batch: EventBatch, row: number): boolean {
    if (this.holes.length === 0 || batch.kind[row] !== EventKind.Trade) return false;
    const tsUs = batch.tsEventUs[row] as number;
    const hole = this.holes.find((each) => each.filler === member && tsUs >= each.fromUs && tsUs <= each.toUs);
    if (hole === undefined) return false;
    const key = printKey(tsUs, batch.p0[row] as number, batch.p1[row] as number);
    const told = (hole.told.get(key) ?? 0) + 1;
    hole.told.set(key, told);
    if (told <= (hole.known.get(key) ?? 0)) return false;
    this.deliver(batch, row);
    return true;
  }
}
