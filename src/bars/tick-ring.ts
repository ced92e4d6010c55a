import { invariant } from '../base/index.ts';
import { TICK_FLAGS } from './tick-flags.ts';

const { FLAG_REMOVED, FLAG_ID, FLAG_SEQ } = TICK_FLAGS;

const DOUBLE_COLUMNS = 5;
const INTEGER_COLUMNS = 2;
const BYTES_PER_TICK = DOUBLE_COLUMNS * 8 + INTEGER_COLUMNS * 4;
const HEADER_BYTES = 64;
const SYMBOLS_PER_CHUNK = 16;
const MAX_DELAY_US = 2_147_483_647;
const PUBLISH_EVERY = 64;
/** Ticks written and not yet published, at most. Publishing costs as much as writing, so it is not done each time. */
export const MAX_UNPUBLISHED = PUBLISH_EVERY;

/**
 * Where the ring of one symbol lies in shared memory; it can be posted to a worker. Columns one after another, each
 * `capacity` long: five of doubles (event time in microseconds, price, size, id, sequence), then two of 32-bit integers
 * (receive minus event time in microseconds, saturated at ±2147 s; flags). Id and sequence mean something only where
 * the flags say so. At `headOffset` bytes stand two 32-bit
 * integers: the head, a wrapping count of the ticks ever pushed, and the count at which this ring began.
 */
export interface TickRingLocation {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly headOffset: number;
  readonly doublesOffset: number;
  readonly integersOffset: number;
}

/** A tick as {@link TickRing.read} copies it. */
export interface HeldTick {
  ts: number;
  recv: number;
  price: number;
  size: number;
  /** NaN for none. */
  id: number;
  flags: number;
}

export function heldTick(): HeldTick {
  return { ts: Number.NaN, recv: Number.NaN, price: Number.NaN, size: Number.NaN, id: Number.NaN, flags: 0 };
}

/** The ring of one symbol, as its writer sees it. */
class SymbolTicks {
  readonly location: TickRingLocation;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly head: Int32Array;
  /** Ticks ever pushed; the next one gets this index. */
  pushed = 0;
  /** Place of the next tick in the columns. */
  slot = 0;
  /** Ticks that readers know of. */
  published = 0;
  /** Whether it waits for {@link TickRing.publish}. */
  isListed = false;
  /** First index that was ever in this ring: 0, or where a restored snapshot begins. */
  floor = 0;

  constructor(location: TickRingLocation) {
    this.location = location;
    this.doubles = new Float64Array(location.buffer, location.doublesOffset, location.capacity * DOUBLE_COLUMNS);
    this.integers = new Int32Array(location.buffer, location.integersOffset, location.capacity * INTEGER_COLUMNS);
    this.head = new Int32Array(location.buffer, location.headOffset, 2);
  }
}

/**
 * The last ticks of every symbol in shared memory (48 bytes a tick), written by one thread and readable by any other
 * without a copy through `TickRingReader`. Bound: `capacity` ticks a symbol; policy `drop-oldest`, counted in `evicted`.
 * A symbol costs nothing until its first tick; memory comes in chunks of 16 symbols.
 */
export class TickRing {
  readonly capacity: number;
  private readonly symbols: (SymbolTicks | undefined)[] = [];
  private readonly unpublished: SymbolTicks[] = [];
  private chunk: SharedArrayBuffer | undefined;
  private used = 0;

  /** @param capacity ticks kept per symbol, at least 128. */
  constructor(capacity = 10_000) {
    invariant(Number.isInteger(capacity) && capacity >= 128, 'a tick ring holds at least 128 ticks');
    this.capacity = capacity;
  }

  /** Ticks overwritten so far, over all symbols. */
  get evicted(): number {
    let evicted = 0;
    for (const ring of this.symbols) {
      if (ring !== undefined) evicted += Math.max(0, ring.pushed - ring.floor - this.capacity);
    }
    return evicted;
  }

  /** Bytes of shared memory taken. */
  get stateBytes(): number {
    return Math.ceil(this.used / SYMBOLS_PER_CHUNK) * SYMBOLS_PER_CHUNK * this.symbolBytes();
  }

  /**
   * Appends a tick; returns its index, counted from 0 over the life of the symbol. Id and sequence are written only
   * where there are any: the columns are cold memory, and each one costs as much as the rest of the work on a trade.
   *
   * @param id NaN for none @param seq 0 for none @param flags of `tick-flags.ts`, without {@link FLAG_ID} and
   * {@link FLAG_SEQ}
   */
  push(
    symbol: number,
    ts: number,
    recv: number,
    price: number,
    size: number,
    id: number,
    seq: number,
    flags: number,
  ): number {
    const ring = this.symbols[symbol] ?? this.open(symbol);
    const capacity = this.capacity;
    const slot = ring.slot;
    const index = ring.pushed;
    const { doubles, integers } = ring;
    doubles[slot] = ts;
    doubles[capacity + slot] = price;
    doubles[2 * capacity + slot] = size;
    let allFlags = flags;
    if (id === id) {
      doubles[3 * capacity + slot] = id;
      allFlags |= FLAG_ID;
    }
    if (seq !== 0) {
      doubles[4 * capacity + slot] = seq;
      allFlags |= FLAG_SEQ;
    }
    const delayUs = recv - ts;
    integers[slot] = delayUs <= MAX_DELAY_US && delayUs >= -MAX_DELAY_US ? delayUs : saturated(delayUs);
    integers[capacity + slot] = allFlags;
    ring.pushed = index + 1;
    ring.slot = slot + 1 === capacity ? 0 : slot + 1;
    if (index - ring.published >= PUBLISH_EVERY - 1 || !ring.isListed) this.note(ring);
    return index;
  }

