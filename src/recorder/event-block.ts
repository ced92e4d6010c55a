import { invariant, TickloomError } from '../base/index.ts';
import type { EventBatch, EventPayload } from '../model/index.ts';
import {
  newPackedColumn,
  type PackedColumn,
  Packing,
  packColumn,
  readColumn,
  type Sections,
  sectionCounts,
  writeColumn,
} from './column-codec.ts';
import { BLOCK_HEADER_BYTES, BlockType, padded, sealBlock } from './tape-format.ts';

/** Columns of an event block in the order in which they are stored. */
const COLUMN_COUNT = 16;
const HEAD_BYTES = 8 + COLUMN_COUNT * 4;
const FLAG_DELTA = 1;
/** How many of p0..p7 a kind uses; the rest is not stored. */
const NUMBERS_OF_KIND: readonly number[] = [0, 2, 4, 8, 2, 2, 0, 0, 0, 0, 0, 0, 0];
const FIRST_NUMBER = 5;
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** Maps ids of the tape's own tables to ids of the reader's universe. */
export interface IdMaps {
  readonly symbols: readonly number[];
  readonly sources: readonly number[];
  readonly exchanges: readonly number[];
  readonly conditions: readonly number[];
}

function numbersOf(kind: number): number {
  return NUMBERS_OF_KIND[kind] ?? 0;
}

/** Packs rows of event batches into blocks. Reuses its scratch columns; not re-entrant. */
export class EventBlockEncoder {
  private readonly columns: PackedColumn[];

  constructor(capacity: number) {
    this.columns = Array.from({ length: COLUMN_COUNT }, () => newPackedColumn(capacity));
  }

  /** One sealed block with all rows of `batch`, whose `seq` are consecutive. */
  encode(batch: EventBatch, durableBytes: number): Uint8Array {
    const count = batch.length;
    const flags = this.gather(batch);
    const sections: [number, number, number, number] = [0, 0, 0, 0];
    let bases = 0;
    for (const column of this.columns) {
      sectionCounts(column.packing, column.count, sections);
      if (column.packing !== Packing.Empty && column.packing !== Packing.Raw) bases++;
    }
    const text = sparseText(batch);
    const head = HEAD_BYTES;
    const dataBytes = 8 * (bases + sections[0]) + 4 * sections[1] + 2 * sections[2] + sections[3];
    const payloadBytes = head + dataBytes + text.length;
    const block = new Uint8Array(BLOCK_HEADER_BYTES + padded(payloadBytes));
    this.fill(block, head, bases, sections, flags, text);
    sealBlock(block, BlockType.Events, payloadBytes, count, batch.seq[0] as number, durableBytes);
    return block;
  }

  private gather(batch: EventBatch): number {
    const count = batch.length;
    const columns = this.columns;
    copy(batch.kind, count, columns[0]);
    copy(batch.symbol, count, columns[1]);
    copy(batch.source, count, columns[2]);
    copy(batch.tsRecvUs, count, columns[3]);
    const isDelta = delays(batch, count, (columns[4] as PackedColumn).values);
    if (!isDelta) copy(batch.tsEventUs, count, columns[4]);
    for (let c = 0; c < 5; c++) packColumn(columns[c] as PackedColumn, count, false);
    const numbers = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    for (let n = 0; n < numbers.length; n++) {
      const column = columns[FIRST_NUMBER + n] as PackedColumn;
      packColumn(column, pick(batch, numbers[n] as Float64Array, n, column.values), true);
    }
    copy(batch.exchange, count, columns[13]);
    copy(batch.conditions, count, columns[14]);
    copy(batch.idNum, count, columns[15]);
    for (let c = 13; c < 16; c++) packColumn(columns[c] as PackedColumn, count, false);
    return isDelta ? FLAG_DELTA : 0;
  }

  private fill(
    block: Uint8Array,
    head: number,
    bases: number,
    counts: readonly [number, number, number, number],
    flags: number,
    text: Uint8Array,
  ): void {
    const start = block.byteOffset + BLOCK_HEADER_BYTES;
    const view = new DataView(block.buffer, start);
    view.setUint32(0, flags, true);
    view.setUint32(4, text.length, true);
    const sections = openSections(block.buffer, start + head, bases, counts);
    const baseValues = new Float64Array(block.buffer, start + head, bases);
    let base = 0;
    this.columns.forEach((column, c) => {
      view.setUint8(8 + c * 4, column.packing);
      view.setUint8(9 + c * 4, column.scale);
      view.setUint16(10 + c * 4, column.count, true);
      if (column.packing !== Packing.Empty && column.packing !== Packing.Raw) baseValues[base++] = column.base;
      writeColumn(column, sections);
    });
    block.set(text, BLOCK_HEADER_BYTES + head + dataLength(bases, counts));
  }
}

