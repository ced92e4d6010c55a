import type { BarAssembly } from './bar-assembly.ts';
import { BAR_FIELDS, PRINT_FIELDS } from './bar-fields.ts';
import { addTick, mergeRecord, openRecord } from './bar-record.ts';
import { findInLedger, ledgerLength, ledgerRecord, type SeriesLayout } from './symbol-state.ts';
import { sourceOf } from './tick-flags.ts';
import { heldTick, type TickRing } from './tick-ring.ts';
import { tradeTie } from './trade-tie.ts';

const {
  START,
  END,
  COUNT,
  SPREAD_SUM,
  SPREAD_COUNT,
  BID,
  ASK,
  BID_SIZE,
  ASK_SIZE,
  REVISION,
  FROM_SOURCE,
  LISTED,
  LABEL,
  TAINTED,
  BAR_WIDTH,
} = BAR_FIELDS;
const { PRINT_TS, PRINT_PRICE, PRINT_SIZE, PRINT_TIE, PRINT_WIDTH } = PRINT_FIELDS;

/** What a rebuilt record keeps of the one it replaces: all that is not a function of its trades. */
const KEPT_BY_ROOTS = [REVISION, LISTED, SPREAD_SUM, SPREAD_COUNT, BID, ASK, BID_SIZE, ASK_SIZE] as const;
const KEPT_BY_PARENTS = [REVISION, LISTED] as const;

/**
 * Takes trades out of bars. Aggregates can not be subtracted from (the high was whose?), so the finest bar is rebuilt
 * from the ticks in the ring and each coarser one from the bars that feed it. A rebuilt record that does not hold
 * exactly one trade less than the old one proves that not everything is held any more: the bar is then left alone,
 * marked, and a repair from stored trades asked for. Only ticks received within the horizon count as held, so that a
 * restored snapshot, which carries just those, goes on exactly as the uninterrupted run.
 */
export class TradeRemoval {
  private readonly assembly: BarAssembly;
  private readonly ring: TickRing;
  private readonly arrivalBreaksTies: boolean;
  private readonly horizonUs: number;
  private readonly scratch = new Float64Array(BAR_WIDTH);
  private readonly print = new Float64Array(PRINT_WIDTH);
  private readonly candidate = heldTick();

  constructor(assembly: BarAssembly, ring: TickRing, arrivalBreaksTies: boolean, horizonUs: number) {
    this.assembly = assembly;
    this.ring = ring;
    this.arrivalBreaksTies = arrivalBreaksTies;
    this.horizonUs = horizonUs;
  }

  /**
   * Takes the newest held trade of an id out of ring and bars.
   * @returns its event time, `undefined` when no such trade is held
   */
  takeBack(symbol: number, state: Float64Array, id: number, source: number): number | undefined {
    const index = this.find(symbol, id, source);
    if (index < 0) return undefined;
    this.ring.remove(symbol, index);
    const tsUs = this.candidate.ts;
    for (const root of this.assembly.tree.roots) this.rebuild(symbol, state, root, tsUs, -1);
    return tsUs;
  }

  /** Whether every tick received within the horizon is still in the ring. */
  holdsHorizon(symbol: number): boolean {
    const oldest = this.ring.oldest(symbol);
    if (oldest === 0 || oldest === this.ring.pushed(symbol)) return true;
    this.ring.read(symbol, oldest, this.candidate);
    return !this.isUsable();
  }

  private isUsable(): boolean {
    return this.candidate.recv > this.assembly.announcer.nowUs - this.horizonUs;
  }

  private find(symbol: number, id: number, source: number): number {
    for (let index = this.ring.pushed(symbol) - 1; index >= this.ring.oldest(symbol); index--) {
      const isThere = this.ring.read(symbol, index, this.candidate);
      if (!this.isUsable()) return -1;
      if (isThere && this.candidate.id === id && sourceOf(this.candidate.flags) === source) return index;
    }
    return -1;
  }

