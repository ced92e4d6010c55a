/**
 * Flavoured number types for time. They erase to `number`; the compiler refuses to mix them, but accepts a plain
 * literal, so that the hot path stays free of wrapping.
 */
declare const unit: unique symbol;

/** Integer microseconds since the Unix epoch, UTC (or a span of microseconds). The program's own time unit. */
export type Micros = number & { readonly [unit]?: 'us' };
/** Milliseconds since the Unix epoch, UTC (or a span). Files and configuration use it. */
export type Millis = number & { readonly [unit]?: 'ms' };
/** Seconds since the Unix epoch, UTC (or a span). Charts use it. */
export type Seconds = number & { readonly [unit]?: 's' };

export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;
export const US_PER_MINUTE = 60_000_000;
export const US_PER_HOUR = 3_600_000_000;
export const US_PER_DAY = 86_400_000_000;

/** Whole microseconds of a millisecond time; fractions of a millisecond are kept to the microsecond. */
export function microsFromMillis(ms: Millis): Micros {
  const whole = Math.trunc(ms as number);
  return whole * US_PER_MS + Math.round(((ms as number) - whole) * US_PER_MS);
}

export function millisFromMicros(us: Micros): Millis {
  return (us as number) / US_PER_MS;
}

/** RFC 3339 in UTC with as many fraction digits as the time needs (none, three or six). */
export function formatMicros(us: Micros): string {
  const value = us as number;
  const seconds = Math.floor(value / US_PER_SECOND);
  const fraction = value - seconds * US_PER_SECOND;
  const head = new Date(seconds * 1_000).toISOString().slice(0, 19);
  if (fraction === 0) return `${head}Z`;
  const digits = String(fraction).padStart(6, '0');
  return `${head}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`;
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads an RFC 3339 time (any offset; digits past the microsecond are cut), or a date (`2026-01-30`, UTC midnight).
 * Returns `undefined` for anything else.
 */
export function parseMicros(text: string): Micros | undefined {
  if (DAY.test(text)) return microsFromDate(`${text}T00:00:00Z`, 0);
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const fraction = Number((match[3] ?? '').padEnd(6, '0').slice(0, 6));
  return microsFromDate(`${match[1]}T${match[2]}${(match[4] as string).toUpperCase()}`, fraction);
}

function microsFromDate(text: string, fractionUs: number): Micros | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms * US_PER_MS + fractionUs;
}
