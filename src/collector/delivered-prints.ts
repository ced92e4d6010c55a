/** Prints that are remembered in any case: those of the last minute of event time. */
const KEEP_US = 60_000_000;
/** Most prints remembered per symbol (`drop-oldest`); a hand-over that reaches behind them takes the watermark alone. */
const MAX_PRINTS = 65_536;
const FIRST_CAPACITY = 64;

/**
 * What a print is known by where two providers tell of it: its millisecond, price and size. Their ids differ, and some
 * stamp whole milliseconds where others have microseconds.
 */
export function printKey(tsUs: number, price: number, size: number): string {
  return `${Math.floor(tsUs / 1_000)}|${price}|${size}`;
}

/** The prints of one symbol that went to the engine lately, as a multiset: equal prints are separate trades. */
export class DeliveredPrints {
  /** Times, prices and sizes, a ring. */
  private tsUs = new Float64Array(FIRST_CAPACITY);
  private price = new Float64Array(FIRST_CAPACITY);
  private size = new Float64Array(FIRST_CAPACITY);
  private head = 0;
  private length = 0;
  private newestUs = Number.NEGATIVE_INFINITY;

  add(tsUs: number, price: number, size: number): void {
    if (tsUs > this.newestUs) this.newestUs = tsUs;
    this.dropOld();
    if (this.length === this.tsUs.length) this.grow();
    const at = (this.head + this.length++) & (this.tsUs.length - 1);
    this.tsUs[at] = tsUs;
    this.price[at] = price;
    this.size[at] = size;
  }

  private dropOld(): void {
    const boundUs = this.newestUs - KEEP_US;
    while (this.length > 0 && ((this.tsUs[this.head] as number) < boundUs || this.length >= MAX_PRINTS)) {
      this.head = (this.head + 1) & (this.tsUs.length - 1);
      this.length--;
    }
  }

  /** How often each print with event time at or after `fromUs` (to the millisecond) was delivered. */
  tally(fromUs: number): Map<string, number> {
    const fromMs = Math.floor(fromUs / 1_000);
    const counts = new Map<string, number>();
    for (let i = 0; i < this.length; i++) {
      const at = (this.head + i) & (this.tsUs.length - 1);
      const tsUs = this.tsUs[at] as number;
      if (Math.floor(tsUs / 1_000) < fromMs) continue;
      const key = printKey(tsUs, this.price[at] as number, this.size[at] as number);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  /** How often a print is among them. */
  count(tsUs: number, price: number, size: number): number {
    const ms = Math.floor(tsUs / 1_000);
    let times = 0;
    for (let i = 0; i < this.length; i++) {
      const at = (this.head + i) & (this.tsUs.length - 1);
      if (this.price[at] !== price || this.size[at] !== size) continue;
      if (Math.floor((this.tsUs[at] as number) / 1_000) === ms) times++;
    }
    return times;
  }

  private grow(): void {
    const turned = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(2 * column.length);
      next.set(column.subarray(this.head));
      next.set(column.subarray(0, this.head), column.length - this.head);
      return next;
    };
    this.tsUs = turned(this.tsUs);
    this.price = turned(this.price);
    this.size = turned(this.size);
    this.head = 0;
  }
}
