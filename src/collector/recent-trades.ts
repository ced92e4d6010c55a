import type { EventBatch } from '../model/index.ts';

/** Trades kept in any case, so that those of one instant around a loss are known. */
const LEAST_US = 10_000_000;
/** Trades kept per symbol at most; older ones go (`drop-oldest`): a repair that reaches behind them passes them over. */
const MAX_TRADES = 262_144;
const FIRST_CAPACITY = 64;

/**
 * The trades of one symbol that came lately, for a source whose ids do not count up: enough to say which trades of a
 * stretch of history are new. Equal prints are told apart by their number, never taken for one.
 */
export class RecentTrades {
  /** Trades from this event time on are kept whatever their age. +Infinity: nothing is in doubt. */
  keepFromUs = Number.POSITIVE_INFINITY;
  private readonly useIds: boolean;
  private tsUs = new Float64Array(FIRST_CAPACITY);
  private price = new Float64Array(FIRST_CAPACITY);
  private size = new Float64Array(FIRST_CAPACITY);
  /** Ids as the batches have them: a number with its market, or a text. Keys are made of them only when they are asked for. */
  private idNum = new Float64Array(FIRST_CAPACITY);
  private exchange = new Float64Array(FIRST_CAPACITY);
  private idText: (string | undefined)[] = [];
  private head = 0;
  private count = 0;
  private newestUs = Number.NEGATIVE_INFINITY;
  /** Event time before which trades may have been forgotten. */
  private forgottenUs = Number.NEGATIVE_INFINITY;

  constructor(useIds: boolean) {
    this.useIds = useIds;
  }

  /** Trades up to that event time came, and are not known here one by one. */
  beginAfter(tsUs: number): void {
    this.forgottenUs = tsUs;
  }

  add(batch: EventBatch, row: number): void {
    const tsUs = batch.tsEventUs[row] as number;
    if (tsUs > this.newestUs) this.newestUs = tsUs;
    this.dropOld();
    if (this.count === this.tsUs.length) this.grow();
    const at = (this.head + this.count++) & (this.tsUs.length - 1);
    this.tsUs[at] = tsUs;
    this.price[at] = batch.p0[row] as number;
    this.size[at] = batch.p1[row] as number;
    if (!this.useIds) return;
    this.idNum[at] = batch.idNum[row] as number;
    this.exchange[at] = batch.exchange[row] as number;
    const text = batch.idText[row];
    if (text !== undefined || this.idText[at] !== undefined) this.idText[at] = text;
  }

  private dropOld(): void {
    const boundUs = Math.min(this.keepFromUs, this.newestUs - LEAST_US);
    while (this.count > 0) {
      const tsUs = this.tsUs[this.head] as number;
      if (tsUs >= boundUs && this.count < MAX_TRADES) return;
      if (tsUs > this.forgottenUs) this.forgottenUs = tsUs;
      if (this.idText[this.head] !== undefined) this.idText[this.head] = undefined;
      this.head = (this.head + 1) & (this.tsUs.length - 1);
      this.count--;
    }
  }

  /** The earliest event time from which on every trade is known here. */
  get knownFromUs(): number {
    return this.forgottenUs + 1;
  }

  /** How often each trade of [fromUs, toUs] came. */
  tally(fromUs: number, toUs: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (let i = 0; i < this.count; i++) {
      const at = (this.head + i) & (this.tsUs.length - 1);
      const tsUs = this.tsUs[at] as number;
      if (tsUs < fromUs || tsUs > toUs) continue;
      const id = this.idAt(at);
      const key = id ?? printKey(tsUs, this.price[at] as number, this.size[at] as number);
      // Under an id a trade is one, however often it came; prints without one are as many as came.
      counts.set(key, id === undefined ? (counts.get(key) ?? 0) + 1 : 1);
    }
    return counts;
  }

  private idAt(at: number): string | undefined {
    if (!this.useIds) return undefined;
    const id = this.idText[at] ?? this.idNum[at];
    return id === undefined || Number.isNaN(id) ? undefined : idKey(this.exchange[at] as number, id);
  }

  private grow(): void {
    const capacity = 2 * this.tsUs.length;
    const turned = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(capacity);
      next.set(column.subarray(this.head));
      next.set(column.subarray(0, this.head), column.length - this.head);
      return next;
    };
    if (this.useIds) {
      this.idNum = turned(this.idNum);
      this.exchange = turned(this.exchange);
      if (this.idText.length > 0) {
        this.idText.length = this.tsUs.length;
        this.idText = [...this.idText.slice(this.head), ...this.idText.slice(0, this.head)];
      }
    }
    this.tsUs = turned(this.tsUs);
    this.price = turned(this.price);
    this.size = turned(this.size);
    this.head = 0;
  }
}

/** What a trade is known by: its id (with its market, where ids are per market), or time, price and size. */
export function tradeKey(batch: EventBatch, row: number, useIds: boolean): string {
  return (
    (useIds ? idOf(batch, row) : undefined) ??
    printKey(batch.tsEventUs[row] as number, batch.p0[row] as number, batch.p1[row] as number)
  );
}

function idOf(batch: EventBatch, row: number): string | undefined {
  const id = batch.idOf(row);
  return id === undefined ? undefined : idKey(batch.exchange[row] as number, id);
}

function idKey(exchange: number, id: string | number): string {
  return `#${exchange}:${id}`;
}

function printKey(tsUs: number, price: number, size: number): string {
  return `${tsUs}|${price}|${size}`;
}
