import { UNEXPECTED } from './field-forms.ts';
import { FieldReader } from './field-reader.ts';
import type { FrameBytes } from './frame-bytes.ts';
import type { RowShape } from './row-shape.ts';

// The numbers of field-forms.ts once more: what a module takes from another one is no constant to the compiler. Up to
// NUMBER a value may begin with a digit, from TEXT on with a quote.
const ANY = 0;
const NUMBER = 1;
const LIST = 3;
const TEXT = 6;
const TIME = 7;
const UNUSED = 15;
const NO_KEY = 255;
const LONGEST_SPAN = 255;

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const CLOSE = 0x7d;
/** `"?":` as a little-endian word, the letter left out. */
const ONE_KEY = 0x3a220022;
/** Digits and point of a number that fits into a small integer for certain. */
const SMALL_BYTES = 9;
const POWERS = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);
/** Four digits less their values, what makes more than nine of one carry, and where the carry shows. */
const DIGITS_WORD = 0x30303030;
const SIX_EACH = 0x06060606;
const HIGH_HALVES = 0xf0f0f0f0 | 0;

/**
 * Reads flat objects of a known shape straight from the bytes of a frame. Every value equals what JSON.parse makes of
 * it, bit for bit; where the scanner does not know better it says {@link UNEXPECTED}, and the frame is read as text.
 */
export class RowScanner {
  readonly numbers: Float64Array;
  /** See {@link FieldReader.spans}. */
  readonly spans: Int32Array;
  /** A bit for every slot whose field is there and not null. */
  seen = 0;
  /** True where a field of the shape was null. */
  sawNull = false;
  private readonly frame: FrameBytes;
  private readonly reader: FieldReader;
  /** True once the closing brace was read. */
  private isClosed = false;

  constructor(frame: FrameBytes) {
    this.frame = frame;
    this.reader = new FieldReader(frame);
    this.numbers = this.reader.numbers;
    this.spans = this.reader.spans;
  }

  /** Place of the next byte that is no white space. */
  space(from: number): number {
    return this.reader.space(from);
  }

  /** True where a slot holds a value. */
  has(slot: number): boolean {
    return (this.seen & (1 << slot)) !== 0;
  }

  /**
   * Reads the fields of an object from the quote of a key on (the brace and maybe fields before it are behind).
   * @returns the place behind the closing brace, or {@link UNEXPECTED}.
   */
  fields(from: number, shape: RowShape): number {
    this.seen = 0;
    this.sawNull = false;
    this.isClosed = false;
    let at = from;
    for (;;) {
      at = this.plainFields(at, shape);
      if (this.isClosed) return at;
      at = this.anyField(at, shape);
      if (at < 0 || this.isClosed) return at;
    }
  }

  /**
   * Reads fields as long as they are as they nearly always are: keys of one letter, no white space, numbers of up to
   * nine bytes, times with nanoseconds within the second of the one before. There are no calls in this loop: with them
   * the compiler would fetch every array anew for every field, which takes longer than the field.
   * @returns the place of the first field that is otherwise, or behind the closing brace.
   */
  private plainFields(from: number, shape: RowShape): number {
    const { bytes, view } = this.frame;
    const { codes } = shape;
    const { numbers, spans } = this;
    const { secondA, secondB, secondC, secondUs } = this.reader;
    let at = from | 0;
    let seen = this.seen;
    for (;;) {
      const key = view.getInt32(at, true);
      const code = codes[(key >> 8) & 0xff] as number;
      if ((key & 0xffff00ff) !== ONE_KEY || code === NO_KEY) break;
      const slot = code & UNUSED;
      const form = code >> 4;
      const start = (at + 4) | 0;
      const first = bytes[start] as number;
      let end = start;
      if (form <= NUMBER && first >= ZERO && first <= NINE) {
        let value = 0;
        let digit = first - ZERO;
        do {
          value = (value * 10 + digit) | 0;
          digit = (bytes[++end] as number) - ZERO;
        } while (digit >= 0 && digit <= 9);
        // A zero stands alone before the point.
        if (first === ZERO && end !== start + 1) break;
        if (digit === POINT - ZERO) {
          const decimals = end + 1;
          digit = (bytes[++end] as number) - ZERO;
          while (digit >= 0 && digit <= 9) {
            value = (value * 10 + digit) | 0;
            digit = (bytes[++end] as number) - ZERO;
          }
          if (end === decimals) break;
          numbers[slot] = value / (POWERS[(end - decimals) & 15] as number);
        } else numbers[slot] = value;
        if (end - start > SMALL_BYTES) break;
      } else if (form === TIME) {
        if (view.getFloat64(start + 9, true) !== secondB || view.getInt32(start + 16, true) !== secondC) break;
        if (view.getFloat64(start + 1, true) !== secondA || first !== QUOTE) break;
        // `.`, nine digits, `Z"`: digits four at a time, by arithmetic within a word.
        const a = view.getInt32(start + 21, true) ^ DIGITS_WORD;
        const b = view.getInt32(start + 25, true) ^ DIGITS_WORD;
        const last = (bytes[start + 29] as number) - ZERO;
        if ((((a + SIX_EACH) | a | (b + SIX_EACH) | b) & HIGH_HALVES) !== 0 || last < 0 || last > 9) break;
        if (bytes[start + 20] !== POINT || bytes[start + 30] !== 0x5a || bytes[start + 31] !== QUOTE) break;
        const pairs = (Math.imul(a, 10) + (a >> 8)) & 0x00ff00ff;
        const four = Math.imul(pairs & 0xff, 100) + (pairs >> 16);
        numbers[slot] = secondUs + (Math.imul(four, 100) + Math.imul(b & 0xff, 10) + ((b >> 8) & 0xff));
        end = start + 32;
      } else {
        const close = form === LIST ? CLOSE_LIST : QUOTE;
        if (first !== (form === LIST ? OPEN_LIST : QUOTE) || (form < TEXT && form !== LIST && form !== ANY)) break;
        let byte = bytes[++end] as number;
        while (byte !== close && byte >= 0x20 && byte !== BACKSLASH) byte = bytes[++end] as number;
        if (byte !== close) break;
        const length = (end - start - 1) | 0;
        spans[slot] = ((start + 1) << 8) | Math.min(length, LONGEST_SPAN);
        end++;
      }
      const next = bytes[end] as number;
      if (next !== COMMA && next !== CLOSE) break;
      seen |= 1 << slot;
      at = (end + 1) | 0;
      if (next === CLOSE) {
        this.isClosed = true;
        break;
      }
    }
    this.seen = seen;
    return at;
  }

  /** Reads one field in any of its forms, up to the next one or behind the closing brace. */
  private anyField(from: number, shape: RowShape): number {
    const { reader } = this;
    const { bytes } = this.frame;
    let at = reader.key(reader.space(from), shape);
    if (at < 0) return UNEXPECTED;
    const slot = reader.keyCode & UNUSED;
    at = reader.value(at, slot, reader.keyCode >> 4);
    if (at < 0) return UNEXPECTED;
    this.seen = reader.isNull ? this.seen & ~(1 << slot) : this.seen | (1 << slot);
    if (reader.isNull && slot !== UNUSED) this.sawNull = true;
    at = reader.space(at);
    if (bytes[at] === COMMA) return reader.space(at + 1);
    this.isClosed = bytes[at] === CLOSE;
    return this.isClosed ? at + 1 : UNEXPECTED;
  }
}
