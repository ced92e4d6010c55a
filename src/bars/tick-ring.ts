import { invariant, type NumberReader, type NumberWriter } from '../base/index.ts';
import { TICK_FLAGS } from './tick-flags.ts';

const { FLAG_REMOVED } = TICK_FLAGS;

/**
 * A tick in the ring: six doubles side by side, so that writing one touches one or two lines of cold memory. The last
 * one is two 32-bit integers. An object for the same reason as `BAR_FIELDS`.
 */
export const TICK_SLOT = {
  TICK_TS: 0,
  TICK_PRICE: 1,
  TICK_SIZE: 2,
  /** NaN for none. */
  TICK_ID: 3,
  /** 0 for none. */
  TICK_SEQ: 4,
  /** Among the 32-bit integers of a tick: receive minus event time in microseconds, saturated. */
  TICK_DELAY: 10,
  /** Among the 32-bit integers of a tick: see `tick-flags.ts`. */
  TICK_BITS: 11,
  TICK_WIDTH: 6,
} as const;

const { TICK_TS, TICK_PRICE, TICK_SIZE, TICK_ID, TICK_SEQ, TICK_DELAY, TICK_BITS, TICK_WIDTH } = TICK_SLOT;

const BYTES_PER_TICK = TICK_WIDTH * 8;
const HEADER_BYTES = 64;
const SYMBOLS_PER_CHUNK = 16;
const MAX_DELAY_US = 2_147_483_647;
/** Ticks written and not yet published, at most. Publishing costs as much as writing, so it is not done each time. */
export const MAX_UNPUBLISHED = 64;
const STRETCH = MAX_UNPUBLISHED;
const WORDS_PER_LINE = 16;

/**
 * Where the ring of one symbol lies in shared memory; it can be posted to a worker. `capacity` ticks one after another
 * from `ticksOffset` on, each six doubles: event time in microseconds, price, size, id (NaN for none), sequence (0 for
 * none), and two 32-bit integers (receive minus event time in microseconds, saturated at ±2147 s; flags). One field is
 * thus a column with a stride of 48 bytes. At `headOffset` bytes stand two 32-bit integers: the head, a wrapping count
 * of the ticks ever pushed, and the count at which this ring began.
 */
export interface TickRingLocation {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly headOffset: number;
  readonly ticksOffset: number;
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

/**
 * Integers kept per symbol, side by side: the hot path then touches one line of them and no object. Where its next tick
 * goes and where its first stands in the doubles of its chunk; whether ticks wait to be published; its chunk (0 for
 * none); and at which place the ring has something to do before the next tick.
 */
export const RING_PLACE = { NEXT: 0, BASE: 1, WAITING: 2, CHUNK: 3, TURN: 4, PLACE_WIDTH: 5 } as const;
const { NEXT, BASE, WAITING, CHUNK, TURN, PLACE_WIDTH } = RING_PLACE;

/**
 * The last ticks of every symbol in shared memory (48 bytes a tick), written by one thread and readable by any other
 * without a copy through `TickRingReader`. Bound: `capacity` ticks a symbol; policy `drop-oldest`, counted in `evicted`.
 * A symbol costs nothing until its first tick; memory comes in chunks of 16 symbols.
 */
export class TickRing {
  readonly capacity: number;
  /**
   * Per symbol: `RING_PLACE`. This and the chunks are open to the builder, which writes plain trades itself (`push` with
   * its seven doubles would cost as much as all the rest).
   */
  places = new Int32Array(SYMBOLS_PER_CHUNK * PLACE_WIDTH);
  /** The chunks as doubles, from index 1 on. */
  readonly doubles: Float64Array[] = [new Float64Array(0)];
  /** The same memory as 32-bit integers. */
  readonly integers: Int32Array[] = [new Int32Array(0)];
  private readonly chunks: SharedArrayBuffer[] = [];
  private used = 0;
  /** Keeps what {@link turn} reads from being left out. */
  touched = 0;
  /** Ticks pushed before the ring began again at its first place the last time. */
  private laps = new Float64Array(SYMBOLS_PER_CHUNK);
  /** First index that was ever in the ring: 0, or where a restored snapshot begins. */
  private floors = new Float64Array(SYMBOLS_PER_CHUNK);
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
    for (let symbol = 0; symbol < this.laps.length; symbol++) {
      evicted += Math.max(0, this.pushed(symbol) - (this.floors[symbol] as number) - this.capacity);
    }
    return evicted;
  }

