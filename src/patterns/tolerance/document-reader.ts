import { UsageError } from '../../base/index.ts';

/** A mapping of a JSON document. */
export type JsonMapping = Readonly<Record<string, unknown>>;

/** The refusal of a value: where it is, what was found, what is allowed. */
export function refusal(path: string, found: unknown, allowed: string): UsageError {
  return new UsageError(
    `portfolio: ${path === '' ? 'the document' : path} is ${shown(found)}; allowed is ${allowed}.`,
    {
      subject: path,
    },
  );
}

/** A value of a document as people see it, cut to a line. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** @throws UsageError for anything but a mapping, and for a key of it that is not allowed. */
export function mappingAt(path: string, value: unknown, keys?: readonly string[]): JsonMapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(path, value, 'a mapping');
  const mapping = value as JsonMapping;
  for (const key of keys === undefined ? [] : Object.keys(mapping)) {
    if (!keys?.includes(key)) {
      const where = path === '' ? shownKey(key) : `${path}.${shownKey(key)}`;
      throw new UsageError(`portfolio: ${where} is no key that is known here; allowed are ${keys?.join(', ')}.`, {
        subject: where,
      });
    }
  }
  return mapping;
}

function shownKey(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key;
}

export function listAt(path: string, value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw refusal(path, value, 'a list');
  if (value.length === 0) throw refusal(path, value, 'a list that is not empty');
  if (value.length > most) throw refusal(path, `${value.length} entries`, `a list of at most ${most}`);
  return value;
}

/** Text of 1 to `most` characters that can be shown: neither control characters nor ones that turn the direction. */
export function textAt(path: string, value: unknown, most: number): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > most || /[\p{Cc}\p{Cf}]/u.test(value)) {
    throw refusal(path, value, `a text of 1 to ${most} printable characters`);
  }
  return value;
}

export function numberAt(path: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw refusal(path, value, `a number from ${least} to ${most}`);
  }
  return value;
}

export function wholeAt(path: string, value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw refusal(path, value, `a whole number from ${least} to ${most}`);
  }
  return value as number;
}

/** The value read where there is one; null counts as none. */
export function optional<Value>(
  value: unknown,
  path: string,
  read: (path: string, value: unknown) => Value,
): Value | undefined {
  return value === undefined || value === null ? undefined : read(path, value);
}
