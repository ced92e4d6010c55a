import type { Micros } from '../base/index.ts';
import { EventKind, type Universe } from '../model/index.ts';
import type { RowOutlet } from './adapter.ts';
import type { SymbolMap } from './symbol-map.ts';

/** A bar as a provider gives it; NaN for what it does not say. */
export interface ProviderBar {
  readonly startUs: Micros;
  readonly lengthUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number;
  readonly trades: number;
}

/** What every adapter needs to turn a provider's words into rows: instruments by their name there, and bars. */
export class ProviderRows {
  readonly universe: Universe;
  readonly sourceId: number;
  private readonly symbols: SymbolMap;
  private readonly instruments = new Map<string, number>();

  constructor(universe: Universe, symbols: SymbolMap, source: string) {
    this.universe = universe;
    this.symbols = symbols;
    this.sourceId = universe.sources.intern(source);
  }

  /** The instrument of a provider's symbol, -1 when it is not in use. */
  instrument(theirs: string): number {
    const known = this.instruments.get(theirs);
    if (known !== undefined) return known;
    const symbol = this.symbols.generic(theirs);
    const id = symbol === undefined ? -1 : (this.universe.find(symbol) ?? -1);
    // Names that are not in use are not kept: the other side chooses them.
    if (id >= 0) this.instruments.set(theirs, id);
    return id;
  }

  /**
   * Appends a bar that is over; one that ends after its receipt is still open and is left for the next answer.
   * @returns false when the bar lacks a price and so is no row.
   */
  bar(out: RowOutlet, symbol: number, bar: ProviderBar, recvUs: Micros): boolean {
    const { open, high, low, close } = bar;
    if (Number.isNaN(open + high + low + close + (bar.startUs as number))) return false;
    if ((bar.startUs as number) + bar.lengthUs > (recvUs as number)) return true;
    const batch = out.batch();
    const row = batch.begin(EventKind.SourceBar, symbol, this.sourceId, bar.startUs, recvUs);
    batch.p0[row] = open;
    batch.p1[row] = high;
    batch.p2[row] = low;
    batch.p3[row] = close;
    batch.p4[row] = bar.volume;
    batch.p5[row] = bar.vwap;
    batch.p6[row] = bar.trades;
    batch.p7[row] = bar.lengthUs;
    return true;
  }
}
