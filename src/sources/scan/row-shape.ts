import { FORM_NUMBERS, isPlainByte, NO_CODE, UNUSED_SLOT } from './field-forms.ts';

/**
 * How a field is written: `number` as JSON number; `numeral` as a number in quotes; `time` as RFC 3339 in UTC; `text` in
 * quotes without escapes; `list` in square brackets, nothing nested; `flag` as true or false; `refuse`: a row that has
 * it is none of this shape.
 */
export type FieldForm = 'number' | 'numeral' | 'time' | 'text' | 'list' | 'flag' | 'refuse';

/** A field that nobody asked for. */
const PASSED_OVER = (FORM_NUMBERS.any << 4) | UNUSED_SLOT;

/**
 * The fields of a flat object by their keys (one to four ASCII letters or digits). The slot of a field is its place in
 * the list; other keys may come as well and are passed over.
 */
export class RowShape {
  /** Form times 16 and slot by the one byte of a key. */
  readonly codes = Uint8Array.from({ length: 256 }, (_, byte) => (isPlainByte(byte) ? PASSED_OVER : NO_CODE));
  private readonly longKeys: number[] = [];
  private readonly longCodes: number[] = [];

  constructor(fields: readonly (readonly [key: string, form: FieldForm])[]) {
    for (const [slot, [key, form]] of fields.entries()) {
      const code = (FORM_NUMBERS[form] << 4) | slot;
      const [first = 0, second = 0, third = 0, fourth = 0] = Buffer.from(key);
      if (key.length === 1) this.codes[first] = code;
      else {
        this.longKeys.push(first | (second << 8) | (third << 16) | (fourth << 24));
        this.longCodes.push(code);
      }
    }
  }

  /** Form and slot of a key of two to four bytes as a little-endian word. */
  codeOfWord(word: number): number {
    const keys = this.longKeys;
    for (let i = 0; i < keys.length; i++) if (keys[i] === word) return this.longCodes[i] as number;
    return PASSED_OVER;
  }
}

/** The bits of slots in {@link RowScanner.seen}. */
export function bitsOf(...slots: readonly number[]): number {
  return slots.reduce((all, slot) => all | (1 << slot), 0);
}
