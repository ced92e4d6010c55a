import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText, integerJson, trimmedTime } from '../../src/simulators/wire-format.ts';

describe('values on the wire', () => {
  test('decimal text has no exponent and reads back as the same double', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
    fc.assert(
      fc.property(finite, (value) => {
        const text = decimalText(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
    expect(['1e-7', '1.5e-9', '1e21', '1.25e22'].map((text) => decimalText(Number(text)))).toEqual([
      '0.0000001',
      '0.0000000015',
      '1000000000000000000000',
      '12500000000000000000000',
    ]);
  });

  test('ids are integers of any size', () => {
    const ids = ['52983525034326123', '7', '9007199254740991', '9007199254740993'];
    expect(JSON.stringify(ids.map(integerJson))).toBe(`[${ids.join(',')}]`);
  });

  test('times have as many digits as they need', () => {
    expect([0, 500_000, 123_456, 120, -500_000].map(trimmedTime)).toEqual([
      '1970-01-01T00:00:00Z',
      '1970-01-01T00:00:00.5Z',
      '1970-01-01T00:00:00.123456Z',
      '1970-01-01T00:00:00.00012Z',
      '1969-12-31T23:59:59.5Z',
    ]);
  });
});
