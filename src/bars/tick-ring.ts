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

/** Integers kept per symbol, side by side: the hot path then touches one line of them and no object. */
const SLOT = 0;
const BASE = 1;
const WAITING = 2;
const CHUNK = 3;
const PLACE_WIDTH = 4;

/**
 * The last ticks of every symbol in shared memory (48 bytes a tick), written by one thread and readable by any other
 * without a copy through `TickRingReader`. Bound: `capacity` ticks a symbol; policy `drop-oldest`, counted in `evicted`.
 * A symbol costs nothing until its first tick; memory comes in chunks of 16 symbols.
 */
export class TickRing {
  readonly capacity: number;
  private readonly chunks: SharedArrayBuffer[] = [];
  private readonly doubles: Float64Array[] = [];
  private readonly integers: Int32Array[] = [];
  private used = 0;
  /**
   * Per symbol: slot of the next tick, offset of the first column in its chunk's doubles, ticks that wait to be
   * published, and the chunk (0 for none, else 1 more than its number).
   */
  private places = new Int32Array(0);
  /** Ticks ever pushed; the next one gets this index. */
  private counts = new Float64Array(0);
  /** First index that was ever in the ring: 0, or where a restored snapshot begins. */
  private floors = new Float64Array(0);
  /** Symbols with ticks that wait. */
  private readonly unpublished: number[] = [];

  /** @param capacity ticks kept per symbol, at least 128. */
  constructor(capacity = 10_000) {
    invariant(Number.isInteger(capacity) && capacity >= 128, 'a tick ring holds at least 128 ticks');
    this.capacity = capacity;
  }

  /** Ticks overwritten so far, over all symbols. */
  get evicted(): number {
    let evicted = 0;
    for (let symbol = 0; symbol < this.counts.length; symbol++) {
      evicted += Math.max(0, this.pushed(symbol) - (this.floors[symbol] as number) - this.capacity);
    }
    return evicted;
  }

  /** Bytes of shared memory taken. */
  get stateBytes(): number {
    return this.chunks.length * SYMBOLS_PER_CHUNK * this.symbolBytes();
  }

  /**
   * Appends a tick; returns its index, counted from 0 over the life of the symbol. Id and sequence are written only
   * where there are any: the columns are cold memory, and each one costs as much as the rest of the work on a trade.
   *
   * @param id NaN for none @param seq 0 for none @param flags of `tick-flags.ts`, without `FLAG_ID` and `FLAG_SEQ`
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
    const place = symbol * PLACE_WIDTH;
    if (!((this.places[place + CHUNK] as number) > 0)) this.open(symbol);
    const { places, capacity } = this;
    const chunk = (places[place + CHUNK] as number) - 1;
    const slot = places[place + SLOT] as number;
    const base = places[place + BASE] as number;
    const doubles = this.doubles[chunk] as Float64Array;
    const integers = this.integers[chunk] as Int32Array;
    const at = base + slot;
    doubles[at] = ts;
    doubles[at + capacity] = price;
    doubles[at + 2 * capacity] = size;
    let allFlags = flags;
    if (id === id) {
      doubles[at + 3 * capacity] = id;
      allFlags |= FLAG_ID;
    }
    if (seq > 0) {
      doubles[at + 4 * capacity] = seq;
      allFlags |= FLAG_SEQ;
    }
    const delayUs = recv - ts;
    const integerAt = 2 * (base + DOUBLE_COLUMNS * capacity) + slot;
    integers[integerAt] = delayUs <= MAX_DELAY_US && delayUs >= -MAX_DELAY_US ? delayUs : saturated(delayUs);
    integers[integerAt + capacity] = allFlags;
    places[place + SLOT] = slot + 1 === capacity ? 0 : slot + 1;
    const index = this.counts[symbol] as number;
    this.counts[symbol] = index + 1;
    const waiting = (places[place + WAITING] as number) + 1;
    places[place + WAITING] = waiting;
    if (waiting === 1) this.unpublished.push(symbol);
    else if (waiting > PUBLISH_EVERY) this.publishOne(symbol, 1);
    return index;
  }

  /** Shows readers everything pushed so far; call it after each batch. */
  publish(): void {
    for (let i = 0; i < this.unpublished.length; i++) this.publishOne(this.unpublished[i] as number, 0);
    this.unpublished.length = 0;
  }

  /** @param waiting what to count as waiting afterwards: 1 keeps the symbol on the list */
  private publishOne(symbol: number, waiting: number): void {
    const place = symbol * PLACE_WIDTH;
    this.places[place + WAITING] = waiting;
    this.showHead(symbol);
  }

  private showHead(symbol: number): void {
    const place = symbol * PLACE_WIDTH;
    const integers = this.integers[(this.places[place + CHUNK] as number) - 1] as Int32Array;
    Atomics.store(integers, 2 * (this.places[place + BASE] as number) - HEADER_BYTES / 4, this.pushed(symbol) | 0);
  }

  /** Ticks ever pushed for a symbol: one more than the index of its newest. */
  pushed(symbol: number): number {
    return this.counts[symbol] ?? 0;
  }

  /** Index of the oldest tick still held; equal to {@link pushed} when there is none. */
  oldest(symbol: number): number {
    return Math.max(this.floors[symbol] ?? 0, this.pushed(symbol) - this.capacity);
  }

