import { type Micros, parseMicros, US_PER_SECOND } from '../base/index.ts';

const SECOND_LENGTH = 19;
const ZERO = 48;

/**
 * Reads RFC 3339 times with 0 to 9 digits of a fraction, cut to microseconds. Times of a stream share their second, so
 * its value is kept and only the fraction is read anew.
 */
export class Rfc3339Reader {
  private second = '';
  private secondUs = Number.NaN;

  /** NaN for a text that is no such time. */
  micros(text: string): Micros {
    const last = text.length - 1;
    if (last >= SECOND_LENGTH && last <= 29 && text.charCodeAt(last) === 0x5a) {
      if (!text.startsWith(this.second) || this.second === '') this.keep(text.slice(0, SECOND_LENGTH));
      const fraction = this.fraction(text, last);
      if (fraction >= 0) return this.secondUs + fraction;
    }
    return parseMicros(text) ?? Number.NaN;
  }

  private keep(second: string): void {
    this.second = second;
    const us = parseMicros(`${second}Z`);
    this.secondUs = us === undefined || (us as number) % US_PER_SECOND !== 0 ? Number.NaN : (us as number);
  }

  /** Microseconds of the fraction that ends before `end`; -1 for anything but a point and digits. */
  private fraction(text: string, end: number): number {
    if (end === SECOND_LENGTH) return 0;
    if (text.charCodeAt(SECOND_LENGTH) !== 0x2e || end === SECOND_LENGTH + 1) return -1;
    let value = 0;
    let scale = 100_000;
    for (let at = SECOND_LENGTH + 1; at < end; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value += digit * scale;
      scale = scale === 1 ? 0 : scale / 10;
    }
    return value;
  }
}
