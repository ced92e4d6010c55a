import type { EngineSink } from '../engine/index.ts';
import type { Clock } from '../host/index.ts';
import type { Bar, BarChange, EventBatch, Gap, Universe } from '../model/index.ts';
import { EVENT_KIND_NAMES, type EventKind } from '../model/index.ts';
import { quarantineRecord } from '../quality/index.ts';
import type { DataKind } from './data-sets.ts';
import { SinkBuffers } from './sink-buffers.ts';
import { type SinkStore, SinkTarget } from './sink-target.ts';
import type { TradeRow } from './store.ts';
import { TradeAmendments } from './trade-amendments.ts';

/** Rebuilds a bar from the trades of its interval; `undefined` when none of them counts. */
export type BarRebuild = (
  symbol: number,
  timeframe: number,
  startUs: number,
  endUs: number,
  trades: readonly TradeRow[],
) => Bar | undefined;

export interface StoreSinkOptions {
  readonly universe: Universe;
  /** Texts of the engine's timeframes, in its order. */
  readonly timeframes: readonly string[];
  readonly featureNames: readonly string[];
  readonly stores: readonly SinkStore[];
  /**
   * True when the events' sequence numbers are those of this data directory's tape: what a store already holds is not
   * written again, and flushes say up to which event they reach.
   */
  readonly isTape: boolean;
  /** Times hand-overs and flushes by this clock instead of engine time, which runs fast while a run catches up. */
  readonly clock?: Clock;
  /** Rows at which they are handed to the stores (default 50,000). */
  readonly handOverRows?: number;
  /** Rows handed over and not yet taken by a store at which that store halts (default 1,000,000). */
  readonly maxQueuedRows?: number;
  readonly rebuildBar?: BarRebuild;
  /** Told of every failed write; the sink goes on with the other stores. */
  readonly onFailure?: (store: string, error: unknown) => void;
}

export interface StoreSinkCounters {
  readonly rows: Readonly<Record<DataKind, number>>;
  /** Rows of events that a store already held (recovery). */
  readonly skipped: number;
  readonly repairs: number;
  /** Repairs that no rebuild function could do, or that failed. */
  readonly repairsFailed: number;
  readonly stores: Readonly<Record<string, { queued: number; dropped: number; failures: number; state: string }>>;
}

const HAND_OVER_ROWS = 50_000;
const HAND_OVER_US = 1_000_000;

/**
 * Writes what the engine says into the stores, behind it: calls fill columns only; at the end of a batch, every
 * second of engine time or 50,000 rows, the columns go to the stores' threads. A store that falls behind by
 * `maxQueuedRows`, or whose disk fails for as long, halts (policy `halt`, counted): the engine goes on, the store keeps
 * what it has and the tape sequence it reaches to, and the next start fills it again from the tape.
 */
export class StoreSink implements EngineSink {
  private readonly options: StoreSinkOptions;
  private readonly buffers: SinkBuffers;
  private readonly targets: readonly SinkTarget[];
  private readonly amendments = new TradeAmendments();
  private readonly repairs = new Set<string>();
  private repairing: Promise<void> = Promise.resolve();
  private lastSeq = 0;
  private lastHandOverUs = Number.NEGATIVE_INFINITY;
  private skipped = 0;
  private repaired = 0;
  private repairsFailed = 0;
  private readonly handOverRows: number;
  private readonly skipThrough: Readonly<Record<'trades' | 'quotes' | 'quarantine', number>>;

