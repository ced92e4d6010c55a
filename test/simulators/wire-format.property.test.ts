import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText, integerJson, jsonText, trimmedTime } from '../../src/simulators/wire-format.ts';

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

  test('JSON text is that of JSON.stringify, but for integers beyond 2^53', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(jsonText({ i: integerJson('52983525034326123'), a: [integerJson('7')], none: undefined })).toBe(
      '{"i":52983525034326123,"a":[7]}',
    );
  });

  test('times have as many digits as they need', () => {
    expect([0, 500_000, 123_456, 120].map(trimmedTime)).toEqual([
      '1970-01-01T00:00:00Z',
      '1970-01-01T00:00:00.5Z',
      '1970-01-01T00:00:00.123456Z',
      '1970-01-01T00:00:00.00012Z',
    ]);
  });
});
