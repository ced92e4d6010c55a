import { type Micros, US_PER_DAY } from '../base/index.ts';
import { ZoneClock } from '../calendar/index.ts';
import { EventKind } from '../model/index.ts';
import type { SimulatedTape } from './tape.ts';

/** A bar as history answers give it. Times in microseconds, `volume` and `trades` of what was played. */
export interface HistoryBar {
  readonly startUs: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number;
  readonly trades: number;
  /** Volume of trades in which the buyer took. */
  readonly takerBuyVolume: number;
}

/** How bars are cut: a fixed length, or the civil day of a zone. */
export interface BarStep {
  readonly lengthUs: number;
  /** Zone whose midnights cut daily and longer bars; UTC when absent. */
  readonly zone?: string;
}

interface CachedBar extends HistoryBar {
  /** The rows [first, last] of the series that make it. */
  readonly first: number;
  readonly last: number;
  /** Highest row number in it: it is complete once that row was played. */
  readonly maxRow: number;
}

/** What a provider's history holds of a tape: rows below `visible()`, in order of event times. */
export class TapeHistory {
  readonly tape: SimulatedTape;
  private readonly visible: () => number;
  private readonly bars = new Map<string, readonly CachedBar[]>();
  private readonly zones = new Map<string, ZoneClock>();

  constructor(tape: SimulatedTape, visible: () => number) {
    this.tape = tape;
    this.visible = visible;
  }

  /** To be called when the times of the tape have changed. */
  forget(): void {
    this.bars.clear();
  }

  /** Rows of a symbol with `fromUs <= event time <= toUs`. */
  rows(symbol: number, kind: EventKind, fromUs: Micros, toUs: Micros): number[] {
    const rows = this.tape.rowsOf(symbol, kind);
    const limit = this.visible();
    const found: number[] = [];
    for (let i = this.firstAt(rows, fromUs); i < rows.length; i++) {
      const row = rows[i] as number;
      if ((this.tape.tsEventUs[row] as number) > (toUs as number)) break;
      if (row < limit) found.push(row);
    }
    return found;
  }

  /** The row with the latest event time, `undefined` before the first. */
  latest(symbol: number, kind: EventKind): number | undefined {
    const rows = this.tape.rowsOf(symbol, kind);
    const limit = this.visible();
    for (let i = rows.length - 1; i >= 0; i--) if ((rows[i] as number) < limit) return rows[i];
    return undefined;
  }

  /** Last price: of a trade, a bar's close, or the middle of a quote. */
  lastPrice(symbol: number): { readonly price: number; readonly tsUs: Micros } | undefined {
    const kind = this.seriesKind(symbol);
    const row = this.latest(symbol, kind);
    if (row === undefined) return undefined;
    const { tape } = this;
    return { price: this.closeOf(row, kind), tsUs: tape.tsEventUs[row] as number };
  }

  /** The price at which a symbol of the tape may be thought to have closed the day before the tape. */
  priceBefore(symbol: number): { readonly price: number; readonly tsUs: Micros } {
    const kind = this.seriesKind(symbol);
    const row = this.tape.rowsOf(symbol, kind)[0] as number;
    return { price: this.closeOf(row, kind), tsUs: (this.tape.firstUs as number) - US_PER_DAY };
  }

  /** Bars whose start lies in [fromUs, toUs]; the last one holds what was played of it. */
  barsOf(symbol: number, step: BarStep, fromUs: Micros, toUs: Micros): HistoryBar[] {
    const limit = this.visible();
    const found: HistoryBar[] = [];
    for (const bar of this.allBars(symbol, step)) {
      if ((bar.startUs as number) < (fromUs as number)) continue;
      if ((bar.startUs as number) > (toUs as number)) break;
      const seen = bar.maxRow < limit ? bar : this.cutBar(symbol, bar, limit);
      if (seen !== undefined) found.push(seen);
    }
    return found;
  }

  /** Start of the bar that holds a time. */
  barStart(tsUs: Micros, step: BarStep): Micros {
    if (step.zone === undefined || step.lengthUs < US_PER_DAY) {
      return Math.floor((tsUs as number) / step.lengthUs) * step.lengthUs;
    }
    let zone = this.zones.get(step.zone);
    if (zone === undefined) {
      zone = new ZoneClock(step.zone);
      this.zones.set(step.zone, zone);
    }
    const local = (tsUs as number) + zone.offsetUs(tsUs);
    return zone.instantOf(Math.floor(local / step.lengthUs) * step.lengthUs);
  }

