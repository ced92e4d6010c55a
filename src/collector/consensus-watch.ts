import { EventBatch, EventKind } from '../model/index.ts';
import {
  type ConcurrentRange,
  type ConsensusSettings,
  concurrentRange,
  isDoubtful,
  isOutside,
  PriceTrack,
} from './consensus.ts';
import type { GroupMember } from './group-member.ts';
import type { SymbolService } from './symbol-service.ts';

/** How often feeds are compared. */
const COMPARE_MS = 1_000;
/** Doubtful prints that wait at once; beyond it a further one goes on unjudged (counted). */
const MAX_HELD = 1_024;

/** Another source's concurrent prices, by its name. */
export interface Evidence extends ConcurrentRange {
  readonly source: string;
}

/** Two sources of a symbol that do not agree, or agree again. */
export interface Divergence {
  readonly service: SymbolService;
  readonly other: string;
  readonly isOver: boolean;
  readonly servingPrice: number;
  readonly otherPrice: number;
  readonly distanceBps: number;
  /** The distance from which it is told. */
  readonly limitBps: number;
}

export interface ConsensusPorts {
  /** A print that was held goes on: another source confirmed it. */
  release(batch: EventBatch, row: number): void;
  /** A print that no other source confirmed. */
  refuse(batch: EventBatch, row: number, evidence: readonly Evidence[]): void;
  diverged(divergence: Divergence): void;
}

interface HeldPrint {
  readonly service: SymbolService;
  readonly print: EventBatch;
  readonly price: number;
  readonly tolerance: number;
  readonly dueMs: number;
  readonly evidence: readonly Evidence[];
}

interface Comparison {
  readonly service: SymbolService;
  readonly tracks: readonly PriceTrack[];
  /** By place of the member: since when it is apart, and whether that was told. */
  readonly apartSinceMs: number[];
  readonly isTold: boolean[];
  newestUs: number;
  /** Latest price of another source than the one that serves. */
  lastOther: number;
}

/** Holds the prints of the source that serves a symbol against what the others say at the same time. */
export class ConsensusWatch {
  /** Prints refused, and prints that were not judged because too many waited. */
  refused = 0;
  unjudged = 0;
  private readonly settings: ConsensusSettings;
  private readonly ports: ConsensusPorts;
  private readonly comparisons = new Map<number, Comparison>();
  private held: HeldPrint[] = [];
  private comparedMs = Number.NEGATIVE_INFINITY;

  constructor(settings: ConsensusSettings, ports: ConsensusPorts) {
    this.settings = settings;
    this.ports = ports;
  }

  /** Notes what a source says; prices of others confirm prints that wait. */
  note(service: SymbolService, member: GroupMember, batch: EventBatch, row: number): void {
    const price = priceOf(batch, row);
    if (!(price > 0)) return;
    const comparison = this.comparisonOf(service);
    const tsUs = batch.tsEventUs[row] as number;
    comparison.tracks[service.members.indexOf(member)]?.add(tsUs, price);
    if (tsUs > comparison.newestUs) comparison.newestUs = tsUs;
    if (member === service.serving) return;
    comparison.lastOther = price;
    if (this.held.length > 0) this.confirm(service, price);
  }

  private confirm(service: SymbolService, price: number): void {
    this.held = this.held.filter((each) => {
      if (each.service !== service || Math.abs(price - each.price) > each.tolerance) return true;
      this.ports.release(each.print, 0);
      return false;
    });
  }

  /** Whether a trade of the source that serves is doubtful, and waits here; it was noted before. */
  holds(service: SymbolService, batch: EventBatch, row: number, nowMs: number): boolean {
    const comparison = this.comparisonOf(service);
    const price = batch.p0[row] as number;
    const { lastOther } = comparison;
    if (!(Math.abs(price / lastOther - 1) * 10_000 > this.settings.toleranceBps)) return false;
    const tsUs = batch.tsEventUs[row] as number;
    const evidence = service.members.flatMap((member, at): Evidence[] => {
      if (member === service.serving) return [];
      const range = concurrentRange(comparison.tracks[at] as PriceTrack, tsUs, this.settings);
      return range === undefined ? [] : [{ source: member.source.id, ...range }];
    });
    const own = comparison.tracks[service.members.indexOf(service.serving as GroupMember)] as PriceTrack;
    if (!isDoubtful(price, own, evidence)) return false;
    if (this.held.length >= MAX_HELD) {
      this.unjudged++;
      return false;
    }
    const print = new EventBatch(1);
    print.copyRow(batch, row);
    const tolerance = Math.min(...evidence.map((range) => range.tolerance));
    this.held.push({ service, print, price, tolerance, evidence, dueMs: nowMs + this.settings.holdMs });
    return true;
  }

