import type { FileSystem, OpenFile } from '../host/index.ts';
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  blockBytes,
  decodeBlockHeader,
  decodeSegmentHeader,
  isPayloadSound,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './tape-format.ts';

const WINDOW_BYTES = 4 * 1_024 * 1_024;

/** What lies at `offset` of a segment: a sound block, or bytes that are none up to the next sound block (or the end). */
export type SegmentItem =
  | { readonly kind: 'block'; readonly offset: number; readonly header: BlockHeader; readonly payload: Uint8Array }
  | { readonly kind: 'damage'; readonly offset: number; readonly bytes: number };

/**
 * Walks the blocks of one segment through a window that grows only for a block that is larger. Payloads are aligned
 * to eight bytes and valid until the next group of items is asked for.
 */
export class SegmentScan {
  /** Known once the first group of items was read. */
  header: SegmentHeader = { state: 'damaged' };
  private readonly files: FileSystem;
  private readonly path: string;
  private window = new Uint8Array(0);
  private windowStart = 0;
  private filled = 0;
  private size = 0;

  constructor(files: FileSystem, path: string) {
    this.files = files;
    this.path = path;
  }

  async *items(): AsyncGenerator<readonly SegmentItem[]> {
    const file = await this.files.open(this.path, 'read');
    try {
      this.size = await file.size();
      this.window = new Uint8Array(Math.min(WINDOW_BYTES, (this.size + 7) & ~7));
      await this.refill(file, 0);
      this.header = decodeSegmentHeader(this.window.subarray(0, this.filled));
      let offset = Math.min(SEGMENT_HEADER_BYTES, this.size);
      let damageFrom = -1;
      while (offset < this.size) {
        const group: SegmentItem[] = [];
        let wanted = 0;
        while (offset < this.size) {
          const block = this.blockAt(offset);
          if (typeof block === 'number') {
            wanted = block;
            break;
          }
          if (block === undefined) {
            if (damageFrom < 0) damageFrom = offset;
            offset += 8;
            continue;
          }
          if (damageFrom >= 0) group.push({ kind: 'damage', offset: damageFrom, bytes: offset - damageFrom });
          damageFrom = -1;
          group.push(block);
          offset += blockBytes(block.header.payloadBytes);
        }
        if (group.length > 0) yield group;
        if (wanted > 0) await this.refill(file, offset, wanted);
      }
      if (damageFrom >= 0) yield [{ kind: 'damage', offset: damageFrom, bytes: this.size - damageFrom }];
    } finally {
      await file.close();
    }
  }

  /** The block at a file offset, `undefined` when there is none, or how many bytes must be in the window to tell. */
  private blockAt(offset: number): Extract<SegmentItem, { kind: 'block' }> | number | undefined {
    const at = offset - this.windowStart;
    const isAtEnd = this.windowStart + this.filled >= this.size;
    if (at + BLOCK_HEADER_BYTES > this.filled) return isAtEnd ? undefined : BLOCK_HEADER_BYTES;
    const bytes = this.window.subarray(0, this.filled);
    const header = decodeBlockHeader(bytes, at);
    if (header === undefined || offset + blockBytes(header.payloadBytes) > this.size) return undefined;
    const length = blockBytes(header.payloadBytes);
    if (at + length > this.filled) return length;
    if (!isPayloadSound(bytes, at, header)) return undefined;
    const start = at + BLOCK_HEADER_BYTES;
    return { kind: 'block', offset, header, payload: bytes.subarray(start, start + header.payloadBytes) };
  }

  /** Slides the window to `offset` and fills it. Offsets of blocks are multiples of eight, so alignment is kept. */
  private async refill(file: OpenFile, offset: number, atLeast = 0): Promise<void> {
    const kept = Math.max(0, this.windowStart + this.filled - offset);
    const from = offset - this.windowStart;
    if (atLeast > this.window.length) {
      const larger = new Uint8Array(atLeast + WINDOW_BYTES);
      larger.set(this.window.subarray(from, from + kept));
      this.window = larger;
    } else if (kept > 0) this.window.copyWithin(0, from, from + kept);
    this.windowStart = offset;
    this.filled = kept;
    while (this.filled < this.window.length && this.windowStart + this.filled < this.size) {
      const got = await file.read(this.window.subarray(this.filled), this.windowStart + this.filled);
      if (got === 0) {
        this.size = this.windowStart + this.filled;
        break;
      }
      this.filled += got;
    }
  }
}
