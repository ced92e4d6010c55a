import { type EventBatch, EventKind } from '../model/index.ts';
import { DeliveredPrints, printKey } from './delivered-prints.ts';
import type { GroupMember } from './group-member.ts';

/** Prints may be this late in their feed: so far behind the watermark two feeds are compared at a hand-over. */
const LATENESS_US = 5_000_000;
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

/** A row of a stand-by. */
export interface HeldRow {
  readonly batch: EventBatch;
  readonly row: number;
  isWanted: boolean;
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
  /** By place of the member: what it told, delivered or not. */
  private readonly told: readonly DeliveredPrints[];
  /** Watermark of the latest hand-over, in milliseconds. */
  private boundaryMs = Number.NEGATIVE_INFINITY;
  /** Where the comparison of the two feeds began. */
  private comparedMs = Number.NEGATIVE_INFINITY;
  /** Prints before it that the new server has not told yet; `undefined`: it stamps them otherwise, the watermark alone counts. */
  private leftover: Map<string, number> | undefined;
  /** Ids of the trades up to the watermark that the source which serves has told. */
  private readonly toldIds = new Set<string>();

  constructor(id: number, symbol: string, members: readonly GroupMember[]) {
    this.id = id;
    this.symbol = symbol;
    this.members = members;
    this.aheadSinceMs = members.map(() => Number.POSITIVE_INFINITY);
    this.lostMs = members.map(() => Number.NEGATIVE_INFINITY);
    this.told = members.map(() => new DeliveredPrints());
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
    const isBefore = Math.floor(tsUs / 1_000) <= this.boundaryMs;
    if (kind === EventKind.Quote && isBefore && tsUs < this.quoteUs) return false;
    if (kind === EventKind.Trade && isBefore) {
      if (this.leftover === undefined || this.isToldAgain(batch, row)) return false;
      if (takeOne(this.leftover, keyOf(batch, row))) {
        this.noteToldId(batch, row);
        return false;
      }
      if (Math.floor(tsUs / 1_000) < this.comparedMs && this.wasDelivered(batch, row)) return false;
    }
    this.noteDelivered(batch, row);
    return true;
  }

  /** Whether a print from before the comparison was delivered as often as the source that serves has told it by now. */
  private wasDelivered(batch: EventBatch, row: number): boolean {
    const told = this.told[this.members.indexOf(this.serving as GroupMember)] as DeliveredPrints;
    const print = [batch.tsEventUs[row] as number, batch.p0[row] as number, batch.p1[row] as number] as const;
    return this.delivered.count(...print) >= told.count(...print);
  }

  /**
   * Whether the source that serves told this very trade before it took over, by its id: a connection that begins anew,
   * and history at the edge of a hole, tell the last ones again.
   */
  private isToldAgain(batch: EventBatch, row: number): boolean {
    const id = idOf(batch, row);
    return id !== undefined && this.toldIds.has(id);
  }

  private noteToldId(batch: EventBatch, row: number): void {
    const id = batch.kind[row] === EventKind.Trade ? idOf(batch, row) : undefined;
    if (id !== undefined) this.toldIds.add(id);
  }