  /** Puts a ring on the list for {@link publish}, and publishes it at once where too much waits. */
  private note(ring: SymbolTicks): void {
    if (ring.pushed - ring.published >= PUBLISH_EVERY) this.publishOne(ring);
    if (ring.isListed) return;
    ring.isListed = true;
    this.unpublished.push(ring);
  }

  /** Shows readers everything pushed so far; call it after each batch. */
  publish(): void {
    for (let i = 0; i < this.unpublished.length; i++) {
      const ring = this.unpublished[i] as SymbolTicks;
      ring.isListed = false;
      this.publishOne(ring);
    }
    this.unpublished.length = 0;
  }

  private publishOne(ring: SymbolTicks): void {
    ring.published = ring.pushed;
    Atomics.store(ring.head, 0, ring.pushed | 0);
  }

  /** Ticks ever pushed for a symbol: one more than the index of its newest. */
  pushed(symbol: number): number {
    return this.symbols[symbol]?.pushed ?? 0;
  }

  /** Index of the oldest tick still held; equal to {@link pushed} when there is none. */
  oldest(symbol: number): number {
    const ring = this.symbols[symbol];
    return ring === undefined ? 0 : Math.max(ring.floor, ring.pushed - this.capacity);
  }

  /** Copies a held tick; false when it was taken back by {@link remove}. */
  read(symbol: number, index: number, into: HeldTick): boolean {
    const ring = this.symbols[symbol] as SymbolTicks;
    const capacity = this.capacity;
    const slot = index % capacity;
    const flags = ring.integers[capacity + slot] as number;
    into.ts = ring.doubles[slot] as number;
    into.recv = into.ts + (ring.integers[slot] as number);
    into.price = ring.doubles[capacity + slot] as number;
    into.size = ring.doubles[2 * capacity + slot] as number;
    into.id = (flags & FLAG_ID) !== 0 ? (ring.doubles[3 * capacity + slot] as number) : Number.NaN;
    into.flags = flags;
    return (flags & FLAG_REMOVED) === 0;
  }

  /** Marks a held tick as taken back; readers see the flag. */
  remove(symbol: number, index: number): void {
    const ring = this.symbols[symbol] as SymbolTicks;
    const at = this.capacity + (index % this.capacity);
    ring.integers[at] = (ring.integers[at] as number) | FLAG_REMOVED;
  }

  /** Where a worker finds the ring of a symbol; `undefined` before its first tick. */
  location(symbol: number): TickRingLocation | undefined {
    return this.symbols[symbol]?.location;
  }

  /** Writes the ticks from `fromIndex` on as numbers. */
  save(symbol: number, fromIndex: number, put: (value: number) => void): void {
    const ring = this.symbols[symbol];
    const from = Math.max(fromIndex, this.oldest(symbol));
    put(from);
    put(ring?.pushed ?? 0);
    for (let index = from; ring !== undefined && index < ring.pushed; index++) {
      const slot = index % this.capacity;
      for (let column = 0; column < DOUBLE_COLUMNS; column++)
        put(ring.doubles[column * this.capacity + slot] as number);
      for (let column = 0; column < INTEGER_COLUMNS; column++)
        put(ring.integers[column * this.capacity + slot] as number);
    }
  }

  /** Reads what {@link save} wrote into an empty ring. */
  load(symbol: number, take: () => number): void {
    const from = take();
    const pushed = take();
    if (pushed === 0) return;
    const ring = this.open(symbol);
    ring.floor = from;
    ring.pushed = pushed;
    ring.slot = pushed % this.capacity;
    ring.published = pushed;
    for (let index = from; index < pushed; index++) {
      const slot = index % this.capacity;
      for (let column = 0; column < DOUBLE_COLUMNS; column++) ring.doubles[column * this.capacity + slot] = take();
      for (let column = 0; column < INTEGER_COLUMNS; column++) ring.integers[column * this.capacity + slot] = take();
    }
    Atomics.store(ring.head, 1, from | 0);
    Atomics.store(ring.head, 0, pushed | 0);
  }

  private symbolBytes(): number {
    return HEADER_BYTES + Math.ceil((this.capacity * BYTES_PER_TICK) / 64) * 64;
  }

  private open(symbol: number): SymbolTicks {
    const place = this.used % SYMBOLS_PER_CHUNK;
    if (place === 0 || this.chunk === undefined) {
      this.chunk = new SharedArrayBuffer(SYMBOLS_PER_CHUNK * this.symbolBytes());
    }
    this.used++;
    const headOffset = place * this.symbolBytes();
    const doublesOffset = headOffset + HEADER_BYTES;
    const ring = new SymbolTicks({
      buffer: this.chunk,
      capacity: this.capacity,
      headOffset,
      doublesOffset,
      integersOffset: doublesOffset + this.capacity * DOUBLE_COLUMNS * 8,
    });
    // Array holes would make every later read slower.
    while (this.symbols.length < symbol) this.symbols.push(undefined);
    this.symbols[symbol] = ring;
    return ring;
  }
}

function saturated(delayUs: number): number {
  return delayUs > 0 ? MAX_DELAY_US : -MAX_DELAY_US;
}
