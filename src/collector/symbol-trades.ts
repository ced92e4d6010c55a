import type { EventBatch } from '../model/index.ts';
import type { HistoryRange, SourceCapabilities } from '../sources/index.ts';
import { type IdHole, IdRanges } from './id-ranges.ts';
import { RecentTrades, tradeKey } from './recent-trades.ts';

/** Trades that a repair brought and the stream may still bring; beyond it the oldest are forgotten (`drop-oldest`). */
const MAX_AWAITED = 65_536;

/** What was lost may be this much older than the newest trade: streams bring trades late and out of order. */
const LATENESS_US = 5_000_000;

/** Holes of which nothing was told yet; beyond it the oldest are left as the ledger has them (`drop-oldest`). */
const MAX_NOTICED = 4_096;

/** A stretch in which something may be missing. `toUs` is +Infinity while nothing came after it. */
export interface Doubt {
  fromUs: number;
  readonly cause: string;
  /** True where the connection was gone: the ledger hears of it even if nothing was missed. */
  readonly isOutage: boolean;
}

/** A hole of ids as it showed, and how many of its trades a repair has brought. */
interface NoticedHole {
  readonly hole: IdHole;
  fetched: number;
}

/** Says of the trades of a stretch of history in turn which of them never came. */
export interface TradeMerger {
  /** Looks anew at what came: to be called before each page. */
  beginPage(): void;
  isNew(batch: EventBatch, row: number): boolean;
}

/** What is known of the trades of one symbol: enough to find holes and to fill them without a double. */
export class SymbolTrades {
  /** Event time of the newest trade; NaN before the first. */
  lastUs = Number.NaN;
  /** A stretch that is not certain; `undefined` when all is well. */
  doubt: Doubt | undefined;
  private readonly symbol: string;
  private readonly tradeIds: SourceCapabilities['tradeIds'];
  private readonly ranges = new IdRanges();
  private readonly recent: RecentTrades;
  /** Holes of ids as they showed, oldest first; what became of them is to be told. */
  private noticed: NoticedHole[] = [];
  private readonly awaited = new Map<string | number, number>();
  /** Trades that came since the doubt arose. */
  private cameSince = 0;

  constructor(symbol: string, tradeIds: SourceCapabilities['tradeIds']) {
    this.symbol = symbol;
    this.tradeIds = tradeIds;
    this.recent = new RecentTrades(tradeIds === 'unique');
  }

  /** What was held before the stream began. */
  begin(lastUs: number, lastId: number | undefined): void {
    this.lastUs = lastUs;
    if (lastId !== undefined && this.tradeIds === 'consecutive') this.ranges.add(lastId, lastUs);
    // Ids tell repeats of the last instant further on; without ids nothing does.
    this.recent.beginAfter(this.tradeIds === 'unique' ? lastUs - 1 : lastUs);
  }

  /** True where the ids have a hole, or had one of which nothing was told yet. */
  get hasHole(): boolean {
    return this.ranges.hasHole || this.noticed.length > 0;
  }

  /** True where ids are missing now. */
  get lacksIds(): boolean {
    return this.ranges.hasHole;
  }

  /** Notes a trade of the stream. False for one that a repair has already delivered: it goes no further. */
  note(batch: EventBatch, row: number): boolean {
    const tsUs = batch.tsEventUs[row] as number;
    if (this.awaited.size > 0 && this.isAwaited(batch, row)) return false;
    this.cameSince++;
    const id = batch.idNum[row] as number;
    if (this.tradeIds === 'consecutive' && id === id) this.addId(id, tsUs);
    else this.recent.add(batch, row);
    if (!(tsUs <= this.lastUs)) this.lastUs = tsUs;
    return true;
  }

  private addId(id: number, tsUs: number): void {
    const hole = this.ranges.holeBefore(id, tsUs);
    if (hole !== undefined) {
      this.noticed.push({ hole, fetched: 0 });
      if (this.noticed.length > MAX_NOTICED) this.noticed.shift();
    }
    this.ranges.add(id, tsUs);
  }

  private isAwaited(batch: EventBatch, row: number): boolean {
    const key = this.keyOf(batch, row);
    const count = this.awaited.get(key);
    if (count === undefined) return false;
    if (count === 1) this.awaited.delete(key);
    else this.awaited.set(key, count - 1);
    return true;
  }

  private keyOf(batch: EventBatch, row: number): string | number {
    const id = batch.idNum[row] as number;
    if (this.tradeIds === 'consecutive' && id === id) return id;
    return tradeKey(batch, row, this.tradeIds !== 'none');
  }

