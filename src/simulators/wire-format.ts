import { formatMicros, type Micros, US_PER_MS, US_PER_SECOND } from '../base/index.ts';

/** A number as plain decimal digits, never with an exponent: the shortest text that reads back as the same double. */
export function decimalText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const digits = `${match[2]}${match[3] ?? ''}`;
  const point = 1 + Number(match[4]);
  if (point <= 0) return `${match[1]}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${match[1]}${digits}${'0'.repeat(point - digits.length)}`;
  return `${match[1]}${digits.slice(0, point)}.${digits.slice(point)}`;
}

export function wholeMillis(us: Micros): number {
  return Math.floor((us as number) / US_PER_MS);
}

export function wholeSeconds(us: Micros): number {
  return Math.floor((us as number) / US_PER_SECOND);
}

/** RFC 3339 with the fraction's trailing zeros cut, as Go programs write it. */
export function trimmedTime(us: Micros): string {
  const second = Math.floor((us as number) / US_PER_SECOND) * US_PER_SECOND;
  const fraction = (us as number) - second;
  // Most times of a tape lie in the second of the one before.
  if (second !== lastSecond) {
    lastSecond = second;
    lastHead = formatMicros(second).slice(0, 19);
  }
  if (fraction === 0) return `${lastHead}Z`;
  return `${lastHead}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}Z`;
}

let lastSecond = Number.NaN;
let lastHead = '';

/** `YYYY-MM-DD hh:mm:ss` of a time, in a zone given by its offset. */
export function civilTime(us: Micros, offsetUs = 0): string {
  return formatMicros((us as number) + offsetUs)
    .slice(0, 19)
    .replace('T', ' ');
}

export function civilDate(us: Micros, offsetUs = 0): string {
  return formatMicros((us as number) + offsetUs).slice(0, 10);
}

/** `JSON.rawJSON` of the runtime, which the compiler's library does not list. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): object };

/** An integer of any size for `JSON.stringify`, which cannot write a bigint. */
export function rawInteger(digits: string): object {
  return rawJSON(digits);
}

/** An id of decimal digits as a JSON integer, whatever its size. */
export function integerJson(id: string): number | object {
  const value = Number(id);
  return Number.isSafeInteger(value) ? value : rawInteger(id);
}
