import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMicros } from '../../src/base/index.ts';
import { Rfc3339Reader } from '../../src/sources/rfc3339-reader.ts';

const reader = new Rfc3339Reader();

test('reads 0 to 9 digits of a fraction as the plain parser does, whatever it read before', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 });
  const time = fc
    .tuple(fc.date({ min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), digits)
    .map(([date, fraction]) => `${date.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`);
  fc.assert(
    fc.property(time, time, (one, other) => {
      for (const text of [one, other, one]) expect(reader.micros(text)).toBe(parseMicros(text));
    }),
  );
});

test('reads offsets, and gives NaN for what is no time', () => {
  expect(reader.micros('2024-03-30T07:22:29.427+00:00')).toBe(1_711_783_349_427_000);
  for (const text of [
    '',
    'Z',
    '2024-03-30T07:22:29.Z',
    '2024-03-30T07:22:29.1x2Z',
    '2024-13-30T07:22:29Z',
    '2024-03-30',
  ]) {
    expect(reader.micros(text)).toEqual(parseMicros(text) ?? Number.NaN);
  }
});
