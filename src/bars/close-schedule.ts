/**
 * When which bars close. Bars of all symbols and timeframes that are due at the same time share one bucket and one
 * logical timer, so that 1000 symbols closing their minute cost one timer and not thousands; within a bucket the order
 * is (symbol, timeframe ascending).
 */
export class CloseSchedule {
  private readonly buckets = new Map<number, Bucket>();
  private readonly setTimer: (dueUs: number) => void;
  private last: Bucket | undefined;
  private lastDueUs = Number.NaN;
  private spare: Bucket | undefined;

  /** @param setTimer asks the owner of the timers to call the builder back at a due time. */
  constructor(setTimer: (dueUs: number) => void) {
    this.setTimer = setTimer;
  }

  /** Due times that are waiting. */
  get size(): number {
    return this.buckets.size;
  }

  /** @param code the bar's series: symbol times the number of timeframes, plus the timeframe. */
  add(dueUs: number, code: number): void {
    if (dueUs !== this.lastDueUs) {
      this.last = this.buckets.get(dueUs) ?? this.open(dueUs);
      this.lastDueUs = dueUs;
    }
    (this.last as Bucket).add(code);
  }

  private open(dueUs: number): Bucket {
    const bucket = this.spare ?? new Bucket();
    this.spare = undefined;
    bucket.length = 0;
    this.buckets.set(dueUs, bucket);
    this.setTimer(dueUs);
    return bucket;
  }

  /** Calls `close` for each series due at `dueUs`, in order and once each. */
  fire(dueUs: number, close: (code: number) => void): void {
    const bucket = this.buckets.get(dueUs);
    if (bucket === undefined) return;
    this.buckets.delete(dueUs);
    if (dueUs === this.lastDueUs) this.lastDueUs = Number.NaN;
    const codes = bucket.codes.subarray(0, bucket.length).sort();
    let previous = -1;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] as number;
      if (code !== previous) close(code);
      previous = code;
    }
    this.spare = bucket;
  }

  save(put: (value: number) => void): void {
    put(this.buckets.size);
    for (const [dueUs, bucket] of this.buckets) {
      put(dueUs);
      put(bucket.length);
      for (let i = 0; i < bucket.length; i++) put(bucket.codes[i] as number);
    }
  }

  /** Reads what {@link save} wrote. The timers themselves belong to their owner's snapshot: none is set. */
  load(take: () => number): void {
    this.buckets.clear();
    this.lastDueUs = Number.NaN;
    for (let left = take(); left > 0; left--) {
      const bucket = new Bucket();
      this.buckets.set(take(), bucket);
      for (let codes = take(); codes > 0; codes--) bucket.add(take());
    }
  }
}

class Bucket {
  codes = new Float64Array(16);
  length = 0;

  add(code: number): void {
    if (this.length === this.codes.length) {
      const wider = new Float64Array(this.length * 2);
      wider.set(this.codes);
      this.codes = wider;
    }
    this.codes[this.length++] = code;
  }
}
