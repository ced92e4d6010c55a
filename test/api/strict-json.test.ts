import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../src/api/guard/strict-json.ts';

function hasForbiddenKey(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(
    ([key, item]) => ['__proto__', 'constructor', 'prototype'].includes(key) || hasForbiddenKey(item),
  );
}

describe('strict JSON', () => {
  test('reads what JSON.stringify writes, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }), (value) => {
        fc.pre(!hasForbiddenKey(value));
        const text = JSON.stringify(value);
        expect(parseStrictJson(text, 16)).toEqual(JSON.parse(text));
        const spaced = JSON.stringify(value, null, 2);
        expect(parseStrictJson(` ${spaced}\r\n`, 16)).toEqual(JSON.parse(spaced));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test('accepts nothing that JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:0123456789.eE+-truefalsn \\u\n'), maxLength: 20 }),
        (text) => {
          let value: unknown;
          try {
            value = parseStrictJson(text, 16);
          } catch {
            return;
          }
          expect(value).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 5_000, seed: 7 },
    );
  });

  test.each([
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"\\u005f_proto__":1}', '__proto__'],
    ['{"constructor":{"prototype":{}}}', 'constructor'],
    ['{"a":1,"a":2}', 'occurs twice'],
    ['{"a":1e400}', 'out of range'],
    ['{"a":"\\ud800"}', 'surrogate'],
    ['\ufeff{}', 'byte-order'],
    ['{} x', 'after the value'],
    ['{"a":1,}', 'member name'],
    ["{'a':1}", 'member name'],
    ['{"a":01}', 'expected'],
    ['{"a":"\n"}', 'control character'],
    ['', 'expected a value'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseStrictJson(text, 16)).toThrow(reason);
  });

  test('refuses deep nesting without going deep itself', () => {
    expect(() => parseStrictJson('['.repeat(100_000), 16)).toThrow('nested deeper than 16');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
