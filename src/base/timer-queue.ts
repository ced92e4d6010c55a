/**
 * Logical timers, fired in (due time, order of setting). A binary heap over columns: setting and firing allocate
 * nothing once grown. Timers carry two integers (`kind`, `argument`); what they mean is the owner's business.
 * There is no cancelling: an owner ignores a timer that no longer applies.
 */
export class TimerQueue {
  private due = new Float64Array(64);
  private order = new Float64Array(64);
  private kinds = new Int32Array(64);
  private args = new Float64Array(64);
  private length = 0;
  private nextOrder = 0;
  /** Due time of the earliest timer, +Infinity when there is none: one compare decides whether any timer is due. */
  nextDueUs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.length;
  }

  set(dueUs: number, kind: number, argument: number): void {
    this.insert(dueUs, this.nextOrder++, kind, argument);
  }

  private insert(dueUs: number, order: number, kind: number, argument: number): void {
    if (this.length === this.due.length) this.grow();
    let i = this.length++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.before(dueUs, order, parent)) break;
      this.move(parent, i);
      i = parent;
    }
    this.put(i, dueUs, order, kind, argument);
    this.nextDueUs = this.due[0] as number;
  }

  /** Removes the earliest timer and returns its `kind`; its `argument` is in {@link firedArgument}. */
  pop(): number {
    const kind = this.kinds[0] as number;
    this.firedDueUs = this.due[0] as number;
    this.firedArgument = this.args[0] as number;
    const last = --this.length;
    if (last > 0) this.sinkFromTop(last);
    this.nextDueUs = last > 0 ? (this.due[0] as number) : Number.POSITIVE_INFINITY;
    return kind;
  }

  firedDueUs = 0;
  firedArgument = 0;

  private sinkFromTop(last: number): void {
    const dueUs = this.due[last] as number;
    const order = this.order[last] as number;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.before(this.due[child + 1] as number, this.order[child + 1] as number, child))
        child++;
      if (this.before(dueUs, order, child)) break;
      this.move(child, i);
      i = child;
    }
    this.put(i, dueUs, order, this.kinds[last] as number, this.args[last] as number);
  }

  private before(dueUs: number, order: number, other: number): boolean {
    const otherDue = this.due[other] as number;
    return dueUs < otherDue || (dueUs === otherDue && order < (this.order[other] as number));
  }

  private move(from: number, to: number): void {
    this.put(
      to,
      this.due[from] as number,
      this.order[from] as number,
      this.kinds[from] as number,
      this.args[from] as number,
    );
  }

  private put(i: number, dueUs: number, order: number, kind: number, argument: number): void {
    this.due[i] = dueUs;
    this.order[i] = order;
    this.kinds[i] = kind;
    this.args[i] = argument;
  }

  private grow(): void {
    const size = this.due.length * 2;
    this.due = grown(this.due, new Float64Array(size));
    this.order = grown(this.order, new Float64Array(size));
    this.kinds = grown(this.kinds, new Int32Array(size));
    this.args = grown(this.args, new Float64Array(size));
  }

  /** Everything as plain numbers: the order counter, then (due, order, kind, argument) per timer. */
  snapshot(): number[] {
    const out = [this.nextOrder];
    for (let i = 0; i < this.length; i++) {
      out.push(this.due[i] as number, this.order[i] as number, this.kinds[i] as number, this.args[i] as number);
    }
    return out;
  }

  restore(numbers: readonly number[]): void {
    this.length = 0;
    this.nextDueUs = Number.POSITIVE_INFINITY;
    for (let i = 1; i + 3 < numbers.length; i += 4) {
      this.insert(numbers[i] as number, numbers[i + 1] as number, numbers[i + 2] as number, numbers[i + 3] as number);
    }
    this.nextOrder = numbers[0] ?? 0;
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
