import { OPEN_SPAN } from './field-forms.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** Longest text that is kept; longer ones are looked up the slow way. */
const MAX_BYTES = 16;
/** Four words of text, its length, its id; not a power of two, so that entries spread over the cache. */
const STRIDE = 6;
/** What belongs to a text in the first and the second of two little-endian words, by its length up to eight. */
const LOW_MASKS = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
const HIGH_MASKS = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

/**
 * Ids by the very bytes of short texts, without making strings: symbols, exchanges, lists of conditions. What is not in
 * it is asked for by text, and kept where that gives an id. Bound: `capacity` texts; policy: later ones are not kept
 * (`pass-over`) and counted in {@link unkept}.
 */
export class ByteTable {
  /** Texts that found no room. */
  unkept = 0;
  /** Ids plus one by the byte of a text of one. */
  private readonly ones = new Int32Array(256);
  private readonly entries: Int32Array;
  private readonly slots: number;
  private readonly capacity: number;
  private readonly look: (text: string) => number | undefined;
  private readonly read: (frame: FrameBytes, start: number, length: number) => string | undefined;
  private count = 0;

  /**
   * @param look the id of a text; `undefined` where it has none, which is not kept
   * @param read the text of some bytes, where they are not the text itself
   */
  constructor(
    capacity: number,
    look: (text: string) => number | undefined,
    read: (frame: FrameBytes, start: number, length: number) => string | undefined = plainText,
  ) {
    this.read = read;
    this.capacity = capacity;
    this.slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2));
    this.entries = new Int32Array(this.slots * STRIDE);
    this.look = look;
  }

  /** The id of a span of a frame (see {@link RowScanner.spans}), `undefined` for none. */
  find(frame: FrameBytes, span: number): number | undefined {
    const length = span & 0xff;
    const start = span >> 8;
    if (length === 1) return this.findOne(frame, start);
    if (length > 8) return this.findLong(frame, start, length);
    const { view } = frame;
    const { entries } = this;
    const a = view.getInt32(start, true) & (LOW_MASKS[length] as number);
    const b = view.getInt32(start + 4, true) & (HIGH_MASKS[length] as number);
    const mask = this.slots - 1;
    let slot = hashOf(a, b) & mask;
    for (;;) {
      const at = slot * STRIDE;
      if (entries[at] === a && entries[at + 1] === b && entries[at + 4] === length + 1)
        return entries[at + 5] as number;
      // Lengths are kept plus one: zero says that the slot is empty.
      if (entries[at + 4] === 0) return this.learn(frame, start, length, slot, a, b, 0, 0);
      slot = (slot + 1) & mask;
    }
  }

  private findOne(frame: FrameBytes, start: number): number | undefined {
    const byte = frame.bytes[start] as number;
    const kept = this.ones[byte] as number;
    if (kept !== 0) return kept - 1;
    const id = this.lookUp(frame, start, 1);
    if (id !== undefined) this.ones[byte] = id + 1;
    return id;
  }

  private findLong(frame: FrameBytes, start: number, length: number): number | undefined {
    if (length > MAX_BYTES) return length === OPEN_SPAN ? undefined : this.lookUp(frame, start, length);
    const { view } = frame;
    const { entries } = this;
    const a = view.getInt32(start, true);
    const b = view.getInt32(start + 4, true);
    const c = view.getInt32(start + 8, true) & (LOW_MASKS[length - 8] as number);
    const d = view.getInt32(start + 12, true) & (HIGH_MASKS[length - 8] as number);
    const mask = this.slots - 1;
    let slot = hashOf(a ^ hashOf(c, d), b) & mask;
    for (;;) {
      const at = slot * STRIDE;
      if (
        entries[at] === a &&
        entries[at + 1] === b &&
        entries[at + 2] === c &&
        entries[at + 3] === d &&
        entries[at + 4] === length + 1
      ) {
        return entries[at + 5] as number;
      }
      if (entries[at + 4] === 0) return this.learn(frame, start, length, slot, a, b, c, d);
      slot = (slot + 1) & mask;
    }
  }

  /** Asks for the text, and keeps it in a free slot where it has an id. */
  private learn(
    frame: FrameBytes,
    start: number,
    length: number,
    slot: number,
    ...words: readonly [number, number, number, number]
  ): number | undefined {
    const id = this.lookUp(frame, start, length);
    if (id === undefined) return undefined;
    if (this.count < this.capacity) {
      this.entries.set([...words, length + 1, id], slot * STRIDE);
      this.count++;
    } else this.unkept++;
    return id;
  }

  private lookUp(frame: FrameBytes, start: number, length: number): number | undefined {
    const text = this.read(frame, start, length);
    return text === undefined ? undefined : this.look(text);
  }
}

function plainText(frame: FrameBytes, start: number, length: number): string | undefined {
  return frame.plainText(start, start + length);
}

function hashOf(a: number, b: number): number {
  const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  return hash ^ (hash >>> 15);
}