function dataLength(bases: number, counts: readonly [number, number, number, number]): number {
  return 8 * (bases + counts[0]) + 4 * counts[1] + 2 * counts[2] + counts[3];
}

function openSections(
  buffer: ArrayBufferLike,
  start: number,
  bases: number,
  counts: readonly [number, number, number, number],
): Sections {
  const at32 = start + 8 * (bases + counts[0]);
  const at16 = at32 + 4 * counts[1];
  const at8 = at16 + 2 * counts[2];
  return {
    f64: new Float64Array(buffer, start + 8 * bases, counts[0]),
    u32: new Uint32Array(buffer, at32, counts[1]),
    u16: new Uint16Array(buffer, at16, counts[2]),
    u8: new Uint8Array(buffer, at8, counts[3]),
    at64: 0,
    at32: 0,
    at16: 0,
    at8: 0,
  };
}

function copy(from: Float64Array | Uint8Array | Uint16Array | Int32Array, count: number, to?: PackedColumn): void {
  (to as PackedColumn).values.set(from.subarray(0, count));
}

/** Receive time minus event time per row; false when one of them is no whole number that a difference keeps. */
function delays(batch: EventBatch, count: number, to: Float64Array): boolean {
  for (let i = 0; i < count; i++) {
    const event = batch.tsEventUs[i] as number;
    const recv = batch.tsRecvUs[i] as number;
    const delay = recv - event;
    if (!Number.isSafeInteger(delay) || recv - delay !== event || Object.is(event, -0)) return false;
    to[i] = delay;
  }
  return true;
}

function pick(batch: EventBatch, values: Float64Array, n: number, to: Float64Array): number {
  let count = 0;
  for (let i = 0; i < batch.length; i++) {
    if (n < numbersOf(batch.kind[i] as number)) to[count++] = values[i] as number;
  }
  return count;
}

/** Text ids and payloads of the few rows that have them, as JSON; empty where none has. */
function sparseText(batch: EventBatch): Uint8Array {
  const ids: [number, string][] = [];
  const payloads: [number, EventPayload][] = [];
  batch.idText.forEach((text, row) => {
    if (text !== undefined && row < batch.length) ids.push([row, text]);
  });
  batch.payload.forEach((payload, row) => {
    if (payload !== undefined && row < batch.length) payloads.push([row, payload]);
  });
  if (ids.length === 0 && payloads.length === 0) return new Uint8Array(0);
  return textEncoder.encode(JSON.stringify({ ids, payloads }, keepOddNumbers));
}

function keepOddNumbers(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { $number: Object.is(value, -0) ? '-0' : String(value) };
}

function reviveOddNumbers(_key: string, value: unknown): unknown {
  const text = (value as { $number?: unknown } | null)?.$number;
  return typeof text === 'string' ? Number(text) : value;
}

/** Unpacks event blocks into batches. Reuses its scratch column; not re-entrant. */
export class EventBlockDecoder {
  private readonly scratch: Float64Array;

  constructor(capacity: number) {
    this.scratch = new Float64Array(capacity);
  }

  /**
   * Appends the events of a payload to `batch`, which has room for them.
   * @param payload aligned to eight bytes in its buffer.
   * @throws TickloomError `invariant` where the payload contradicts itself or names an id that was not defined.
   */
  decode(payload: Uint8Array, count: number, firstSeq: number, maps: IdMaps, batch: EventBatch): void {
    const { scratch } = this;
    invariant(count <= scratch.length && count <= batch.capacity - batch.length, 'an event block fits a batch');
    const reader = new ColumnReader(payload, scratch);
    const first = batch.length;
    const next = (expected: number): void => invariant(reader.next() === expected, 'columns of a block are complete');
    next(count);
    for (let i = 0; i < count; i++) batch.kind[first + i] = scratch[i] as number;
    next(count);
    mapInto(scratch, count, maps.symbols, batch.symbol, first);
    next(count);
    mapInto(scratch, count, maps.sources, batch.source, first);
    next(count);
    batch.tsRecvUs.set(scratch.subarray(0, count), first);
    next(count);
    putEventTimes(scratch, count, batch, first, reader.isDelta);
    const numbers = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    for (let n = 0; n < numbers.length; n++) {
      const values = reader.next();
      invariant(scatter(scratch, numbers[n] as Float64Array, n, batch, first, count) === values, 'numbers match kinds');
    }
    next(count);
    mapInto(scratch, count, maps.exchanges, batch.exchange, first);
    next(count);
    mapInto(scratch, count, maps.conditions, batch.conditions, first);
    next(count);
    batch.idNum.set(scratch.subarray(0, count), first);
    for (let i = 0; i < count; i++) batch.seq[first + i] = firstSeq + i;
    putSparse(reader.text(), batch, first);
    batch.length = first + count;
  }
}

