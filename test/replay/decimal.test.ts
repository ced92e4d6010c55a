import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal, parseEpochMillis, wasNoNumber } from '../../src/replay/index.ts';

function parse(text: string): number {
  const bytes = new TextEncoder().encode(`x${text}y`);
  return parseDecimal(bytes, 1, bytes.length - 1);
}

function millis(text: string): number {
  const bytes = new TextEncoder().encode(`x${text}y`);
  return parseEpochMillis(bytes, 1, bytes.length - 1);
}

const decimalText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 }),
    fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 25 })),
    fc.option(fc.integer({ min: -330, max: 330 })),
  )
  .map(([sign, whole, fraction, exponent]) => {
    const mantissa = whole === '' && (fraction ?? '') === '' ? '0' : whole;
    return `${sign}${mantissa}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`;
  });

describe('parseDecimal', () => {
  it('equals Number(text) for every decimal', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        expect(parse(text)).toBe(Number(text));
        expect(wasNoNumber()).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });

  it('gives back every double from its own text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(String(value))).toBe(Object.is(value, -0) ? 0 : value);
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes empty and NaN as absent, the words for infinity as such, and refuses the rest', () => {
    for (const text of ['', 'NaN', 'nan']) {
      expect(parse(text)).toBeNaN();
      expect(wasNoNumber()).toBe(false);
    }
    expect(parse('1e400')).toBe(Number.POSITIVE_INFINITY);
    expect(parse('-Infinity')).toBe(Number.NEGATIVE_INFINITY);
    for (const text of ['abc', '0x10', '1_000', '-', '.', '1.2.3', ' 1', '1 ', '--1', '1e', '٣', '\0']) {
      expect([text, parse(text)]).toEqual([text, Number.NaN]);
      expect([text, wasNoNumber()]).toEqual([text, true]);
    }
  });
});

describe('parseEpochMillis', () => {
  it('gives microseconds, cutting what is finer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999_999 }), fc.option(fc.nat(999_999)), (ms, fraction) => {
        const digits = fraction === null ? '' : `.${String(fraction).padStart(6, '0')}`;
        expect(millis(`${ms}${digits}`)).toBe(ms * 1_000 + Math.floor((fraction ?? 0) / 1_000));
      }),
    );
    expect(millis('1381132830270.5')).toBe(1_381_132_830_270_500);
    expect(millis('-1.5')).toBe(-1_500);
    expect(millis('12345678')).toBe(12_345_678_000);
    expect(millis('123456789')).toBe(123_456_789_000);
  });

  it('refuses what is no such time', () => {
    for (const text of ['', '-', 'abc', '1e12', '2024-01-01', '1.2.3', '1234567890123456', '1 ', '.5']) {
      expect([text, millis(text)]).toEqual([text, Number.NaN]);
    }
  });
});