  /** Rebuilds the bar of a timeframe that holds `tsUs`, `change` trades richer than it was, and those that it feeds. */
  rebuild(symbol: number, state: Float64Array, timeframe: number, tsUs: number, change: number): void {
    const { assembly } = this;
    const layout = assembly.layout.series[timeframe] as SeriesLayout;
    const clock = assembly.locate(symbol, timeframe, tsUs);
    const startUs = clock.startUs as number;
    const endUs = clock.endUs as number;
    const current = assembly.hotRow(symbol) + layout.current;
    const isCurrent = assembly.hot[current + START] === startUs;
    const records = isCurrent ? assembly.hot : state;
    const at = isCurrent ? current : this.held(state, layout, startUs);
    if (at >= 0 && records[at + FROM_SOURCE] === 1) return;
    if (at < 0) assembly.announcer.needRepair(symbol, timeframe, startUs, endUs);
    else if (this.refill(symbol, state, timeframe, records, at, change)) {
      if (!isCurrent) assembly.announcer.touch(timeframe, at);
    } else this.taint(symbol, timeframe, records, at, isCurrent);
    if (isCurrent) return;
    for (const consumer of assembly.tree.consumers[timeframe] as readonly number[]) {
      this.rebuild(symbol, state, consumer, tsUs, change);
    }
  }

  private held(state: Float64Array, layout: SeriesLayout, startUs: number): number {
    const index = findInLedger(state, layout, startUs);
    return index < 0 ? -1 : ledgerRecord(state, layout, index);
  }

  private taint(symbol: number, timeframe: number, records: Float64Array, at: number, isCurrent: boolean): void {
    records[at + TAINTED] = 1;
    if (isCurrent || (records[at + REVISION] as number) < 0) return;
    this.assembly.announcer.needRepair(symbol, timeframe, records[at + START] as number, records[at + END] as number);
  }

  private refill(
    symbol: number,
    state: Float64Array,
    timeframe: number,
    records: Float64Array,
    at: number,
    change: number,
  ): boolean {
    const { scratch } = this;
    openRecord(scratch, 0, records[at + START] as number, records[at + END] as number, records[at + LABEL] as number);
    const feeder = this.assembly.tree.feeder[timeframe] as number;
    if (feeder < 0) this.refillFromTicks(symbol);
    else this.refillFromBars(state, feeder);
    if (scratch[COUNT] !== (records[at + COUNT] as number) + change) return false;
    for (const field of feeder < 0 ? KEPT_BY_ROOTS : KEPT_BY_PARENTS) scratch[field] = records[at + field] as number;
    records.set(scratch, at);
    return true;
  }

  private refillFromTicks(symbol: number): void {
    const { ring, scratch, candidate, print } = this;
    for (let index = ring.oldest(symbol); index < ring.pushed(symbol); index++) {
      if (!ring.read(symbol, index, candidate) || !this.isUsable()) continue;
      const { ts, price, size, id, flags } = candidate;
      if (ts < (scratch[START] as number) || ts >= (scratch[END] as number)) continue;
      print[PRINT_TS] = ts;
      print[PRINT_PRICE] = price;
      print[PRINT_SIZE] = size;
      print[PRINT_TIE] = tradeTie(id, size, this.arrivalBreaksTies, index);
      addTick(scratch, 0, print, flags);
    }
  }

  private refillFromBars(state: Float64Array, feeder: number): void {
    const { scratch } = this;
    const layout = this.assembly.layout.series[feeder] as SeriesLayout;
    const from = findInLedger(state, layout, scratch[START] as number);
    for (let i = from < 0 ? -1 - from : from; i < ledgerLength(state, layout); i++) {
      const at = ledgerRecord(state, layout, i);
      if ((state[at + START] as number) >= (scratch[END] as number)) return;
      mergeRecord(scratch, 0, state, at);
    }
  }
}
