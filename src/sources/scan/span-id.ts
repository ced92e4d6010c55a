import { OPEN_SPAN } from './field-forms.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** Digits of an integer that is exact as a number for certain. */
const MAX_DIGITS = 15;

/**
 * A provider's id in quotes, by its span: a number where it is written like one, which needs no text; `undefined` for
 * none, for a very long one, and for anything but plain ASCII.
 */
export function idOfSpan(frame: FrameBytes, span: number): string | number | undefined {
  const length = span & 0xff;
  const start = span >> 8;
  if (length === 0 || length === OPEN_SPAN) return undefined;
  const { bytes } = frame;
  if (length <= MAX_DIGITS && (bytes[start] !== 0x30 || length === 1)) {
    let value = 0;
    let at = start;
    for (const end = start + length; at < end; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === start + length) return value;
  }
  return frame.plainText(start, start + length);
}
