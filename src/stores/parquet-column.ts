import { constants, zstdCompressSync } from 'node:zlib';
import type { ColumnBatch } from './column-batch.ts';
import type { ColumnSpec } from './data-sets.ts';
import {
  appendStoredFrame,
  ByteSink,
  bitWidth,
  encodeByteStreamSplit,
  encodeDeltas,
  encodeDigits,
  encodeHybrid,
  encodeText,
  MAX_STORED_BYTES,
} from './parquet-encoding.ts';
import { compareText } from './row-order.ts';
import { ThriftWriter } from './thrift-writer.ts';

/** Numbers of the Parquet format (parquet.thrift). */
export const ENCODING = { plain: 0, rle: 3, delta: 5, dictionary: 8, split: 9 } as const;
export const PHYSICAL = { int32: 1, int64: 2, double: 5, bytes: 6 } as const;
const PAGE = { data: 0, dictionary: 2 } as const;

/** What the footer says of one column in one row group. Offsets are relative to the start of the chunk. */
export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly encodings: readonly number[];
  readonly hasDictionary: boolean;
  readonly dataPageOffset: number;
  readonly uncompressedBytes: number;
  readonly values: number;
  readonly nulls: number;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
}

/** Most distinct values for which a column of doubles is written through a dictionary. */
const MAX_DOUBLE_DICTIONARY = 255;
/** Row groups after which the choice between plain and split doubles is made anew. */
const RETRY_GROUPS = 16;

/**
 * Encodes one column, row group by row group, of one file or of many after each other: times and integers as bit-packed deltas, texts through a
 * dictionary, doubles through a dictionary where few differ, else plain or byte-split, whichever ZSTD makes smaller
 * on this column (tried on the first row group and every 16th after it, over all the files it is used for).
 */
export class ParquetColumnEncoder {
  private readonly spec: ColumnSpec;
  private readonly index: number;
  private readonly level: number;
  private readonly page = new ByteSink(1_024);
  private readonly other = new ByteSink(256);
  private readonly packed = new ByteSink(128);
  private readonly header = new ThriftWriter();
  private readonly chunk = new ByteSink(1_024);
  private values = new Float64Array(0);
  private indices = new Int32Array(0);
  private levels = new Uint8Array(0);
  private readonly doubleIds = new Map<number, number>();
  private isSplit = false;
  private groupsToRetry = 0;

  constructor(spec: ColumnSpec, index: number, level: number) {
    this.spec = spec;
    this.index = index;
    this.level = level;
  }

  /** Encodes the rows `order[from .. to)`. The returned bytes are valid until the next call. */
  encode(batch: ColumnBatch, order: Uint32Array, from: number, to: number): ColumnChunk {
    this.page.length = 0;
    this.chunk.length = 0;
    if (this.levels.length < to - from) {
      this.values = new Float64Array(to - from);
      this.indices = new Int32Array(to - from);
      this.levels = new Uint8Array(to - from);
    }
    if (this.spec.type === 'text') return this.encodeTexts(batch, order, from, to);
    if (this.spec.type === 'id') return this.encodeIds(batch, order, from, to);
    return this.encodeNumbers(batch.columns[this.index] as Float64Array, order, from, to);
  }

