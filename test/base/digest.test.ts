import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from '../../src/base/index.ts';

const numbers = fc.array(fc.double(), { minLength: 1, maxLength: 50 });

function digestOf(values: readonly number[]): string {
  const digest = new Digest();
  for (const value of values) digest.number(value);
  return digest.hex();
}

describe('digest', () => {
  it('is the same for the same numbers and 32 hexadecimal digits long', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        expect(digestOf(values)).toBe(digestOf([...values]));
        expect(digestOf(values)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });

  it('notices one changed bit, a swap, a missing and an added number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 2, maxLength: 40 }),
        fc.nat(),
        (values, where) => {
          const at = where % values.length;
          const clean = digestOf(values);
          const changed = [...values];
          changed[at] = (values[at] as number) * (1 + Number.EPSILON) + Number.EPSILON * 4e9;
          expect(digestOf(changed)).not.toBe(clean);
          expect(digestOf(values.slice(1))).not.toBe(clean);
          expect(digestOf([...values, 0])).not.toBe(clean);
          const next = (at + 1) % values.length;
          if (values[at] !== values[next]) {
            const swapped = [...values];
            [swapped[at], swapped[next]] = [values[next] as number, values[at] as number];
            expect(digestOf(swapped)).not.toBe(clean);
          }
        },
      ),
    );
  });

  it('treats -0 as 0, and every NaN alike', () => {
    expect(digestOf([-0])).toBe(digestOf([0]));
    expect(digestOf([Number.NaN])).toBe(digestOf([-Number.NaN]));
  });

  it('continues from a snapshot as if it had never stopped', () => {
    fc.assert(
      fc.property(numbers, numbers, (head, tail) => {
        const first = new Digest();
        for (const value of head) first.number(value);
        const second = Digest.restore(JSON.parse(JSON.stringify(first.snapshot())) as number[]);
        for (const value of tail) second.number(value);
        expect(second.hex()).toBe(digestOf([...head, ...tail]));
      }),
    );
  });

  it('has no collision among 200,000 near neighbours', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200_000; i++) seen.add(digestOf([100 + i / 1e6, i % 7]));
    expect(seen.size).toBe(200_000);
  });
});
