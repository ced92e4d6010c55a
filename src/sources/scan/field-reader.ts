import { parseMicros, US_PER_SECOND } from '../../base/index.ts';
import { FORM_NUMBERS, isPlainByte, OPEN_SPAN, UNEXPECTED, UNUSED_SLOT } from './field-forms.ts';
import type { FrameBytes } from './frame-bytes.ts';
import type { RowShape } from './row-shape.ts';

const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const NULL_WORD = 0x6c6c756e;
const TRUE_WORD = 0x65757274;
const FALS_WORD = 0x736c6166;
/** Up to so many digits an integer is exact, and so is its division by a power of ten the nearest double. */
const MAX_DIGITS = 15;
const POWERS = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i);
const SECOND_LENGTH = 19;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads keys and values of flat objects in every form, field by field. Every value equals what JSON.parse makes of it,
 * bit for bit; where that is not certain the answer is {@link UNEXPECTED}.
 */
export class FieldReader {
  /** Values by slot: numbers, numerals, times in microseconds, flags as 0 and 1. */
  readonly numbers = new Float64Array(UNUSED_SLOT + 1);
  /**
   * Where texts and lists stand, by slot, without quotes and brackets: the place of the first byte times 256, and the
   * number of bytes (255 for as many and more).
   */
  readonly spans = new Int32Array(UNUSED_SLOT + 1);
  /** The second that was read last, as its bytes (0 to 7, 8 to 15, 15 to 18), and what it is. */
  secondA = Number.NaN;
  secondB = Number.NaN;
  secondC = 0;
  secondUs = Number.NaN;
  /** Code of the key that {@link key} read. */
  keyCode = UNUSED_SLOT;
  /** True where {@link value} read a null. */
  isNull = false;
  private readonly frame: FrameBytes;

  constructor(frame: FrameBytes) {
    this.frame = frame;
  }

