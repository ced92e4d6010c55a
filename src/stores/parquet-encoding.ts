/**
 * Parquet's value encodings (apache/parquet-format, Encodings.md) over typed arrays. Encoders append to a reused
 * {@link ByteSink}, so that writing a column allocates nothing once grown.
 */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `extra` bytes behind `length`. */
  reserve(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Unsigned LEB128 of an integer below 2^53. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** Signed LEB128 by zigzag; the doubling never leaves seven bits, so that it is exact up to 2^53. */
  zigzag(value: number): void {
    const size = value < 0 ? -value - 1 : value;
    const first = (size % 64) * 2 + (value < 0 ? 1 : 0);
    if (size < 64) this.byte(first);
    else {
      this.byte(first | 128);
      this.varint(Math.floor(size / 64));
    }
  }

  u32(value: number): void {
    this.reserve(4);
    const at = this.length;
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
    this.bytes[at + 2] = value >>> 16;
    this.bytes[at + 3] = value >>> 24;
    this.length += 4;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

/** Longest page that {@link appendStoredFrame} is used for: below this ZSTD gains next to nothing. */
export const MAX_STORED_BYTES = 64;

/**
 * Appends `body` as a ZSTD frame of one raw block (RFC 8878, 3.1.1). A compressor made for a page of a few bytes costs a
 * hundred times what it saves. Returns the frame's length.
 */
export function appendStoredFrame(body: Uint8Array, out: ByteSink): number {
  const from = out.length;
  out.u32(0xfd2fb528);
  out.byte(0x20); // One segment, so no window; the content's size in one byte.
  out.byte(body.length);
  const header = body.length * 8 + 1; // The last block, raw.
  out.byte(header & 255);
  out.byte(header >> 8);
  out.byte(0);
  out.append(body);
  return out.length - from;
}

const BLOCK = 128;
const MINIBLOCK = 32;
const deltas = new Float64Array(BLOCK);

/**
 * DELTA_BINARY_PACKED for integers whose span is below 2^52 (times in microseconds over 142 years, counts, sequence
 * numbers), so that differences of differences stay exact in doubles.
 */
export function encodeDeltas(values: Float64Array | Int32Array, count: number, out: ByteSink): void {
  out.varint(BLOCK);
  out.varint(BLOCK / MINIBLOCK);
  out.varint(count);
  out.zigzag(count > 0 ? (values[0] as number) : 0);
  for (let start = 1; start < count; start += BLOCK) {
    const size = Math.min(BLOCK, count - start);
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++) {
      const delta = (values[start + i] as number) - (values[start + i - 1] as number);
      deltas[i] = delta;
      if (delta < smallest) smallest = delta;
    }
    out.zigzag(smallest);
    encodeMiniblocks(size, smallest, out);
  }
}

function encodeMiniblocks(size: number, smallest: number, out: ByteSink): void {
  out.reserve(BLOCK / MINIBLOCK + BLOCK * 8);
  const widthsAt = out.length;
  out.length += BLOCK / MINIBLOCK;
  for (let mini = 0; mini < BLOCK / MINIBLOCK; mini++) {
    const from = mini * MINIBLOCK;
    let largest = 0;
    for (let i = from; i < from + MINIBLOCK; i++) {
      const value = i < size ? (deltas[i] as number) - smallest : 0;
      deltas[i] = value;
      if (value > largest) largest = value;
    }
    const width = from < size ? bitWidth(largest) : 0;
    out.bytes[widthsAt + mini] = width;
    if (from < size && width > 0) packBits(deltas, from, MINIBLOCK, width, out);
  }
}

/** Bits needed for an unsigned integer below 2^53. */
export function bitWidth(value: number): number {
  if (value < 4_294_967_296) return 32 - Math.clz32(value);
  return 64 - Math.clz32(Math.floor(value / 4_294_967_296));
}

/** Packs `count` unsigned integers of `width` bits each, least significant bit first; whole bytes at the end. */
export function packBits(
  values: Float64Array | Int32Array | Uint8Array,
  from: number,
  count: number,
  width: number,
  out: ByteSink,
): void {
  out.reserve(((count * width) >> 3) + 8);
  const bytes = out.bytes;
  let at = out.length;
  // The accumulator stays below 2^7 + 2^24 pieces, so plain integer arithmetic is exact; wide values go in two pieces.
  let bits = 0;
  let held = 0;
  for (let i = from; i < from + count; i++) {
    let rest = values[i] as number;
    let left = width;
    while (left > 0) {
      const take = Math.min(left, 24);
      const piece = left > 24 ? rest % 16_777_216 : rest;
      rest = left > 24 ? Math.floor(rest / 16_777_216) : 0;
      bits |= piece << held;
      held += take;
      left -= take;
      while (held >= 8) {
        bytes[at++] = bits;
        bits >>>= 8;
        held -= 8;
      }
    }
  }
  if (held > 0) bytes[at++] = bits;
  out.length = at;
}

/** RLE / bit-packing hybrid for small unsigned integers (dictionary indices, definition levels). */
export function encodeHybrid(values: Int32Array | Uint8Array, count: number, width: number, out: ByteSink): void {
  const valueBytes = (width + 7) >> 3;
  let at = 0;
  let packedFrom = 0;
  while (at < count) {
    let run = 1;
    while (at + run < count && values[at + run] === values[at]) run++;
    // A packed stretch must hold whole groups of eight: lend it values of this run until it does.
    const open = (at - packedFrom) % 8;
    const lend = open === 0 ? 0 : Math.min(run, 8 - open);
    if (run - lend < 8) {
      at += run;
      continue;
    }
    packGroups(values, packedFrom, at + lend, width, out);
    out.varint((run - lend) * 2);
    for (let b = 0; b < valueBytes; b++) out.byte(((values[at] as number) >>> (8 * b)) & 255);
    at += run;
    packedFrom = at;
  }
  packGroups(values, packedFrom, count, width, out);
}

const tail = new Int32Array(8);

function packGroups(values: Int32Array | Uint8Array, from: number, to: number, width: number, out: ByteSink): void {
  const count = to - from;
  if (count === 0) return;
  const groups = (count + 7) >> 3;
  out.varint(groups * 2 + 1);
  const whole = count & ~7;
  packBits(values, from, whole, width, out);
  if (whole === count) return;
  tail.fill(0);
  for (let i = whole; i < count; i++) tail[i - whole] = values[from + i] as number;
  packBits(tail, 0, 8, width, out);
}

/** BYTE_STREAM_SPLIT: all first bytes, then all second bytes, …: near-equal numbers then compress. */
export function encodeByteStreamSplit(values: Float64Array, count: number, out: ByteSink): void {
  out.reserve(count * 8);
  const source = new Uint8Array(values.buffer, values.byteOffset, count * 8);
  const bytes = out.bytes;
  const base = out.length;
  for (let lane = 0; lane < 8; lane++) {
    const at = base + lane * count;
    for (let i = 0, k = lane; i < count; i++, k += 8) bytes[at + i] = source[k] as number;
  }
  out.length += count * 8;
}

const textEncoder = new TextEncoder();

/** PLAIN byte array: 4-byte length, then UTF-8. */
export function encodeText(text: string, out: ByteSink): void {
  out.reserve(4 + text.length * 3);
  const lengthAt = out.length;
  out.length += 4;
  const { written } = textEncoder.encodeInto(text, out.bytes.subarray(out.length));
  out.length = lengthAt;
  out.u32(written);
  out.length += written;
}

/** PLAIN byte array of the decimal digits of a non-negative integer below 2^53, without making a string. */
export function encodeDigits(value: number, out: ByteSink): void {
  out.reserve(24);
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  out.u32(digits);
  let rest = value;
  for (let at = out.length + digits - 1; at >= out.length; at--) {
    const next = Math.floor(rest / 10);
    out.bytes[at] = 48 + (rest - next * 10);
    rest = next;
  }
  out.length += digits;
}