  constructor(options: StoreSinkOptions) {
    this.options = options;
    this.handOverRows = options.handOverRows ?? HAND_OVER_ROWS;
    const kinds = new Set(options.stores.flatMap(({ store }) => [...store.kinds]));
    this.buffers = new SinkBuffers(options.universe, options.timeframes, options.featureNames, kinds);
    this.targets = options.stores.map(
      (target) => new SinkTarget(target, options.maxQueuedRows ?? 1_000_000, options.onFailure ?? (() => undefined)),
    );
    const covered = (kind: DataKind): number => {
      const holders = options.stores.filter(({ store }) => store.kinds.has(kind));
      if (!options.isTape || holders.length === 0) return 0;
      return Math.min(...holders.map(({ store }) => store.coveredSeq));
    };
    this.skipThrough = { trades: covered('trades'), quotes: covered('quotes'), quarantine: covered('quarantine') };
  }

  /** Recovery replays the tape from a snapshot at or before this event, so that no store misses anything. */
  get recoverFromSeq(): number {
    return Math.min(...this.options.stores.map(({ store }) => store.coveredSeq));
  }

  onTrade(batch: EventBatch, row: number, quality: number, reasons: number): void {
    if (this.isHeld(batch, row, this.skipThrough.trades)) return;
    this.buffers.addTrade(batch, row, quality, reasons, 'trade');
  }

  onQuote(batch: EventBatch, row: number, quality: number, reasons: number): void {
    if (this.isHeld(batch, row, this.skipThrough.quotes)) return;
    this.buffers.addQuote(batch, row, quality, reasons);
  }

  onAmendment(batch: EventBatch, row: number, quality: number): void {
    if (this.isHeld(batch, row, this.skipThrough.trades)) return;
    const action = EVENT_KIND_NAMES[batch.kind[row] as EventKind] === 'cancel' ? 'cancel' : 'correction';
    const trades = this.buffers.addTrade(batch, row, quality, 0, action);
    if (trades !== undefined) this.amendments.note(trades.row(trades.length - 1) as unknown as TradeRow);
  }

  onReject(batch: EventBatch, row: number, reason: string, detail: string): void {
    if (this.isHeld(batch, row, this.skipThrough.quarantine)) return;
    const { universe } = this.options;
    const record = quarantineRecord(batch, row, 0, 0, universe);
    this.buffers.addQuarantine({
      symbol: record.symbol === '' ? undefined : record.symbol,
      ts: finite(batch.tsEventUs[row]) ?? finite(batch.tsRecvUs[row]) ?? 0,
      recv: finite(batch.tsRecvUs[row]),
      source: record.source,
      event: record.kind,
      reason,
      detail,
      raw: record.raw,
      seq: batch.seq[row],
    });
  }

  onBar(bar: Bar, _change: BarChange): void {
    this.buffers.addBar(bar);
  }

  onBarRetracted(bar: Bar, _change: BarChange): void {
    this.buffers.removeBar(bar);
  }

  onFeatures(bar: Bar, values: Float64Array, offset: number): void {
    this.buffers.addFeatures(bar, values, offset);
  }

  onGap(gap: Gap): void {
    this.buffers.addGap(gap);
  }

  onStatus(batch: EventBatch, row: number): void {
    this.note(batch, row);
  }

  onRepairNeeded(symbol: number, timeframe: number, startUs: number, endUs: number): void {
    this.repairs.add(`${symbol} ${timeframe} ${startUs} ${endUs}`);
  }

  onBatchEnd(engineUs: number): void {
    const nowUs = this.options.clock === undefined ? engineUs : this.options.clock.monotonicMs() * 1_000;
    if (this.buffers.rows < this.handOverRows && nowUs - this.lastHandOverUs < HAND_OVER_US) return;
    this.lastHandOverUs = nowUs;
    this.handOver(nowUs);
  }

  private note(batch: EventBatch, row: number): void {
    const seq = batch.seq[row] as number;
    if (seq > this.lastSeq) this.lastSeq = seq;
  }

  /** Notes the event's place in the tape; true when the stores hold it from before a restart. */
  private isHeld(batch: EventBatch, row: number, through: number): boolean {
    this.note(batch, row);
    if (!this.options.isTape || (batch.seq[row] as number) > through || batch.seq[row] === 0) return false;
    this.skipped++;
    return true;
  }

