import { BLOCK_HEADER_BYTES, BlockType, padded, sealBlock } from './tape-format.ts';

/** A raw frame as a provider sent it. Secrets are the caller's to remove before it is recorded. */
export interface Frame {
  readonly source: string;
  readonly tsRecvUs: number;
  readonly bytes: Uint8Array;
  /** Sequence number of the event recorded next after the frame. */
  readonly nextSeq: number;
}

const FRAME_HEAD_BYTES = 16;

/** One sealed block with one frame: f64 receive time, u32 source id, u32 length, bytes. */
export function encodeFrame(
  sourceId: number,
  tsRecvUs: number,
  bytes: Uint8Array,
  nextSeq: number,
  durableBytes: number,
): Uint8Array {
  const payloadBytes = FRAME_HEAD_BYTES + bytes.length;
  const block = new Uint8Array(BLOCK_HEADER_BYTES + padded(payloadBytes));
  const view = new DataView(block.buffer, BLOCK_HEADER_BYTES);
  view.setFloat64(0, tsRecvUs, true);
  view.setUint32(8, sourceId, true);
  view.setUint32(12, bytes.length, true);
  block.set(bytes, BLOCK_HEADER_BYTES + FRAME_HEAD_BYTES);
  sealBlock(block, BlockType.Frames, payloadBytes, 1, nextSeq, durableBytes);
  return block;
}

/** The frames of a payload; the bytes are copies. */
export function* readFrames(
  payload: Uint8Array,
  nextSeq: number,
): Generator<Omit<Frame, 'source'> & { readonly sourceId: number }> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  while (at + FRAME_HEAD_BYTES <= payload.length) {
    const length = view.getUint32(at + 12, true);
    const start = at + FRAME_HEAD_BYTES;
    yield {
      sourceId: view.getUint32(at + 8, true),
      tsRecvUs: view.getFloat64(at, true),
      bytes: payload.slice(start, start + length),
      nextSeq,
    };
    at = start + length;
  }
}