  private encodeNumbers(source: Float64Array, order: Uint32Array, from: number, to: number): ColumnChunk {
    const { values, levels } = this;
    const rows = to - from;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const value = source[order[from + i] as number] as number;
      values[count] = value;
      const isPresent = value === value ? 1 : 0;
      levels[i] = isPresent;
      count += isPresent;
    }
    this.writeLevels(rows, count);
    if (this.spec.type === 'double') return this.encodeDoubles(rows, count);
    encodeDeltas(values, count, this.page);
    const { min, max } = this.integerRange(count);
    return this.finish(rows, count, ENCODING.delta, 0, min, max);
  }

  private integerRange(count: number): { min: Uint8Array | undefined; max: Uint8Array | undefined } {
    if (count === 0) return { min: undefined, max: undefined };
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const value = this.values[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    return { min: this.integerBytes(min), max: this.integerBytes(max) };
  }

  private integerBytes(value: number): Uint8Array {
    const bytes = new Uint8Array(this.spec.type === 'int32' ? 4 : 8);
    const view = new DataView(bytes.buffer);
    if (this.spec.type === 'int32') view.setInt32(0, value, true);
    else view.setBigInt64(0, BigInt(value), true);
    return bytes;
  }

  private encodeDoubles(rows: number, count: number): ColumnChunk {
    const dictionaryLength = this.tryDoubleDictionary(count);
    if (dictionaryLength > 0) return this.finish(rows, count, ENCODING.dictionary, dictionaryLength);
    const headLength = this.page.length;
    const plain = new Uint8Array(this.values.buffer, 0, count * 8);
    const isSmall = plain.length <= MAX_STORED_BYTES;
    if (!isSmall && this.groupsToRetry-- <= 0) {
      this.groupsToRetry = RETRY_GROUPS;
      encodeByteStreamSplit(this.values, count, this.page);
      const splitBytes = this.compress(this.page.view()).length;
      this.page.length = headLength;
      this.page.append(plain);
      this.isSplit = splitBytes < this.compress(this.page.view()).length;
      this.page.length = headLength;
    }
    const isSplit = this.isSplit && !isSmall;
    if (isSplit) encodeByteStreamSplit(this.values, count, this.page);
    else this.page.append(plain);
    return this.finish(rows, count, isSplit ? ENCODING.split : ENCODING.plain, 0);
  }

  /** Writes dictionary and indices when few values differ; returns the number of entries, 0 when too many differ. */
  private tryDoubleDictionary(count: number): number {
    const ids = this.doubleIds;
    ids.clear();
    let last = Number.NaN;
    let lastId = 0;
    for (let i = 0; i < count; i++) {
      const value = this.values[i] as number;
      if (value !== last) {
        // Map joins 0 and -0; the difference means nothing in any column here.
        const known = ids.get(value);
        if (known === undefined) {
          if (ids.size === MAX_DOUBLE_DICTIONARY) return 0;
          lastId = ids.size;
          ids.set(value, lastId);
        } else lastId = known;
        last = value;
      }
      this.indices[i] = lastId;
    }
    if (ids.size === 0) return 0;
    this.writeIndices(count, ids.size);
    const entries = Float64Array.from(ids.keys());
    this.writeDictionary(new Uint8Array(entries.buffer), ids.size);
    return ids.size;
  }

  private encodeTexts(batch: ColumnBatch, order: Uint32Array, from: number, to: number): ColumnChunk {
    const source = batch.columns[this.index] as Int32Array;
    const texts = batch.texts[this.index] as readonly string[];
    const rows = to - from;
    const ids = this.doubleIds;
    ids.clear();
    this.other.length = 0;
    let count = 0;
    let last = -1;
    let lastId = 0;
    for (let i = 0; i < rows; i++) {
      const text = source[order[from + i] as number] as number;
      if (text === last) {
        this.levels[i] = 1;
        this.indices[count++] = lastId;
        continue;
      }
      const isPresent = text !== 0 || !this.spec.isOptional;
      this.levels[i] = isPresent ? 1 : 0;
      if (!isPresent) continue;
      let id = ids.get(text);
      if (id === undefined) {
        id = ids.size;
        ids.set(text, id);
        encodeText(texts[text] as string, this.other);
      }
      last = text;
      lastId = id;
      this.indices[count++] = id;
    }
    this.writeLevels(rows, count);
    if (ids.size === 0) return this.finish(rows, 0, ENCODING.plain, 0);
    this.writeIndices(count, ids.size);
    this.writeDictionary(this.other.view(), ids.size);
    const range = this.spec.name === 'symbol' ? textRange([...ids.keys()].map((id) => texts[id] as string)) : undefined;
    return this.finish(rows, count, ENCODING.dictionary, ids.size, range?.min, range?.max);
  }

  private encodeIds(batch: ColumnBatch, order: Uint32Array, from: number, to: number): ColumnChunk {
    const source = batch.columns[this.index] as Float64Array;
    const rows = to - from;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const row = order[from + i] as number;
      const isPresent = source[row] === source[row] || batch.idTexts.has(row);
      this.levels[i] = isPresent ? 1 : 0;
      if (isPresent) count++;
    }
    this.writeLevels(rows, count);
    for (let i = 0; i < rows; i++) {
      if (this.levels[i] === 0) continue;
      const row = order[from + i] as number;
      const number = source[row] as number;
      if (number === number) encodeDigits(number, this.page);
      else encodeText(batch.idTexts.get(row) ?? '', this.page);
    }
    return this.finish(rows, count, ENCODING.plain, 0);
  }

  /** Definition levels of an optional column: which rows are present. */
  private writeLevels(rows: number, present: number): void {
    if (!this.spec.isOptional) return;
    const lengthAt = this.page.length;
    this.page.u32(0);
    if (present === rows) {
      this.page.varint(rows * 2);
      this.page.byte(1);
    } else encodeHybrid(this.levels, rows, 1, this.page);
    const end = this.page.length;
    this.page.length = lengthAt;
    this.page.u32(end - lengthAt - 4);
    this.page.length = end;
  }

  private writeIndices(count: number, entries: number): void {
    const width = Math.max(1, bitWidth(entries - 1));
    this.page.byte(width);
    encodeHybrid(this.indices, count, width, this.page);
  }

  private dictionaryBytes = 0;

  private writeDictionary(entries: Uint8Array<ArrayBuffer>, count: number): void {
    this.dictionaryBytes = this.writePage(PAGE.dictionary, entries, (header) => {
      header.struct(7, () => {
        header.i32(1, count);
        header.i32(2, ENCODING.plain);
      });
    });
  }

  private finish(
    rows: number,
    present: number,
    encoding: number,
    dictionaryEntries: number,
    min?: Uint8Array,
    max?: Uint8Array,
  ): ColumnChunk {
    const dataPageOffset = this.chunk.length;
    const dataBytes = this.writePage(PAGE.data, this.page.view(), (header) => {
      header.struct(5, () => {
        header.i32(1, rows);
        header.i32(2, encoding);
        header.i32(3, ENCODING.rle);
        header.i32(4, ENCODING.rle);
      });
    });
    const hasDictionary = dictionaryEntries > 0;
    return {
      bytes: this.chunk.view(),
      encodings: hasDictionary ? [ENCODING.rle, ENCODING.plain, encoding] : [ENCODING.rle, encoding],
      hasDictionary,
      dataPageOffset,
      uncompressedBytes: dataBytes + (hasDictionary ? this.dictionaryBytes : 0),
      values: rows,
      nulls: rows - present,
      min,
      max,
    };
  }

  /** Appends a page to the chunk; returns its size with the body uncompressed. */
  private writePage(type: number, body: Uint8Array<ArrayBuffer>, describe: (header: ThriftWriter) => void): number {
    this.packed.length = 0;
    if (body.length <= MAX_STORED_BYTES) appendStoredFrame(body, this.packed);
    const compressed = body.length <= MAX_STORED_BYTES ? this.packed.view() : this.compress(body);
    const { header } = this;
    header.i32(1, type);
    header.i32(2, body.length);
    header.i32(3, compressed.length);
    describe(header);
    const bytes = header.finish();
    this.chunk.append(bytes);
    this.chunk.append(compressed);
    return bytes.length + body.length;
  }

  private compress(body: Uint8Array<ArrayBuffer>): Uint8Array {
    // One output chunk for the whole page: in the default steps of 16 KiB it would be copied together at the end.
    const chunkSize = Math.max(1_024, body.length + (body.length >> 6));
    return zstdCompressSync(body, { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: this.level } });
  }
}

function textRange(texts: readonly string[]): { min: Uint8Array; max: Uint8Array } | undefined {
  const sorted = [...texts].sort(compareText);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const encoder = new TextEncoder();
  return { min: encoder.encode(first), max: encoder.encode(last) };
}
