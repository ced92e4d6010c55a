const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
const decoder = new TextDecoder('latin1');
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE = /^([+-]?)(nan|inf|infinity)$/i;

/** What {@link parseDecimal} gives for a text that is no number at all; told from a written NaN by this flag. */
let isText = false;

/** True when the last {@link parseDecimal} met something that is no number. */
export function wasNoNumber(): boolean {
  return isText;
}

/**
 * The double that `Number(text)` gives for the decimal in bytes [start, end): up to 15 significant digits and a power
 * of ten up to 22 are both exact doubles, so one division rounds correctly (Clinger 1990); anything longer goes to
 * `Number`. An empty field is NaN, as are the words NaN and, by their sign, Infinity. Hexadecimal and the like are
 * refused.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  isText = false;
  let i = start;
  const isNegative = bytes[i] === 45;
  if (isNegative) i++;
  let mantissa = 0;
  let digits = 0;
  let fraction = -1;
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      if (mantissa !== 0) digits++;
    } else if (digit === -2 && fraction < 0) fraction = i + 1;
    else return slow(bytes, start, end);
  }
  const places = fraction < 0 ? 0 : end - fraction;
  const hasDigits = end - start > (isNegative ? 1 : 0) + (fraction < 0 ? 0 : 1);
  if (digits > 15 || places > 22 || !hasDigits) return slow(bytes, start, end);
  const value = places === 0 ? mantissa : mantissa / (POWERS[places] as number);
  return isNegative ? -value : value;
}

function slow(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return Number.NaN;
  const text = decoder.decode(bytes.subarray(start, end));
  if (DECIMAL.test(text)) return Number(text);
  const word = NOT_FINITE.exec(text);
  if (word === null) {
    isText = true;
    return Number.NaN;
  }
  if ((word[2] as string).toLowerCase() === 'nan') return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * Microseconds of an epoch time in milliseconds in bytes [start, end); up to three digits after the point count, the
 * rest is cut. NaN for anything that is not that.
 */
export function parseEpochMillis(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  const isNegative = bytes[i] === 45;
  if (isNegative) i++;
  const first = i;
  // Eight digits at a time stay in small integers, which is what makes this fast.
  const middle = Math.min(i + 8, end);
  let high = 0;
  for (; i < middle; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) break;
    high = (high * 10 + digit) | 0;
  }
  let value = high;
  if (i === middle && i < end) {
    let low = 0;
    let weight = 1;
    for (; i < end && i < first + 15; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) break;
      low = (low * 10 + digit) | 0;
      weight = (weight * 10) | 0;
    }
    value = high * weight + low;
  }
  if (i === first) return Number.NaN;
  value *= 1_000;
  if (i < end) {
    if (bytes[i] !== 46) return Number.NaN;
    let weight = 100;
    for (i++; i < end; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return Number.NaN;
      value += Math.floor(weight) * digit;
      weight = weight > 1 ? weight / 10 : 0;
    }
  }
  return isNegative ? -value : value;
}