  private noteDelivered(batch: EventBatch, row: number): void {
    const tsUs = batch.tsEventUs[row] as number;
    if (batch.kind[row] === EventKind.Quote) this.quoteUs = Math.max(this.quoteUs, tsUs);
    else if (batch.kind[row] !== EventKind.Trade) this.barUs = Math.max(this.barUs, tsUs);
    else {
      if (tsUs > this.tradeUs) this.tradeUs = tsUs;
      this.delivered.add(tsUs, batch.p0[row] as number, batch.p1[row] as number);
    }
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

  /** Notes a trade that a source told, whatever becomes of it. */
  noteTold(member: GroupMember, batch: EventBatch, row: number): void {
    if (batch.kind[row] !== EventKind.Trade) return;
    const told = this.told[this.members.indexOf(member)] as DeliveredPrints;
    told.add(batch.tsEventUs[row] as number, batch.p0[row] as number, batch.p1[row] as number);
  }

  /**
   * Hands the symbol to another source, at the watermark of what was delivered. In the overlap before it the two feeds
   * are compared as multisets of (millisecond, price, size): what the new one told more often than it was delivered is
   * delivered now, what was delivered more often it will still tell, and is passed over then.
   * @param held its rows of the symbol that were held, in their order: those to be delivered are marked
   */
  handTo(member: GroupMember, held: readonly HeldRow[]): void {
    const { quoteUs, barUs, tradeUs } = this;
    // Before the first event nothing can be doubled; its own rows after a restart ids and its own repair tell apart.
    const isFirst = this.serving === undefined && (this.heldFrom === member || tradeUs === Number.NEGATIVE_INFINITY);
    const frontierMs = Math.floor(tradeUs / 1_000);
    const fromUs = tradeUs - LATENESS_US;
    const delivered = this.delivered.tally(fromUs);
    const told = (this.told[this.members.indexOf(member)] as DeliveredPrints).tally(fromUs);
    const isAlike = stampAlike(held, fromUs, tradeUs, delivered);
    this.boundaryMs = isFirst ? Number.NEGATIVE_INFINITY : frontierMs;
    this.comparedMs = isFirst ? Number.NEGATIVE_INFINITY : Math.floor(fromUs / 1_000);
    this.leftover = isAlike ? difference(delivered, told) : undefined;
    this.serving = member;
    this.toldIds.clear();
    if (!isFirst) {
      for (const { batch, row } of held) {
        const tsUs = batch.tsEventUs[row] as number;
        if (tsUs >= fromUs && Math.floor(tsUs / 1_000) <= frontierMs) this.noteToldId(batch, row);
      }
    }
    this.noteServed();
    const news = difference(told, delivered);
    // Of equal prints the last ones are the news.
    for (const entry of isFirst ? held : [...held].reverse()) {
      const { batch, row } = entry;
      const tsUs = batch.tsEventUs[row] as number;
      if (batch.kind[row] !== EventKind.Trade) {
        entry.isWanted = batch.kind[row] === EventKind.Quote ? tsUs > quoteUs : tsUs >= barUs;
      } else if (isFirst) entry.isWanted = true;
      else if (isAlike || Math.floor(tsUs / 1_000) > frontierMs) entry.isWanted = takeOne(news, keyOf(batch, row));
    }
    for (const { batch, row, isWanted } of held) if (isWanted) this.noteDelivered(batch, row);
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
    const key = keyOf(batch, row);
    const told = (hole.told.get(key) ?? 0) + 1;
    hole.told.set(key, told);
    if (told <= (hole.known.get(key) ?? 0)) return false;
    this.noteDelivered(batch, row);
    return true;
  }
}

/** Whether most prints of the overlap that the new feed told are those that were delivered. */
function stampAlike(
  held: readonly HeldRow[],
  fromUs: number,
  toUs: number,
  delivered: ReadonlyMap<string, number>,
): boolean {
  // After a restart what was delivered is not known print by print: everything up to the watermark was.
  if (delivered.size === 0) return false;
  const rest = new Map(delivered);
  let told = 0;
  let found = 0;
  for (const { batch, row } of held) {
    const tsUs = batch.tsEventUs[row] as number;
    if (batch.kind[row] !== EventKind.Trade || tsUs < fromUs || tsUs > toUs) continue;
    told++;
    if (takeOne(rest, keyOf(batch, row))) found++;
  }
  return told < LEAST_PRINTS || found >= LEAST_SHARE * told;
}

function keyOf(batch: EventBatch, row: number): string {
  return printKey(batch.tsEventUs[row] as number, batch.p0[row] as number, batch.p1[row] as number);
}

/** A trade's id with its market, where ids are per market. */
function idOf(batch: EventBatch, row: number): string | undefined {
  const id = batch.idOf(row);
  return id === undefined ? undefined : `${batch.exchange[row]}:${id}`;
}

/** What a multiset has more often than another one. */
function difference(of: ReadonlyMap<string, number>, without: ReadonlyMap<string, number>): Map<string, number> {
  const rest = new Map<string, number>();
  for (const [key, count] of of) {
    const more = count - (without.get(key) ?? 0);
    if (more > 0) rest.set(key, more);
  }
  return rest;
}

/** Takes an element out of a multiset; false where there is none. */
function takeOne(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0;
  if (count === 0) return false;
  if (count === 1) counts.delete(key);
  else counts.set(key, count - 1);
  return true;
}
