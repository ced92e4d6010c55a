import { invariant } from '../base/index.ts';
import {
  FLAG_REMOVED,
  packFlags,
  TICK_ID,
  TICK_PRICE,
  TICK_RECV,
  TICK_SEQ,
  TICK_SIZE,
  TICK_TS,
  unpackFlags,
} from './tick-record.ts';

const DOUBLE_COLUMNS = 5;
const INTEGER_COLUMNS = 2;
const BYTES_PER_TICK = DOUBLE_COLUMNS * 8 + INTEGER_COLUMNS * 4;
const HEADER_BYTES = 64;
const SYMBOLS_PER_CHUNK = 16;
const MAX_DELAY_US = 2_147_483_647;

/**
 * Where the ring of one symbol lies in shared memory; it can be posted to a worker. Columns one after another, each
 * `capacity` long: five of doubles (event time in microseconds, price, size, id, sequence), then two of 32-bit integers
 * (receive minus event time in microseconds, saturated at ±2147 s; flags). At `headOffset` bytes stand two 32-bit
 * integers: the head, a wrapping count of the ticks ever pushed, and the count at which this ring began.
 */
export interface TickRingLocation {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly headOffset: number;
  readonly doublesOffset: number;
  readonly integersOffset: number;
}

/** The ring of one symbol, as its writer sees it. */
class SymbolTicks {
  readonly location: TickRingLocation;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly head: Int32Array;
  /** Ticks ever pushed; the next one gets this index. */
  pushed = 0;
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
  /** Ticks overwritten so far, over all symbols. */
  evicted = 0;
  private readonly symbols: (SymbolTicks | undefined)[] = [];
  private chunk: SharedArrayBuffer | undefined;
  private used = 0;

  /** @param capacity ticks kept per symbol, at least 16. */
  constructor(capacity = 10_000) {
    invariant(Number.isInteger(capacity) && capacity >= 16, 'a tick ring holds at least 16 ticks');
    this.capacity = capacity;
  }

  /** Bytes of shared memory taken. */
  get stateBytes(): number {
    return Math.ceil(this.used / SYMBOLS_PER_CHUNK) * SYMBOLS_PER_CHUNK * this.symbolBytes();
  }

  /** Appends a tick; returns its index, counted from 0 over the life of the symbol. */
  push(symbol: number, tick: Float64Array): number {
    const ring = this.symbols[symbol] ?? this.open(symbol);
    const capacity = this.capacity;
    const index = ring.pushed;
    const slot = index % capacity;
    if (index - ring.floor >= capacity) this.evicted++;
    const doubles = ring.doubles;
    doubles[slot] = tick[TICK_TS] as number;
    doubles[capacity + slot] = tick[TICK_PRICE] as number;
    doubles[2 * capacity + slot] = tick[TICK_SIZE] as number;
    doubles[3 * capacity + slot] = tick[TICK_ID] as number;
    doubles[4 * capacity + slot] = tick[TICK_SEQ] as number;
    const delayUs = (tick[TICK_RECV] as number) - (tick[TICK_TS] as number);
    ring.integers[slot] = Math.max(-MAX_DELAY_US, Math.min(MAX_DELAY_US, delayUs));
    ring.integers[capacity + slot] = packFlags(tick);
    ring.pushed = index + 1;
    Atomics.store(ring.head, 0, (index + 1) | 0);
    return index;
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

  /** Copies a held tick into a scratch record; false when it was taken back by {@link remove}. */
  read(symbol: number, index: number, tick: Float64Array): boolean {
    const ring = this.symbols[symbol] as SymbolTicks;
    const capacity = this.capacity;
    const slot = index % capacity;
    tick[TICK_TS] = ring.doubles[slot] as number;
    tick[TICK_PRICE] = ring.doubles[capacity + slot] as number;
    tick[TICK_SIZE] = ring.doubles[2 * capacity + slot] as number;
    tick[TICK_ID] = ring.doubles[3 * capacity + slot] as number;
    tick[TICK_SEQ] = ring.doubles[4 * capacity + slot] as number;
    tick[TICK_RECV] = (tick[TICK_TS] as number) + (ring.integers[slot] as number);
    const flags = ring.integers[capacity + slot] as number;
    unpackFlags(flags, tick);
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
