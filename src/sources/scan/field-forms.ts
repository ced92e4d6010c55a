/** Numbers of the forms that the scanner tells apart; `any` is a field that nobody asked for. */
export const FORM_NUMBERS = {
  any: 0,
  number: 1,
  numeral: 2,
  list: 3,
  flag: 4,
  refuse: 5,
  text: 6,
  time: 7,
} as const;
/** Where values go that nobody asked for; the slots of a shape lie below it. A code is a form times 16 and a slot. */
export const UNUSED_SLOT = 15;
/** In place of the code of a byte that can not be a key: escapes, control characters, quotes, more than ASCII. */
export const NO_CODE = 255;
/** What a reader returns for bytes that it does not expect. */
export const UNEXPECTED = -1;
/** Number of bytes in a span that stands for as many and more. */
export const OPEN_SPAN = 255;

/** Whether a byte stands for itself in a text. */
export function isPlainByte(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
}