  /** Refuses what nobody confirmed in time, and compares the feeds now and then. */
  look(nowMs: number): void {
    if (this.held.length > 0) this.refuseUntil(nowMs);
    if (nowMs - this.comparedMs < COMPARE_MS) return;
    this.comparedMs = nowMs;
    for (const comparison of this.comparisons.values()) this.compare(comparison, nowMs);
  }

  /** Refuses everything that still waits: the end of a run. */
  finish(): void {
    this.refuseUntil(Number.POSITIVE_INFINITY);
  }

  private refuseUntil(nowMs: number): void {
    const due = this.held.filter((each) => each.dueMs <= nowMs);
    this.held = this.held.filter((each) => each.dueMs > nowMs);
    for (const { print, evidence, service, price } of due) {
      this.refused++;
      // What the others said meanwhile belongs to the evidence.
      const tsUs = print.tsEventUs[0] as number;
      const { tracks } = this.comparisonOf(service);
      const since = evidence.map((each) => {
        const at = service.members.findIndex(({ source }) => source.id === each.source);
        const range = concurrentRange(tracks[at] as PriceTrack, tsUs, this.settings);
        return range === undefined || !isOutside(price, range) ? each : { ...each, ...range };
      });
      this.ports.refuse(print, 0, since);
    }
  }

  private compare({ service, tracks, apartSinceMs, isTold, newestUs }: Comparison, nowMs: number): void {
    const serving = service.members.indexOf(service.serving as GroupMember);
    const own = serving < 0 ? undefined : concurrentRange(tracks[serving] as PriceTrack, newestUs, this.settings);
    service.members.forEach((member, at) => {
      if (at === serving) return;
      const other = concurrentRange(tracks[at] as PriceTrack, newestUs, this.settings);
      if (own === undefined || other === undefined) return;
      const distanceBps = Math.abs(own.median / other.median - 1) * 10_000;
      const isApart = distanceBps > this.settings.divergenceBps;
      if (!isApart) apartSinceMs[at] = Number.POSITIVE_INFINITY;
      else if (apartSinceMs[at] === Number.POSITIVE_INFINITY) apartSinceMs[at] = nowMs;
      const isDiverged = isApart && nowMs - (apartSinceMs[at] as number) >= this.settings.divergenceMs;
      if (isDiverged === isTold[at] || (isApart && !isDiverged)) return;
      isTold[at] = isDiverged;
      const [servingPrice, otherPrice] = [own.median, other.median];
      this.ports.diverged({
        service,
        other: member.source.id,
        isOver: !isDiverged,
        servingPrice,
        otherPrice,
        distanceBps,
        limitBps: this.settings.divergenceBps,
      });
    });
  }

  private comparisonOf(service: SymbolService): Comparison {
    let comparison = this.comparisons.get(service.id);
    if (comparison === undefined) {
      comparison = {
        service,
        tracks: service.members.map(() => new PriceTrack()),
        apartSinceMs: service.members.map(() => Number.POSITIVE_INFINITY),
        isTold: service.members.map(() => false),
        newestUs: Number.NEGATIVE_INFINITY,
        lastOther: Number.NaN,
      };
      this.comparisons.set(service.id, comparison);
    }
    return comparison;
  }
}

/** Price of a trade, or the middle of a quote; NaN for anything else. */
function priceOf(batch: EventBatch, row: number): number {
  if (batch.kind[row] === EventKind.Trade) return batch.p0[row] as number;
  if (batch.kind[row] !== EventKind.Quote) return Number.NaN;
  return ((batch.p0[row] as number) + (batch.p2[row] as number)) / 2;
}