  /** What a symbol's bars are made of: its trades, else its bars, else its quotes. */
  private seriesKind(symbol: number): EventKind {
    if (this.tape.has(symbol, EventKind.Trade)) return EventKind.Trade;
    return this.tape.has(symbol, EventKind.SourceBar) ? EventKind.SourceBar : EventKind.Quote;
  }

  private allBars(symbol: number, step: BarStep): readonly CachedBar[] {
    const key = `${symbol} ${step.lengthUs} ${step.zone ?? ''}`;
    let bars = this.bars.get(key);
    if (bars === undefined) {
      bars = this.buildBars(symbol, step);
      this.bars.set(key, bars);
    }
    return bars;
  }

  private buildBars(symbol: number, step: BarStep): readonly CachedBar[] {
    const kind = this.seriesKind(symbol);
    const rows = this.tape.rowsOf(symbol, kind);
    const bars: CachedBar[] = [];
    let first = 0;
    while (first < rows.length) {
      const startUs = this.barStart(this.tape.tsEventUs[rows[first] as number] as number, step);
      let last = first;
      while (
        last + 1 < rows.length &&
        this.barStart(this.tape.tsEventUs[rows[last + 1] as number] as number, step) === startUs
      ) {
        last++;
      }
      const bar = this.fold(symbol, kind, startUs, first, last, Number.POSITIVE_INFINITY);
      if (bar !== undefined) bars.push(bar);
      first = last + 1;
    }
    return bars;
  }

  private cutBar(symbol: number, bar: CachedBar, limit: number): HistoryBar | undefined {
    return this.fold(symbol, this.seriesKind(symbol), bar.startUs, bar.first, bar.last, limit);
  }

  private fold(
    symbol: number,
    kind: EventKind,
    startUs: Micros,
    first: number,
    last: number,
    limit: number,
  ): CachedBar | undefined {
    const rows = this.tape.rowsOf(symbol, kind);
    let open = Number.NaN;
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    let close = Number.NaN;
    let volume = 0;
    let value = 0;
    let trades = 0;
    let takerBuyVolume = 0;
    let maxRow = -1;
    for (let i = first; i <= last; i++) {
      const row = rows[i] as number;
      if (row >= limit) continue;
      const part = this.partOf(row, kind);
      if (maxRow < 0) open = part.open;
      maxRow = Math.max(maxRow, row);
      high = Math.max(high, part.high);
      low = Math.min(low, part.low);
      close = part.close;
      volume += part.volume;
      value += part.vwap * part.volume;
      trades += part.trades;
      if (kind === EventKind.Trade && !isSellerTaker(this.tape.conditionText(row))) takerBuyVolume += part.volume;
    }
    if (maxRow < 0) return undefined;
    const vwap = volume > 0 ? value / volume : close;
    return { startUs, open, high, low, close, volume, vwap, trades, takerBuyVolume, first, last, maxRow };
  }

  private partOf(row: number, kind: EventKind) {
    const { tape } = this;
    if (kind !== EventKind.SourceBar) {
      const price = this.closeOf(row, kind);
      const volume = kind === EventKind.Trade ? (tape.p1[row] as number) : 0;
      return { open: price, high: price, low: price, close: price, volume, vwap: price, trades: 1 };
    }
    const [volume, vwap, trades] = tape.barPart(row);
    const close = tape.p3[row] as number;
    return {
      open: tape.p0[row] as number,
      high: tape.p1[row] as number,
      low: tape.p2[row] as number,
      close,
      volume: volume === volume ? volume : 0,
      vwap: vwap === vwap ? vwap : close,
      trades: trades === trades ? trades : 1,
    };
  }

  private closeOf(row: number, kind: EventKind): number {
    const { tape } = this;
    if (kind === EventKind.Trade) return tape.p0[row] as number;
    if (kind === EventKind.SourceBar) return tape.p3[row] as number;
    const bid = tape.p0[row] as number;
    const ask = tape.p2[row] as number;
    if (bid !== bid) return ask;
    return ask === ask ? (bid + ask) / 2 : bid;
  }

  /** Index of the first row at or after a time. */
  private firstAt(rows: Int32Array, fromUs: Micros): number {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.tape.tsEventUs[rows[middle] as number] as number) < (fromUs as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** True where a tape's condition text says that the seller took: `buyerMaker` of Binance, `ask` of MtGox. */
export function isSellerTaker(conditions: string): boolean {
  return conditions === 'buyerMaker' || conditions === 'ask';
}
