const MARK = '"timestamp":"';

/** Microseconds of the `timestamp` of an event. */
export function stampOf(text: string): number {
  const at = text.indexOf(MARK) + MARK.length;
  const end = text.indexOf('Z', at);
  const fraction = Number(text.slice(at + 20, end).padEnd(6, '0'));
  return Date.parse(`${text.slice(at, at + 19)}Z`) * 1_000 + fraction;
}