  /** Copies a held tick; false when it was taken back by {@link remove}. */
  read(symbol: number, index: number, into: HeldTick): boolean {
    const { doubles, integers, at, integerAt } = this.slotOf(symbol, index);
    const { capacity } = this;
    const flags = integers[integerAt + capacity] as number;
    into.ts = doubles[at] as number;
    into.recv = into.ts + (integers[integerAt] as number);
    into.price = doubles[at + capacity] as number;
    into.size = doubles[at + 2 * capacity] as number;
    into.id = (flags & FLAG_ID) !== 0 ? (doubles[at + 3 * capacity] as number) : Number.NaN;
    into.flags = flags;
    return (flags & FLAG_REMOVED) === 0;
  }

  /** Marks a held tick as taken back; readers see the flag. */
  remove(symbol: number, index: number): void {
    const { integers, integerAt } = this.slotOf(symbol, index);
    integers[integerAt + this.capacity] = (integers[integerAt + this.capacity] as number) | FLAG_REMOVED;
  }

  private slotOf(symbol: number, index: number) {
    const place = symbol * PLACE_WIDTH;
    const chunk = (this.places[place + CHUNK] as number) - 1;
    const base = this.places[place + BASE] as number;
    const slot = index % this.capacity;
    return {
      doubles: this.doubles[chunk] as Float64Array,
      integers: this.integers[chunk] as Int32Array,
      at: base + slot,
      integerAt: 2 * (base + DOUBLE_COLUMNS * this.capacity) + slot,
    };
  }

  /** Where a worker finds the ring of a symbol; `undefined` before its first tick. */
  location(symbol: number): TickRingLocation | undefined {
    const place = symbol * PLACE_WIDTH;
    const chunk = (this.places[place + CHUNK] ?? 0) - 1;
    if (chunk < 0) return undefined;
    const doublesOffset = (this.places[place + BASE] as number) * 8;
    return {
      buffer: this.chunks[chunk] as SharedArrayBuffer,
      capacity: this.capacity,
      headOffset: doublesOffset - HEADER_BYTES,
      doublesOffset,
      integersOffset: doublesOffset + this.capacity * DOUBLE_COLUMNS * 8,
    };
  }

  /** Writes the ticks from `fromIndex` on as numbers. */
  save(symbol: number, fromIndex: number, put: (value: number) => void): void {
    const from = Math.max(fromIndex, this.oldest(symbol));
    const pushed = this.pushed(symbol);
    put(from);
    put(pushed);
    for (let index = from; index < pushed; index++) {
      const { doubles, integers, at, integerAt } = this.slotOf(symbol, index);
      const flags = integers[integerAt + this.capacity] as number;
      put(flags);
      put(integers[integerAt] as number);
      for (let column = 0; column < DOUBLE_COLUMNS; column++) {
        if (isSet(column, flags)) put(doubles[at + column * this.capacity] as number);
      }
    }
  }

  /** Reads what {@link save} wrote into an empty ring. */
  load(symbol: number, take: () => number): void {
    const from = take();
    const pushed = take();
    if (pushed === 0) return;
    this.open(symbol);
    this.floors[symbol] = from;
    this.counts[symbol] = pushed;
    this.places[symbol * PLACE_WIDTH + SLOT] = pushed % this.capacity;
    for (let index = from; index < pushed; index++) {
      const { doubles, integers, at, integerAt } = this.slotOf(symbol, index);
      const flags = take();
      integers[integerAt + this.capacity] = flags;
      integers[integerAt] = take();
      for (let column = 0; column < DOUBLE_COLUMNS; column++) {
        if (isSet(column, flags)) doubles[at + column * this.capacity] = take();
      }
    }
    const location = this.location(symbol) as TickRingLocation;
    Atomics.store(new Int32Array(location.buffer, location.headOffset, 2), 1, from | 0);
    this.showHead(symbol);
  }

  private symbolBytes(): number {
    return HEADER_BYTES + Math.ceil((this.capacity * BYTES_PER_TICK) / 64) * 64;
  }

  private open(symbol: number): void {
    if (symbol >= this.counts.length) this.widen(Math.max(SYMBOLS_PER_CHUNK, symbol + 1, this.counts.length * 2));
    const inChunk = this.used % SYMBOLS_PER_CHUNK;
    if (inChunk === 0) {
      const chunk = new SharedArrayBuffer(SYMBOLS_PER_CHUNK * this.symbolBytes());
      this.chunks.push(chunk);
      this.doubles.push(new Float64Array(chunk));
      this.integers.push(new Int32Array(chunk));
    }
    this.used++;
    const place = symbol * PLACE_WIDTH;
    this.places[place + BASE] = (inChunk * this.symbolBytes() + HEADER_BYTES) / 8;
    this.places[place + CHUNK] = this.chunks.length;
  }

  private widen(symbols: number): void {
    const places = new Int32Array(symbols * PLACE_WIDTH);
    places.set(this.places);
    this.places = places;
    const counts = new Float64Array(symbols);
    counts.set(this.counts);
    this.counts = counts;
    const floors = new Float64Array(symbols);
    floors.set(this.floors);
    this.floors = floors;
  }
}

/** Whether a column of doubles holds anything for a tick. */
function isSet(column: number, flags: number): boolean {
  return column < 3 || (flags & (column === 3 ? FLAG_ID : FLAG_SEQ)) !== 0;
}

function saturated(delayUs: number): number {
  return delayUs > 0 ? MAX_DELAY_US : -MAX_DELAY_US;
}