  private handOver(nowUs: number): void {
    const batches = this.buffers.take();
    const reached = this.options.isTape ? this.lastSeq : 0;
    for (const target of this.targets) target.offer(batches, nowUs, reached);
    if (this.repairs.size > 0) this.startRepairs();
  }

  /** Whether a store is so far behind that a caller who can wait (a replay) should await {@link drain}. */
  get isBehind(): boolean {
    return this.targets.some((target) => target.isBehind);
  }

  /** Waits until the stores took everything handed over so far. @throws the failure of a store. */
  async drain(): Promise<void> {
    for (const target of this.targets) await target.drain();
  }

  /** Hands everything over and makes it durable. @throws the failure of a store. */
  async flush(): Promise<void> {
    this.handOver(this.lastHandOverUs);
    await this.repairing;
    // Events go on arriving while the stores write: the flush reaches as far as what is handed over here, not further.
    const reached = this.options.isTape ? this.lastSeq : 0;
    this.handOver(this.lastHandOverUs);
    for (const target of this.targets) await target.flush(reached);
  }

  /** Flushes, then closes the stores, all of them even where one fails. @throws the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    await this.flush().catch((error: unknown) => failures.push(error));
    for (const { store } of this.options.stores) {
      await store.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  private startRepairs(): void {
    const asked = [...this.repairs];
    this.repairs.clear();
    this.repairing = this.repairing.then(async () => {
      for (const key of asked) {
        const [symbol, timeframe, startUs, endUs] = key.split(' ').map(Number) as [number, number, number, number];
        await this.repair(symbol, timeframe, startUs, endUs).catch((error: unknown) => {
          this.repairsFailed++;
          this.options.onFailure?.('repair', error);
        });
      }
    });
  }

  private async repair(symbol: number, timeframe: number, startUs: number, endUs: number): Promise<void> {
    const { rebuildBar, universe } = this.options;
    const holder = this.options.stores.find(({ store }) => store.kinds.has('trades'))?.store;
    if (rebuildBar === undefined || holder === undefined) {
      this.repairsFailed++;
      return;
    }
    await this.drain();
    const trades: TradeRow[] = [];
    let cursor: string | undefined;
    do {
      const range = { symbols: [universe.symbol(symbol)], fromUs: startUs, toUs: endUs, limit: 10_000 };
      const page = await holder.read('trades', cursor === undefined ? range : { ...range, cursor });
      for (const row of page.rows) this.amendments.note(row);
      trades.push(...page.rows);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const standing = trades.flatMap((row) => this.amendments.standing(row) ?? []);
    const bar = rebuildBar(symbol, timeframe, startUs, endUs, standing);
    if (bar === undefined) this.buffers.removeBar({ symbol, timeframe, startUs });
    else this.buffers.addBar({ ...bar, revision: await this.nextRevision(bar) });
    this.repaired++;
  }

  /** One above the revision that a store holds of the bar; 0 for a bar that had not existed. */
  private async nextRevision(bar: Bar): Promise<number> {
    const holder = this.options.stores.find(({ store }) => store.kinds.has('bars'))?.store;
    const timeframe = this.options.timeframes[bar.timeframe];
    if (holder === undefined || timeframe === undefined) return bar.revision;
    const symbols = [this.options.universe.symbol(bar.symbol)];
    const range = { symbols, timeframe, fromUs: bar.startUs, toUs: bar.startUs + 1, limit: 1 };
    const [held] = (await holder.read('bars', range)).rows;
    return held === undefined ? bar.revision : held.revision + 1;
  }

  counters(): StoreSinkCounters {
    return {
      rows: this.buffers.written,
      skipped: this.skipped,
      repairs: this.repaired,
      repairsFailed: this.repairsFailed,
      stores: Object.fromEntries(this.targets.map((target) => [target.name, target.counters()])),
    };
  }
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