  /** Something may be missing from the newest trade on. */
  suspect(cause: string, isOutage: boolean): void {
    if (!Number.isFinite(this.lastUs)) return;
    this.cameSince = 0;
    if (this.doubt !== undefined) {
      const isWorse = isOutage ? !this.doubt.isOutage : this.doubt.cause === 'unknown-frame';
      // A new object each time: a repair that is under way does not clear up what arose meanwhile.
      this.doubt = isWorse ? { ...this.doubt, cause, isOutage } : { ...this.doubt };
      return;
    }
    this.doubt = { fromUs: this.lastUs, cause, isOutage };
    if (this.tradeIds !== 'consecutive') this.recent.keepFromUs = this.lastUs - LATENESS_US;
  }

  /** What is to be fetched now. `nowUs`: time at which an open end is cut where ids do not tell. */
  wanted(nowUs: number): readonly HistoryRange[] {
    const { symbol } = this;
    if (this.tradeIds === 'consecutive') {
      const holes = this.ranges.holes().map(({ fromId, toId, fromUs, toUs }): HistoryRange => {
        return { symbol, fromUs, toUs: toUs + 1, fromId, toId };
      });
      const lastId = this.ranges.lastId;
      if (this.doubt === undefined || this.cameSince > 0 || lastId === undefined) return holes;
      const tail = { symbol, fromUs: this.lastUs, toUs: Number.POSITIVE_INFINITY, fromId: lastId + 1 };
      return [...holes, tail];
    }
    if (this.doubt === undefined) return [];
    const fromUs = Math.max(this.doubt.fromUs - LATENESS_US, this.recent.knownFromUs);
    const toUs = this.cameSince > 0 ? this.lastUs + 1 : Math.max(nowUs, this.lastUs + 1);
    return toUs > fromUs ? [{ symbol, fromUs, toUs }] : [];
  }

  /** Compares a stretch of history with what came. */
  merger(range: HistoryRange): TradeMerger {
    const { fromUs, toUs, fromId = Number.NEGATIVE_INFINITY, toId = Number.POSITIVE_INFINITY } = range;
    if (this.tradeIds === 'consecutive') {
      return {
        beginPage: () => undefined,
        isNew: (batch, row) => {
          const id = batch.idNum[row] as number;
          return id >= fromId && id <= toId && !this.ranges.has(id);
        },
      };
    }
    const useIds = this.tradeIds === 'unique';
    const told = new Map<string, number>();
    let came = new Map<string, number>();
    return {
      beginPage: () => {
        came = this.recent.tally(fromUs, toUs - 1);
      },
      isNew: (batch, row) => {
        const tsUs = batch.tsEventUs[row] as number;
        if (tsUs < fromUs || tsUs >= toUs) return false;
        const key = tradeKey(batch, row, useIds);
        // Under an id a trade is one, however often history tells it; prints without one are as many as it tells.
        const times = useIds && batch.idOf(row) !== undefined ? 1 : (told.get(key) ?? 0) + 1;
        told.set(key, times);
        const known = came.get(key) ?? 0;
        if (times <= known) return false;
        came.set(key, known + 1);
        return true;
      },
    };
  }

  /** Notes a trade out of history that is on its way to the engine. */
  deliver(batch: EventBatch, row: number): void {
    const tsUs = batch.tsEventUs[row] as number;
    const key = this.keyOf(batch, row);
    this.awaited.set(key, (this.awaited.get(key) ?? 0) + 1);
    if (this.awaited.size > MAX_AWAITED) {
      const oldest = this.awaited.keys().next().value;
      if (oldest !== undefined) this.awaited.delete(oldest);
    }
    const id = batch.idNum[row] as number;
    if (this.tradeIds === 'consecutive' && id === id) {
      const noticed = this.noticed.find(({ hole }) => id >= hole.fromId && id <= hole.toId);
      if (noticed !== undefined) noticed.fetched++;
      this.ranges.add(id, tsUs);
    } else this.recent.add(batch, row);
    if (!(tsUs <= this.lastUs)) this.lastUs = tsUs;
  }

  /**
   * What became of the holes that showed; those not filled by now count as never to be. One whose trades all came by
   * themselves, late or out of order, was none.
   */
  concludeHoles(): readonly { readonly hole: IdHole; readonly missing: number }[] {
    const concluded = this.noticed
      .map(({ hole, fetched }) => ({ hole, fetched, missing: this.ranges.missingIn(hole) }))
      .filter(({ fetched, missing }) => fetched + missing > 0);
    this.noticed = [];
    for (const hole of this.ranges.holes()) this.ranges.forget(hole);
    return concluded;
  }

  /** The doubt is cleared up. */
  settle(): void {
    this.doubt = undefined;
    this.recent.keepFromUs = Number.POSITIVE_INFINITY;
  }
}
