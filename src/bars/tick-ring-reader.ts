import { MAX_UNPUBLISHED, TICK_SLOT, type TickRingLocation } from './tick-ring.ts';

const { TICK_TS, TICK_PRICE, TICK_SIZE, TICK_ID, TICK_SEQ, TICK_DELAY, TICK_BITS, TICK_WIDTH } = TICK_SLOT;

/** Slots behind the head that a reader treats as lost already: the writer may be filling them unpublished. */
const GUARD_TICKS = MAX_UNPUBLISHED + 1;

/** Columns that a reader fills; equally long. Flags are explained in `tick-flags.ts`. */
export interface TickColumns {
  readonly tsEventUs: Float64Array;
  readonly tsRecvUs: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** The provider's id; negative for a key of a text id, NaN for none. */
  readonly id: Float64Array;
  /** Position in the tape, 0 for none. */
  readonly seq: Float64Array;
  readonly flags: Int32Array;
}

export function tickColumns(length: number): TickColumns {
  return {
    tsEventUs: new Float64Array(length),
    tsRecvUs: new Float64Array(length),
    price: new Float64Array(length),
    size: new Float64Array(length),
    id: new Float64Array(length),
    seq: new Float64Array(length),
    flags: new Int32Array(length),
  };
}

/**
 * Reads the ring of one symbol from any thread while its writer goes on. Optimistic: it copies, looks at the head
 * again, and drops what may have been overwritten meanwhile, so that no torn tick is ever returned; what was lost is
 * counted in `lost`.
 */
export class TickRingReader {
  /** Ticks that were overwritten before they could be read. */
  lost = 0;
  private readonly location: TickRingLocation;
  private readonly head: Int32Array;
  private readonly slots: Float64Array;
  private readonly words: Int32Array;
  /** Index of the next tick to read. */
  private next: number;
  private headSeen: number;
  private total: number;
  private readonly floor: number;

  constructor(location: TickRingLocation) {
    this.location = location;
    this.head = new Int32Array(location.buffer, location.headOffset, 2);
    this.floor = Atomics.load(this.head, 1) >>> 0;
    this.total = this.floor;
    this.headSeen = this.floor | 0;
    this.next = this.floor;
    this.slots = new Float64Array(location.buffer, location.ticksOffset, location.capacity * TICK_WIDTH);
    this.words = new Int32Array(location.buffer, location.ticksOffset, location.capacity * TICK_WIDTH * 2);
  }

  /** Ticks ever pushed, as far as this reader has looked (it has to look once per 2^31 ticks). */
  pushed(): number {
    const head = Atomics.load(this.head, 0);
    this.total += (head - this.headSeen) | 0;
    this.headSeen = head;
    return this.total;
  }

  /** Copies the ticks since the last call, oldest first, as many as fit; returns how many. */
  read(into: TickColumns): number {
    const capacity = this.location.capacity;
    const readable = capacity - GUARD_TICKS;
    const head = this.pushed();
    if (head - this.next > readable) this.skipTo(head - readable);
    const count = Math.min(head - this.next, into.flags.length);
    for (let i = 0; i < count; i++) this.copy(this.next + i, i, into);
    const overwritten = Math.min(Math.max(this.pushed() - readable - this.next, 0), count);
    if (overwritten > 0) {
      for (const column of Object.values(into) as (Float64Array | Int32Array)[])
        column.copyWithin(0, overwritten, count);
      this.lost += overwritten;
    }
    this.next += count;
    return count - overwritten;
  }

  /** Jumps so that the next read begins with the newest `ticks` ticks. */
  rewind(ticks: number): void {
    this.next = Math.max(this.floor, this.pushed() - Math.min(ticks, this.location.capacity - GUARD_TICKS));
  }

  private skipTo(index: number): void {
    this.lost += index - this.next;
    this.next = index;
  }

  private copy(index: number, i: number, into: TickColumns): void {
    const { slots, words } = this;
    const at = (index % this.location.capacity) * TICK_WIDTH;
    const ts = slots[at + TICK_TS] as number;
    into.tsEventUs[i] = ts;
    into.tsRecvUs[i] = ts + (words[2 * at + TICK_DELAY] as number);
    into.price[i] = slots[at + TICK_PRICE] as number;
    into.size[i] = slots[at + TICK_SIZE] as number;
    into.id[i] = slots[at + TICK_ID] as number;
    into.seq[i] = slots[at + TICK_SEQ] as number;
    into.flags[i] = words[2 * at + TICK_BITS] as number;
  }
}
