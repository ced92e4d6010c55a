import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addExact, addExactPair, lowHalf } from '../../src/base/index.ts';

function sum(values: readonly number[]): number {
  let high = 0;
  let low = 0;
  for (const value of values) {
    high = addExact(high, low, value);
    low = lowHalf();
  }
  return high;
}

/** Sizes and notionals as markets print them. */
const sizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 1e-8, max: 1e9, noNaN: true })),
  { minLength: 1, maxLength: 200 },
);

describe('exact sum', () => {
  it('does not depend on the order', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat()), (values, random) => {
        const shuffled = values
          .map((value) => ({ value, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map((entry) => entry.value);
        expect(sum(shuffled)).toBe(sum(values));
      }),
    );
  });

  it('does not depend on how parts are merged', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (values, where) => {
        const at = where % values.length;
        const pair = (part: readonly number[]): [number, number] => {
          let high = 0;
          let low = 0;
          for (const value of part) {
            high = addExact(high, low, value);
            low = lowHalf();
          }
          return [high, low];
        };
        const [aHigh, aLow] = pair(values.slice(0, at));
        const [bHigh, bLow] = pair(values.slice(at));
        expect(addExactPair(aHigh, aLow, bHigh, bLow)).toBe(sum(values));
      }),
    );
  });

  it('gives 0.3 for ten times 0.03 where a plain sum does not', () => {
    const values = Array.from({ length: 10 }, () => 0.03);
    expect(values.reduce((a, b) => a + b)).not.toBe(0.3);
    expect(sum(values)).toBe(0.3);
  });
});