  /** Bytes of shared memory taken. */
  get stateBytes(): number {
    return this.chunks.length * SYMBOLS_PER_CHUNK * this.symbolBytes();
  }

  /**
   * Counts one more tick of a symbol and returns where it stands in the doubles of its chunk; the caller writes it.
   */
  private claim(symbol: number): number {
    const place = symbol * PLACE_WIDTH;
    if (place >= this.places.length || this.places[place + CHUNK] === 0) this.open(symbol);
    if (this.places[place + NEXT] === this.places[place + TURN]) this.turn(symbol);
    const { places } = this;
    const at = places[place + NEXT] as number;
    places[place + NEXT] = at + TICK_WIDTH;
    if (places[place + WAITING] === 0) this.await(symbol);
    return at;
  }

  /** Puts a symbol on the list of those with ticks that wait to be published. */
  await(symbol: number): void {
    this.places[symbol * PLACE_WIDTH + WAITING] = 1;
    this.unpublished.push(symbol);
  }

  /**
   * What is due after each stretch of ticks: shows them to readers, begins again at the end of the ring, and touches the
   * next stretch. The ticks of many symbols fall on cold memory and each one alone waits for it; a loop that does
   * nothing else waits for many lines at once. The first time round there is nothing to touch: the system clears pages.
   */
  private turn(symbol: number): void {
    const place = symbol * PLACE_WIDTH;
    const { places } = this;
    this.showHead(symbol);
    const base = places[place + BASE] as number;
    const end = base + this.capacity * TICK_WIDTH;
    if (places[place + NEXT] === end) {
      places[place + NEXT] = base;
      this.laps[symbol] = (this.laps[symbol] as number) + this.capacity;
    }
    const from = places[place + NEXT] as number;
    const to = Math.min(end, from + STRETCH * TICK_WIDTH);
    places[place + TURN] = to;
    if (this.laps[symbol] === 0) return;
    const words = this.integers[places[place + CHUNK] as number] as Int32Array;
    let sum = 0;
    for (let at = 2 * from + WORDS_PER_LINE - 1; at < 2 * to; at += WORDS_PER_LINE) sum += words[at] as number;
    this.touched = sum | 0;
  }

  /**
   * Appends a tick; returns its index, counted from 0 over the life of the symbol.
   *
   * @param id NaN for none @param seq 0 for none @param flags of `tick-flags.ts`
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
    const at = this.claim(symbol);
    const chunk = this.places[symbol * PLACE_WIDTH + CHUNK] as number;
    const slots = this.doubles[chunk] as Float64Array;
    const words = this.integers[chunk] as Int32Array;
    slots[at + TICK_TS] = ts;
    slots[at + TICK_PRICE] = price;
    slots[at + TICK_SIZE] = size;
    slots[at + TICK_ID] = id;
    slots[at + TICK_SEQ] = seq;
    words[2 * at + TICK_DELAY] = Math.max(-MAX_DELAY_US, Math.min(MAX_DELAY_US, recv - ts));
    words[2 * at + TICK_BITS] = flags;
    return this.pushed(symbol) - 1;
  }

  /** Shows readers everything pushed so far; call it after each batch. */
  publish(): void {
    for (let i = 0; i < this.unpublished.length; i++) {
      const symbol = this.unpublished[i] as number;
      this.places[symbol * PLACE_WIDTH + WAITING] = 0;
      this.showHead(symbol);
    }
    this.unpublished.length = 0;
  }

  private showHead(symbol: number): void {
    const place = symbol * PLACE_WIDTH;
    const integers = this.integers[this.places[place + CHUNK] as number] as Int32Array;
    Atomics.store(integers, 2 * (this.places[place + BASE] as number) - HEADER_BYTES / 4, this.pushed(symbol) | 0);
  }

  /** Ticks ever pushed for a symbol: one more than the index of its newest. */
  pushed(symbol: number): number {
    const place = symbol * PLACE_WIDTH;
    if (place >= this.places.length) return 0;
    const slots = ((this.places[place + NEXT] as number) - (this.places[place + BASE] as number)) / TICK_WIDTH;
    return (this.laps[symbol] as number) + slots;
  }

  /** Index of the oldest tick still held; equal to {@link pushed} when there is none. */
  oldest(symbol: number): number {
    return Math.max(this.floors[symbol] ?? 0, this.pushed(symbol) - this.capacity);
  }