  /** Place of the next byte that is no white space. */
  space(from: number): number {
    const { bytes } = this.frame;
    let at = from;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at++;
    }
  }

  /** Reads a key up to its value. */
  key(from: number, shape: RowShape): number {
    const { bytes } = this.frame;
    if (bytes[from] !== QUOTE) return UNEXPECTED;
    let end = from + 1;
    for (let byte = bytes[end] as number; byte !== QUOTE; byte = bytes[++end] as number) {
      if (!isPlainByte(byte)) return UNEXPECTED;
    }
    this.keyCode = this.codeOf(from + 1, end, shape);
    const colon = this.space(end + 1);
    return bytes[colon] === COLON ? this.space(colon + 1) : UNEXPECTED;
  }

  private codeOf(start: number, end: number, shape: RowShape): number {
    const length = end - start;
    const word = this.frame.view.getInt32(start, true);
    if (length === 1) return shape.codes[word & 0xff] as number;
    if (length === 0 || length > 4) return UNUSED_SLOT;
    return shape.codeOfWord(length === 4 ? word : word & ((1 << (8 * length)) - 1));
  }

  /** Reads a value of a form into its slot. */
  value(at: number, slot: number, form: number): number {
    const { bytes, view } = this.frame;
    const first = bytes[at] as number;
    this.isNull = first === 0x6e;
    if (this.isNull) {
      if (form === FORM_NUMBERS.refuse) return UNEXPECTED;
      return view.getInt32(at, true) === NULL_WORD ? at + 4 : UNEXPECTED;
    }
    switch (form) {
      case FORM_NUMBERS.number:
        return this.number(at, slot);
      case FORM_NUMBERS.numeral:
        return this.numeral(at, slot);
      case FORM_NUMBERS.list:
        return this.list(at, slot);
      case FORM_NUMBERS.flag:
        return this.flag(at, slot);
      case FORM_NUMBERS.text:
        return this.text(at, slot);
      case FORM_NUMBERS.time:
        return this.time(at, slot);
      case FORM_NUMBERS.any:
        if (first === QUOTE) return this.text(at, slot);
        return first === 0x74 || first === 0x66 ? this.flag(at, slot) : this.number(at, slot);
      default:
        return UNEXPECTED;
    }
  }

  /** A JSON number. */
  private number(from: number, slot: number): number {
    const { bytes } = this.frame;
    const first = bytes[from] as number;
    const second = bytes[from + 1] as number;
    const at = isDigit(first) && !(first === ZERO && isDigit(second)) ? this.digits(from, slot) : UNEXPECTED;
    // A point must have digits behind it here.
    return at < 0 || bytes[at - 1] === POINT ? this.slowNumber(from, slot) : at;
  }

  /** Up to fifteen digits with or without a point among them, which are exact; UNEXPECTED for more and for exponents. */
  private digits(from: number, slot: number): number {
    const { bytes } = this.frame;
    let value = 0;
    let point = -1;
    let at = from;
    for (; ; at++) {
      const byte = bytes[at] as number;
      if (byte === POINT && point < 0) point = at;
      else if (isDigit(byte)) value = value * 10 + (byte - ZERO);
      else break;
    }
    const decimals = point < 0 ? 0 : at - point - 1;
    const digits = point < 0 ? at - from : at - from - 1;
    if (digits > MAX_DIGITS || ((bytes[at] as number) | 0x20) === 0x65) return UNEXPECTED;
    this.numbers[slot] = value / (POWERS[decimals] as number);
    return at;
  }

  /** Signs, exponents and many digits: by the platform's own reading. */
  private slowNumber(from: number, slot: number): number {
    const { bytes } = this.frame;
    let end = from;
    while (isNumberByte(bytes[end] as number)) end++;
    const text = this.frame.plainText(from, end) ?? '';
    if (!JSON_NUMBER.test(text)) return UNEXPECTED;
    this.numbers[slot] = Number(text);
    return end;
  }

  private text(from: number, slot: number): number {
    const { bytes } = this.frame;
    if (bytes[from] !== QUOTE) return UNEXPECTED;
    let at = from + 1;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      if (byte < 0x20 || byte === BACKSLASH) return UNEXPECTED;
    }
    this.spans[slot] = spanOf(from + 1, at);
    return at + 1;
  }

  /** A time in UTC with a fraction of up to nine digits, cut to microseconds. */
  private time(from: number, slot: number): number {
    const { bytes } = this.frame;
    if (bytes[from] !== QUOTE || !this.isSecond(from + 1)) return UNEXPECTED;
    let at = from + 1 + SECOND_LENGTH;
    let fraction = 0;
    if (bytes[at] === POINT) {
      const start = at + 1;
      for (at = start; at < start + 9 && isDigit(bytes[at] as number); at++) {
        // Nanoseconds are cut off.
        if (at < start + 6) fraction = fraction * 10 + ((bytes[at] as number) - ZERO);
      }
      if (at === start) return UNEXPECTED;
      if (at < start + 6) fraction *= POWERS[start + 6 - at] as number;
    }
    if (bytes[at] !== 0x5a || bytes[at + 1] !== QUOTE) return UNEXPECTED;
    this.numbers[slot] = this.secondUs + fraction;
    return at + 2;
  }

  /**
   * Whether the nineteen bytes from `at` on are a second; it is then the one in {@link secondUs}. Eight bytes are
   * compared at once as a double: plain text never makes the ones that differ from themselves.
   */
  private isSecond(at: number): boolean {
    const { view } = this.frame;
    return (
      (view.getFloat64(at + 8, true) === this.secondB &&
        view.getInt32(at + 15, true) === this.secondC &&
        view.getFloat64(at, true) === this.secondA) ||
      this.keepSecond(at)
    );
  }

  private keepSecond(at: number): boolean {
    const text = this.frame.plainText(at, at + SECOND_LENGTH);
    const us = text === undefined ? undefined : (parseMicros(`${text}Z`) as number | undefined);
    if (us === undefined || us % US_PER_SECOND !== 0) return false;
    const { view } = this.frame;
    this.secondA = view.getFloat64(at, true);
    this.secondB = view.getFloat64(at + 8, true);
    this.secondC = view.getInt32(at + 15, true);
    this.secondUs = us;
    return true;
  }

  /** A number in quotes, which may begin with zeros. */
  private numeral(from: number, slot: number): number {
    const { bytes } = this.frame;
    if (bytes[from] !== QUOTE) return UNEXPECTED;
    let at = isDigit(bytes[from + 1] as number) ? this.digits(from + 1, slot) : UNEXPECTED;
    if (at < 0) at = this.slowNumber(from + 1, slot);
    if (at < 0 || bytes[at] !== QUOTE || !Number.isFinite(this.numbers[slot] as number)) return UNEXPECTED;
    return at + 1;
  }

  /** Up to the first closing bracket: a list that holds one otherwise is found in no table. */
  private list(from: number, slot: number): number {
    const { bytes } = this.frame;
    if (bytes[from] !== OPEN_LIST) return UNEXPECTED;
    let at = from + 1;
    let byte = bytes[at] as number;
    while (byte !== CLOSE_LIST) {
      if (byte < 0x20) return UNEXPECTED;
      byte = bytes[++at] as number;
    }
    this.spans[slot] = spanOf(from + 1, at);
    return at + 1;
  }

  private flag(at: number, slot: number): number {
    const word = this.frame.view.getInt32(at, true);
    const isFalse = word === FALS_WORD && this.frame.bytes[at + 4] === 0x65;
    if (!isFalse && word !== TRUE_WORD) return UNEXPECTED;
    this.numbers[slot] = isFalse ? 0 : 1;
    return isFalse ? at + 5 : at + 4;
  }
}

function spanOf(start: number, end: number): number {
  return (start << 8) | Math.min(end - start, OPEN_SPAN);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isNumberByte(byte: number): boolean {
  return isDigit(byte) || byte === POINT || byte === 0x2d || byte === 0x2b || byte === 0x45 || byte === 0x65;
}
