import { isPlainByte } from './field-forms.ts';

/** Frames beyond it are left to the way over text: a buffer of their size is not worth keeping. */
const MAX_FRAME_BYTES = 4 * 1_048_576;
/** Zeros behind the frame: readers look up to so many bytes ahead and stop at a zero. */
const PADDING = 64;

/**
 * The bytes of one frame, copied behind one another into a buffer that stays: compiled code then meets the same array
 * every time, words can be read at any place, and the zeros behind the frame end every loop.
 */
export class FrameBytes {
  bytes = new Uint8Array(65_536);
  view = new DataView(this.bytes.buffer);
  /** Bytes of the frame. */
  length = 0;

  /** Takes a frame in; false for one that is too long. */
  load(frame: Uint8Array): boolean {
    const { length } = frame;
    if (length > MAX_FRAME_BYTES) return false;
    if (length + PADDING > this.bytes.length) {
      this.bytes = new Uint8Array(2 * (length + PADDING));
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(frame);
    this.bytes.fill(0, length, length + PADDING);
    this.length = length;
    return true;
  }

  /** Whether certain bytes stand at a place. */
  has(at: number, wanted: Uint8Array): boolean {
    const { bytes } = this;
    for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  /** Place of the first byte from `start` on that does not stand for itself in a text. */
  plainEnd(start: number): number {
    let end = start;
    while (isPlainByte(this.bytes[end] as number)) end++;
    return end;
  }

  /** The text of [start, end), which must be ASCII; `undefined` where it is not, or holds a backslash. */
  plainText(start: number, end: number): string | undefined {
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at] as number;
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }
}
