import type { BarEvent, SymbolRow } from '../../src/api/protocol/index.ts';
import { priceDigits } from '../dom/number-text.ts';
import { epochMs } from '../time/chart-seconds.ts';

/** Points of a sparkline. */
export const SPARKLINE_POINTS = 60;

/** One symbol as the page knows it: the row read by HTTP, carried on by events. */
export class SymbolState {
  row: SymbolRow;
  last: number | undefined;
  /** The price that the change is counted from. */
  reference: number | undefined;
  lastEventMs: number | undefined;
  quality: number | undefined;
  source: string | undefined;
  sparkline: number[] = [];
  #sparklineStartMs: number | undefined;
  /** Decimals of this symbol's prices; fixed when the first price is seen so that digits do not jump. */
  digits = 2;

  constructor(row: SymbolRow) {
    this.row = row;
    this.refresh(row);
  }

  /** Takes a row read anew by HTTP; a row that is older than the newest event changes no price. */
  refresh(row: SymbolRow): void {
    this.row = row;
    const rowMs = row.last_event_at === null ? undefined : epochMs(row.last_event_at);
    const isNewer = this.lastEventMs === undefined || (rowMs !== undefined && rowMs >= this.lastEventMs);
    if (this.last === undefined && row.last !== null) this.digits = priceDigits(row.last, row.asset_class);
    this.reference = row.last === null || row.change === null ? undefined : row.last - row.change;
    if (!isNewer) return;
    this.last = row.last ?? undefined;
    this.lastEventMs = rowMs;
    this.quality = row.quality ?? undefined;
    this.source = row.source ?? undefined;
    this.sparkline = row.sparkline.slice(-SPARKLINE_POINTS);
    this.#sparklineStartMs = undefined;
  }

  /** Takes a one-minute bar. Only a forming bar is news of the price: a bar that closes in silence is not. */
  applyBar(bar: BarEvent): void {
    const startMs = epochMs(bar.start);
    if (this.#sparklineStartMs !== undefined && startMs < this.#sparklineStartMs) return;
    if (this.#sparklineStartMs === undefined || this.#sparklineStartMs === startMs) this.sparkline.pop();
    this.sparkline.push(bar.close);
    if (this.sparkline.length > SPARKLINE_POINTS) this.sparkline.shift();
    this.#sparklineStartMs = startMs;
    if (this.last === undefined) this.digits = priceDigits(bar.close, this.row.asset_class);
    this.last = bar.close;
    this.quality = bar.quality;
    this.source = bar.source;
    if (!bar.final) this.applyNews(epochMs(bar.timestamp));
  }

  /** An event of this symbol happened at that engine time. */
  applyNews(timeMs: number): void {
    if (this.lastEventMs === undefined || timeMs > this.lastEventMs) this.lastEventMs = timeMs;
  }

  /** Change against the reference, absolute. */
  get change(): number | undefined {
    return this.last === undefined || this.reference === undefined ? undefined : this.last - this.reference;
  }

  /** Change as a ratio. */
  get changeRatio(): number | undefined {
    const change = this.change;
    return change === undefined || this.reference === undefined || this.reference === 0
      ? undefined
      : change / this.reference;
  }

  /** True while news can be expected. */
  get isInSession(): boolean {
    return this.row.session.state !== 'closed';
  }
}
