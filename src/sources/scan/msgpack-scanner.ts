import { US_PER_SECOND } from '../../base/index.ts';
import { FORM_NUMBERS, OPEN_SPAN, UNEXPECTED, UNUSED_SLOT } from './field-forms.ts';
import type { FrameBytes } from './frame-bytes.ts';
import type { RowShape } from './row-shape.ts';

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const MAX_FIXED = 0x7f;
const FIXED_MAP = 0x80;
const FIXED_LIST = 0x90;
const FIXED_TEXT = 0xa0;
const TEXT_8 = 0xd9;
const NS_PER_US = 1_000;
const TWO_32 = 4_294_967_296;
/** Extension types 4, 8 and 12 bytes long that say a time: their heads as little-endian words. */
const TIME_4 = 0xffd6;
const TIME_8 = 0xffd7;
const TIME_12 = 0xff0cc7;

/**
 * Reads flat maps of a known shape straight from the bytes of a msgpack frame, as {@link RowScanner} does with objects of
 * JSON: numbers in every width, short texts, times, lists of one-letter texts. A list's span begins with its own head.
 */
export class MsgpackScanner {
  /** Values by slot: numbers, and times in microseconds. */
  readonly numbers = new Float64Array(UNUSED_SLOT + 1);
  /** Where texts and lists stand, by slot: the place times 256, and the number of bytes. */
  readonly spans = new Int32Array(UNUSED_SLOT + 1);
  /** A bit for every slot whose field is there and not nil. */
  seen = 0;
  private readonly frame: FrameBytes;
  private value = 0;

  constructor(frame: FrameBytes) {
    this.frame = frame;
  }

  /** True where a slot holds a value. */
  has(slot: number): boolean {
    return (this.seen & (1 << slot)) !== 0;
  }

  /** Number of entries of a map (or list, by `fixed`) at a place and, in {@link headEnd}, where they begin; -1 for none. */
  private count(at: number, fixed: number, wide: number): number {
    const head = this.frame.bytes[at] as number;
    this.headEnd = at + 1;
    if ((head & 0xf0) === fixed) return head & 0x0f;
    if (head !== wide) return UNEXPECTED;
    this.headEnd = at + 3;
    return this.frame.view.getUint16(at + 1);
  }

  /** Place behind the head that was counted last. */
  headEnd = 0;

  /** Number of entries of a list, -1 where there is none. */
  listCount(at: number): number {
    return this.count(at, FIXED_LIST, 0xdc);
  }

  /** Number of entries of a map, -1 where there is none. */
  mapCount(at: number): number {
    return this.count(at, FIXED_MAP, 0xde);
  }

  /**
   * Reads so many fields of a map from a key on.
   * @returns the place behind the last, or {@link UNEXPECTED}.
   */
  fields(from: number, count: number, shape: RowShape): number {
    const { bytes, view, length } = this.frame;
    const { codes } = shape;
    let at = from;
    this.seen = 0;
    for (let left = count; left > 0; left--) {
      const size = (bytes[at] as number) - FIXED_TEXT;
      if (size < 1 || size > 31 || at + size > length) return UNEXPECTED;
      let code = UNUSED_SLOT;
      if (size === 1) code = codes[bytes[at + 1] as number] as number;
      else if (size <= 4) {
        const word = view.getInt32(at + 1, true);
        code = shape.codeOfWord(size === 4 ? word : word & ((1 << (8 * size)) - 1));
      }
      // Names with a line below at the beginning mean something to the general reading.
      if (code > 0x7f || bytes[at + 1] === 0x5f) return UNEXPECTED;
      at = this.field(at + 1 + size, code & UNUSED_SLOT, code >> 4);
      if (at < 0 || at > length) return UNEXPECTED;
    }
    return at;
  }

  private field(at: number, slot: number, form: number): number {
    const head = this.frame.bytes[at] as number;
    if (head === NIL) {
      this.seen &= ~(1 << slot);
      return form === FORM_NUMBERS.refuse ? UNEXPECTED : at + 1;
    }
    this.seen |= 1 << slot;
    if (form === FORM_NUMBERS.number) {
      const end = this.number(at, head);
      this.numbers[slot] = this.value;
      return end;
    }
    if (form === FORM_NUMBERS.text) return this.text(at, head, slot);
    if (form === FORM_NUMBERS.time) {
      const end = this.time(at);
      this.numbers[slot] = this.value;
      return end;
    }
    if (form === FORM_NUMBERS.list) return this.list(at, head, slot);
    return form === FORM_NUMBERS.any ? this.passOver(at, head) : UNEXPECTED;
  }

