import { crc32 } from 'node:zlib';

/**
 * The tape on disk (docs/tape.md): numbered segments, each a header of 64 bytes and then blocks, each a header of
 * 40 bytes and a payload padded to eight bytes. All numbers are little-endian.
 */
export const TAPE_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 64;
export const BLOCK_HEADER_BYTES = 40;
/** Most events in one block; readers use batches of this size. */
export const BLOCK_CAPACITY = 8_192;
/** A block that claims more is taken as damaged. */
export const MAX_PAYLOAD_BYTES = 256 * 1_024 * 1_024;

const SEGMENT_MAGIC = 'TICKTAPE';
const BLOCK_MAGIC = 0x4b4c_4254; // "TBLK"

export const BlockType = {
  /** Definitions that later blocks of the same segment refer to by id. */
  Tables: 1,
  Events: 2,
  /** Raw provider frames. */
  Frames: 3,
  /** The digest of the outputs at a sequence number. */
  Mark: 4,
} as const;
export type BlockType = (typeof BlockType)[keyof typeof BlockType];

export interface BlockHeader {
  readonly type: number;
  readonly payloadBytes: number;
  /** Events or frames or definitions in the block. */
  readonly count: number;
  /** Sequence number of the first event; for other types that of the event which comes next. */
  readonly firstSeq: number;
  /** How far the segment was durable when the block was made: damage before that offset destroyed stored bytes. */
  readonly durableBytes: number;
  readonly payloadCrc: number;
}

/** Whole length of a block on disk. */
export function blockBytes(payloadBytes: number): number {
  return BLOCK_HEADER_BYTES + padded(payloadBytes);
}

export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.tape`;
}

/** The number in a segment's file name, `undefined` for any other name. */
export function segmentNumber(name: string): number | undefined {
  return /^\d{8}\.tape$/.test(name) ? Number(name.slice(0, 8)) : undefined;
}

export function encodeSegmentHeader(number: number, firstSeq: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(SEGMENT_MAGIC));
  view.setUint16(8, TAPE_VERSION, true);
  view.setUint16(10, SEGMENT_HEADER_BYTES, true);
  view.setUint32(12, number, true);
  view.setFloat64(16, firstSeq, true);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}

export type SegmentHeader =
  | { readonly state: 'ok'; readonly number: number; readonly firstSeq: number }
  | { readonly state: 'damaged' }
  | { readonly state: 'newer'; readonly version: number };

export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { state: 'damaged' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  const isOurs = new TextDecoder('latin1').decode(bytes.subarray(0, 8)) === SEGMENT_MAGIC;
  if (!isOurs || view.getUint32(60, true) !== crc32(bytes.subarray(0, 60))) return { state: 'damaged' };
  const version = view.getUint16(8, true);
  if (version > TAPE_VERSION) return { state: 'newer', version };
  return { state: 'ok', number: view.getUint32(12, true), firstSeq: view.getFloat64(16, true) };
}

/** Fills in the header of `block`, whose payload already lies behind it. */
export function sealBlock(
  block: Uint8Array,
  type: BlockType,
  payloadBytes: number,
  count: number,
  firstSeq: number,
  durableBytes: number,
): void {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK_HEADER_BYTES);
  view.setUint32(0, BLOCK_MAGIC, true);
  view.setUint32(4, payloadBytes, true);
  view.setUint32(8, type, true);
  view.setUint32(12, count, true);
  view.setFloat64(16, firstSeq, true);
  view.setFloat64(24, durableBytes, true);
  view.setUint32(32, crc32(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + payloadBytes)), true);
  view.setUint32(36, crc32(block.subarray(0, 36)), true);
}

/** Reads a block header at `offset`; `undefined` when the bytes there are none. */
export function decodeBlockHeader(bytes: Uint8Array, offset: number): BlockHeader | undefined {
  if (offset + BLOCK_HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, BLOCK_HEADER_BYTES);
  if (view.getUint32(0, true) !== BLOCK_MAGIC) return undefined;
  if (view.getUint32(36, true) !== crc32(bytes.subarray(offset, offset + 36))) return undefined;
  const payloadBytes = view.getUint32(4, true);
  if (payloadBytes > MAX_PAYLOAD_BYTES) return undefined;
  return {
    type: view.getUint32(8, true),
    payloadBytes,
    count: view.getUint32(12, true),
    firstSeq: view.getFloat64(16, true),
    durableBytes: view.getFloat64(24, true),
    payloadCrc: view.getUint32(32, true),
  };
}

/** Whether the payload behind a header at `offset` is all there and undamaged. */
export function isPayloadSound(bytes: Uint8Array, offset: number, header: BlockHeader): boolean {
  const start = offset + BLOCK_HEADER_BYTES;
  const end = start + header.payloadBytes;
  return end <= bytes.length && crc32(bytes.subarray(start, end)) === header.payloadCrc;
}
