import type { EventBatch } from '../model/index.ts';
import type { BarAssembly } from './bar-assembly.ts';
import { BAR_FIELDS } from './bar-fields.ts';
import { openRecord } from './bar-record.ts';
import { clearCurrent, findInLedger, ledgerRecord, type SeriesLayout } from './symbol-state.ts';
import type { TradeRemoval } from './trade-removal.ts';

const {
  START,
  END,
  TIER,
  HIGH,
  LOW,
  CLOSE,
  CLOSE_TS,
  CLOSE_TIE,
  VOLUME,
  NOTIONAL,
  COUNT,
  QUALITY,
  SOURCE,
  OPEN,
  OPEN_TS,
  OPEN_TIE,
  REVISION,
  FROM_SOURCE,
  LISTED,
  LABEL,
  BAR_WIDTH,
} = BAR_FIELDS;

const COMPARED = [OPEN, HIGH, LOW, CLOSE, VOLUME, NOTIONAL, COUNT] as const;

/**
 * Bars that a provider or a file delivers ready-made. They enter the series of their timeframe as they are, final at
 * once (revised when the same start comes again with other values), and feed the coarser timeframes. Where trades or
 * finer bars already build the interval, those win and the provider's bar is counted and left; where the provider's bar
 * came first, trades of its interval are left to it.
 */
export class SourceBars {
  private readonly assembly: BarAssembly;
  private readonly removal: TradeRemoval;
  private readonly timeframeOfLength: ReadonlyMap<number, number>;
  private readonly record = new Float64Array(BAR_WIDTH);
  private readonly forming = new Float64Array(BAR_WIDTH);

  constructor(assembly: BarAssembly, removal: TradeRemoval) {
    this.assembly = assembly;
    this.removal = removal;
    this.timeframeOfLength = new Map(assembly.timeframes.map(({ lengthUs }, i) => [lengthUs, i]));
  }

  /** @returns false when no timeframe has the length of the bar. */
  add(batch: EventBatch, row: number, quality: number): boolean {
    const timeframe = this.timeframeOfLength.get(batch.p7[row] as number);
    if (timeframe === undefined) return false;
    const { assembly } = this;
    const symbol = batch.symbol[row] as number;
    const state = assembly.stateOf(symbol);
    const { startUs, endUs, labelUs } = assembly.locate(symbol, timeframe, batch.tsEventUs[row] as number);
    this.fill(batch, row, quality, startUs as number, endUs as number, labelUs as number);
    assembly.announcer.isSourceBar = true;
    if (this.isBuiltHere(symbol, state, timeframe)) assembly.announcer.counters.sourceBarsUnused++;
    else this.enter(symbol, state, timeframe);
    assembly.announcer.settle(symbol, state);
    assembly.announcer.isSourceBar = false;
    return true;
  }

  private fill(batch: EventBatch, row: number, quality: number, startUs: number, endUs: number, labelUs: number): void {
    const { record } = this;
    const volume = batch.p4[row] as number;
    const trades = batch.p6[row] as number;
    // A bar with no stated count still holds something; 1 keeps it from reading as empty.
    const count = Number.isNaN(trades) ? 1 : Math.max(1, trades);
    openRecord(record, 0, startUs, endUs, labelUs);
    record[TIER] = 2;
    record[OPEN] = batch.p0[row] as number;
    record[HIGH] = batch.p1[row] as number;
    record[LOW] = batch.p2[row] as number;
    record[CLOSE] = batch.p3[row] as number;
    record[OPEN_TS] = startUs;
    record[CLOSE_TS] = endUs - 1;
    record[OPEN_TIE] = Number.NEGATIVE_INFINITY;
    record[CLOSE_TIE] = Number.POSITIVE_INFINITY;
    record[VOLUME] = volume === volume ? volume : 0;
    // An unknown vwap stays unknown, in coarser bars too.
    record[NOTIONAL] = volume === volume ? (batch.p5[row] as number) * volume : 0;
    record[COUNT] = count;
    record[QUALITY] = Math.round(quality * 1000) * count;
    record[SOURCE] = batch.source[row] as number;
    record[FROM_SOURCE] = 1;
  }

  /** Whether trades or finer bars already stand in the interval. */
  private isBuiltHere(symbol: number, state: Float64Array, timeframe: number): boolean {
    const { assembly, record } = this;
    const layout = assembly.layout.series[timeframe] as SeriesLayout;
    const startUs = record[START] as number;
    const { hot } = assembly;
    const current = assembly.hotRow(symbol) + layout.current;
    if (hot[current + START] === startUs) {
      if (assembly.forming(symbol, timeframe, this.forming)) return true;
      clearCurrent(hot, current);
    } else if (startUs >= (hot[current + END] as number)) {
      assembly.roll(symbol, state, timeframe);
    }
    const index = findInLedger(state, layout, startUs);
    if (index < 0) return false;
    const at = ledgerRecord(state, layout, index);
    return state[at + FROM_SOURCE] !== 1 && (state[at + COUNT] as number) > 0;
  }

  private enter(symbol: number, state: Float64Array, timeframe: number): void {
    const { assembly, record } = this;
    const startUs = record[START] as number;
    const endUs = record[END] as number;
    const at = assembly.entry(symbol, state, timeframe, startUs, endUs, record[LABEL] as number);
    if (at < 0) {
      this.enterUnheld(symbol, timeframe);
      return;
    }
    const before = state[at + COUNT] as number;
    if (before > 0 && COMPARED.every((field) => Object.is(state[at + field], record[field]))) return;
    record[REVISION] = state[at + REVISION] as number;
    record[LISTED] = state[at + LISTED] as number;
    state.set(record, at);
    assembly.announcer.touch(timeframe, at);
    const change = (record[COUNT] as number) - before;
    for (const consumer of assembly.tree.consumers[timeframe] as readonly number[]) {
      if (before > 0) this.removal.rebuild(symbol, state, consumer, startUs, change);
      else assembly.contribute(symbol, state, consumer, startUs, at);
    }
  }

  /** Older than everything held: it goes into the series, and what it feeds is for the store to rebuild. */
  private enterUnheld(symbol: number, timeframe: number): void {
    const { assembly, record } = this;
    assembly.announcer.counters.lateBeyondWindow++;
    assembly.announcer.say(symbol, record, timeframe, 0, 'repaired');
    for (const consumer of assembly.tree.consumers[timeframe] as readonly number[]) {
      const { startUs, endUs } = assembly.locate(symbol, consumer, record[START] as number);
      assembly.announcer.needRepair(symbol, consumer, startUs as number, endUs as number);
    }
  }
}
