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
  const text = formatMicros(us);
  return text.includes('.') ? text.replace(/0+Z$/, 'Z') : text;
}

/** `YYYY-MM-DD hh:mm:ss` of a time, in a zone given by its offset. */
export function civilTime(us: Micros, offsetUs = 0): string {
  return formatMicros((us as number) + offsetUs)
    .slice(0, 19)
    .replace('T', ' ');
}

export function civilDate(us: Micros, offsetUs = 0): string {
  return formatMicros((us as number) + offsetUs).slice(0, 10);
}

/** A JSON value whose text is written as it stands: integers beyond 2^53, which JSON.stringify cannot write. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON text of a value that may hold {@link RawJson}. */
export function jsonText(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [`${JSON.stringify(key)}:${jsonText(each)}`],
    );
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** An id of decimal digits as a JSON integer, whatever its size. */
export function integerJson(id: string): number | RawJson {
  const value = Number(id);
  return Number.isSafeInteger(value) ? value : new RawJson(id);
}