  /** Reads a number of any width into {@link value}. */
  private number(at: number, head: number): number {
    const { view, bytes } = this.frame;
    if (head <= MAX_FIXED) {
      this.value = head;
      return at + 1;
    }
    switch (head) {
      case 0xcb:
        this.value = view.getFloat64(at + 1);
        return at + 9;
      case 0xcc:
        this.value = bytes[at + 1] as number;
        return at + 2;
      case 0xcd:
        this.value = view.getUint16(at + 1);
        return at + 3;
      case 0xce:
        this.value = view.getUint32(at + 1);
        return at + 5;
      case 0xcf:
        // The sum is rounded once, as the number of the whole integer would be.
        this.value = view.getUint32(at + 1) * TWO_32 + view.getUint32(at + 5);
        return at + 9;
      case 0xca:
        this.value = view.getFloat32(at + 1);
        return at + 5;
      default:
        return this.signed(at, head);
    }
  }

  private signed(at: number, head: number): number {
    const { view } = this.frame;
    if (head >= 0xe0) {
      this.value = head - 0x100;
      return at + 1;
    }
    switch (head) {
      case 0xd0:
        this.value = view.getInt8(at + 1);
        return at + 2;
      case 0xd1:
        this.value = view.getInt16(at + 1);
        return at + 3;
      case 0xd2:
        this.value = view.getInt32(at + 1);
        return at + 5;
      case 0xd3:
        // Negative ones of this width are left to the general reading.
        this.value = view.getInt32(at + 1) * TWO_32 + view.getUint32(at + 5);
        return this.value < 0 ? UNEXPECTED : at + 9;
      default:
        return UNEXPECTED;
    }
  }

  private text(at: number, head: number, slot: number): number {
    const isShort = (head & 0xe0) === FIXED_TEXT;
    if (!isShort && head !== TEXT_8) return UNEXPECTED;
    const start = isShort ? at + 1 : at + 2;
    const size = isShort ? head & 0x1f : (this.frame.bytes[at + 1] as number);
    this.spans[slot] = (start << 8) | Math.min(size, OPEN_SPAN);
    return start + size;
  }

  /** A list of texts of up to 31 bytes each. */
  private list(from: number, head: number, slot: number): number {
    const { bytes } = this.frame;
    if ((head & 0xf0) !== FIXED_LIST) return UNEXPECTED;
    let at = from + 1;
    for (let left = head & 0x0f; left > 0; left--) {
      const size = (bytes[at] as number) - FIXED_TEXT;
      if (size < 0 || size > 31) return UNEXPECTED;
      at += 1 + size;
    }
    this.spans[slot] = (from << 8) | Math.min(at - from, OPEN_SPAN);
    return at;
  }

  /** A time of one of the three widths, cut to microseconds, into {@link value}. */
  private time(at: number): number {
    const { view } = this.frame;
    const word = view.getInt32(at, true);
    if ((word & 0xffff) === TIME_8) {
      const high = view.getUint32(at + 2);
      const seconds = (high & 3) * TWO_32 + view.getUint32(at + 6);
      this.value = seconds * US_PER_SECOND + Math.floor((high >>> 2) / NS_PER_US);
      return at + 10;
    }
    if ((word & 0xffff) === TIME_4) {
      this.value = view.getUint32(at + 2) * US_PER_SECOND;
      return at + 6;
    }
    if ((word & 0xffffff) !== TIME_12 || view.getInt32(at + 7) < 0) return UNEXPECTED;
    const seconds = view.getInt32(at + 7) * TWO_32 + view.getUint32(at + 11);
    this.value = seconds * US_PER_SECOND + Math.floor(view.getUint32(at + 3) / NS_PER_US);
    return at + 15;
  }

  /** Passes over a value that nobody asked for; nested ones are not expected. */
  private passOver(at: number, head: number): number {
    if (head === FALSE || head === TRUE) return at + 1;
    if ((head & 0xe0) === FIXED_TEXT || head === TEXT_8) return this.text(at, head, UNUSED_SLOT);
    return this.number(at, head);
  }
}