/** Walks the columns of one payload in stored order. */
class ColumnReader {
  readonly isDelta: boolean;
  private readonly payload: Uint8Array;
  private readonly view: DataView;
  private readonly bases: Float64Array;
  private readonly sections: Sections;
  private readonly textStart: number;
  private readonly into: Float64Array;
  private column = 0;
  private base = 0;

  constructor(payload: Uint8Array, into: Float64Array) {
    invariant(payload.byteLength >= HEAD_BYTES && payload.byteOffset % 8 === 0, 'an event block has a head');
    this.payload = payload;
    this.into = into;
    this.view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    this.isDelta = (this.view.getUint32(0, true) & FLAG_DELTA) !== 0;
    const counts: [number, number, number, number] = [0, 0, 0, 0];
    let bases = 0;
    for (let c = 0; c < COLUMN_COUNT; c++) {
      const packing = this.view.getUint8(8 + c * 4);
      sectionCounts(packing as Packing, this.view.getUint16(10 + c * 4, true), counts);
      if (packing !== Packing.Empty && packing !== Packing.Raw) bases++;
    }
    this.textStart = HEAD_BYTES + dataLength(bases, counts);
    const expected = this.textStart + this.view.getUint32(4, true);
    invariant(expected === payload.byteLength, 'an event block is as long as its columns');
    this.bases = new Float64Array(payload.buffer, payload.byteOffset + HEAD_BYTES, bases);
    this.sections = openSections(payload.buffer, payload.byteOffset + HEAD_BYTES, bases, counts);
  }

  /** Reads the next column into the scratch; returns how many values it has. */
  next(): number {
    const at = 8 + this.column++ * 4;
    const packing = this.view.getUint8(at);
    const count = this.view.getUint16(at + 2, true);
    invariant(count <= this.into.length, 'a column is no longer than a block');
    const hasBase = packing !== Packing.Empty && packing !== Packing.Raw;
    const base = hasBase ? (this.bases[this.base++] as number) : 0;
    readColumn(packing, this.view.getUint8(at + 1), base, count, this.sections, this.into);
    return count;
  }

  text(): Uint8Array {
    return this.payload.subarray(this.textStart);
  }
}

function mapInto(
  ids: Float64Array,
  count: number,
  map: readonly number[],
  to: Int32Array | Uint16Array,
  first: number,
): void {
  for (let i = 0; i < count; i++) {
    const id = ids[i] as number;
    const mapped = id === -1 ? -1 : map[id];
    if (mapped === undefined)
      throw new TickloomError('tape-undefined-id', `A tape block names id ${id}, never defined.`);
    to[first + i] = mapped;
  }
}

function putEventTimes(from: Float64Array, count: number, batch: EventBatch, first: number, isDelta: boolean): void {
  for (let i = 0; i < count; i++) {
    const value = from[i] as number;
    batch.tsEventUs[first + i] = isDelta ? (batch.tsRecvUs[first + i] as number) - value : value;
  }
}

/** Spreads the stored values over the rows whose kind uses number `n`; returns how many rows those are. */
function scatter(
  from: Float64Array,
  to: Float64Array,
  n: number,
  batch: EventBatch,
  first: number,
  count: number,
): number {
  let used = 0;
  for (let i = first; i < first + count; i++) {
    to[i] = n < numbersOf(batch.kind[i] as number) ? (from[used++] as number) : Number.NaN;
  }
  return used;
}

function putSparse(bytes: Uint8Array, batch: EventBatch, first: number): void {
  if (bytes.length === 0) return;
  const sparse = JSON.parse(textDecoder.decode(bytes), reviveOddNumbers) as {
    ids: [number, string][];
    payloads: [number, EventPayload][];
  };
  for (const [row, text] of sparse.ids) batch.idText[first + row] = text;
  for (const [row, payload] of sparse.payloads) batch.payload[first + row] = payload;
}