  /** Copies a held tick; false when it was taken back by {@link remove}. */
  read(symbol: number, index: number, into: HeldTick): boolean {
    const { slots, words, at } = this.slotOf(symbol, index);
    into.ts = slots[at + TICK_TS] as number;
    into.recv = into.ts + (words[2 * at + TICK_DELAY] as number);
    into.price = slots[at + TICK_PRICE] as number;
    into.size = slots[at + TICK_SIZE] as number;
    into.id = slots[at + TICK_ID] as number;
    into.flags = words[2 * at + TICK_BITS] as number;
    return (into.flags & FLAG_REMOVED) === 0;
  }

  /** Marks a held tick as taken back; readers see the flag. */
  remove(symbol: number, index: number): void {
    const { words, at } = this.slotOf(symbol, index);
    words[2 * at + TICK_BITS] = (words[2 * at + TICK_BITS] as number) | FLAG_REMOVED;
  }

  private slotOf(symbol: number, index: number) {
    const place = symbol * PLACE_WIDTH;
    const chunk = this.places[place + CHUNK] as number;
    return {
      slots: this.doubles[chunk] as Float64Array,
      words: this.integers[chunk] as Int32Array,
      at: (this.places[place + BASE] as number) + (index % this.capacity) * TICK_WIDTH,
    };
  }

  /** Where a worker finds the ring of a symbol; `undefined` before its first tick. */
  location(symbol: number): TickRingLocation | undefined {
    const place = symbol * PLACE_WIDTH;
    const chunk = (this.places[place + CHUNK] ?? 0) - 1;
    if (chunk < 0) return undefined;
    const ticksOffset = (this.places[place + BASE] as number) * 8;
    return {
      buffer: this.chunks[chunk] as SharedArrayBuffer,
      capacity: this.capacity,
      headOffset: ticksOffset - HEADER_BYTES,
      ticksOffset,
    };
  }

  /** Writes the ticks from `fromIndex` on as they stand in memory. */
  save(symbol: number, fromIndex: number, writer: NumberWriter): void {
    const from = Math.max(fromIndex, this.oldest(symbol));
    const pushed = this.pushed(symbol);
    writer.put(from);
    writer.put(pushed);
    this.eachStretch(symbol, from, pushed, (slots, at, end) => writer.putRange(slots, at, end));
  }

  /** Reads what {@link save} wrote into an empty ring. */
  load(symbol: number, reader: NumberReader): void {
    const from = reader.take();
    const pushed = reader.take();
    if (pushed === 0) return;
    this.open(symbol);
    this.floors[symbol] = from;
    this.laps[symbol] = pushed - (pushed % this.capacity);
    const place = symbol * PLACE_WIDTH;
    this.places[place + NEXT] = (this.places[place + BASE] as number) + (pushed % this.capacity) * TICK_WIDTH;
    this.places[place + TURN] = this.places[place + NEXT] as number;
    this.eachStretch(symbol, from, pushed, (slots, at, end) => reader.takeRange(slots, at, end));
    const location = this.location(symbol) as TickRingLocation;
    Atomics.store(new Int32Array(location.buffer, location.headOffset, 2), 1, from | 0);
    this.showHead(symbol);
  }

  /** The doubles of the ticks [from, to) in their order: two stretches where they go over the end of the ring. */
  private eachStretch(
    symbol: number,
    from: number,
    to: number,
    take: (slots: Float64Array, at: number, end: number) => void,
  ): void {
    for (let index = from; index < to; ) {
      const { slots, at } = this.slotOf(symbol, index);
      const count = Math.min(to - index, this.capacity - (index % this.capacity));
      take(slots, at, at + count * TICK_WIDTH);
      index += count;
    }
  }

  private symbolBytes(): number {
    return HEADER_BYTES + Math.ceil((this.capacity * BYTES_PER_TICK) / 64) * 64;
  }

  private open(symbol: number): void {
    if (symbol >= this.laps.length) this.widen(Math.max(SYMBOLS_PER_CHUNK, symbol + 1, this.laps.length * 2));
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
    this.places[place + NEXT] = this.places[place + BASE] as number;
    this.places[place + TURN] = this.places[place + BASE] as number;
    this.places[place + CHUNK] = this.chunks.length;
  }

  private widen(symbols: number): void {
    const places = new Int32Array(symbols * PLACE_WIDTH);
    places.set(this.places);
    this.places = places;
    const laps = new Float64Array(symbols);
    laps.set(this.laps);
    this.laps = laps;
    const floors = new Float64Array(symbols);
    floors.set(this.floors);
    this.floors = floors;
  }
}
