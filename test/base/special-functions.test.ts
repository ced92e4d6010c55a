import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  erfc,
  incompleteBeta,
  inverseIncompleteBeta,
  logGamma,
  normalCdf,
  normalDensity,
  normalQuantile,
} from '../../src/base/index.ts';

/** Relative difference; absolute where the value is below one. */
function apart(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(1, Math.abs(b));
}

describe('logGamma', () => {
  test('is the logarithm of factorials', () => {
    let log = 0;
    for (let n = 1; n <= 170; n++) {
      expect(apart(logGamma(n), log)).toBeLessThan(1e-14);
      log += Math.log(n);
    }
  });

  test('known values', () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 14);
    expect(logGamma(0.25)).toBeCloseTo(1.2880225246980774, 14);
    expect(logGamma(1e-10)).toBeCloseTo(23.02585092988274, 12);
    expect(apart(logGamma(1e6), 12815504.569147611)).toBeLessThan(1e-15);
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1.5)).toBeNaN();
  });

  test('duplication formula of Legendre', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 500, noNaN: true }), (x) => {
        const double = logGamma(x) + logGamma(x + 0.5) - (1 - 2 * x) * Math.LN2 - 0.5 * Math.log(Math.PI);
        expect(apart(double, logGamma(2 * x))).toBeLessThan(1e-13);
      }),
    );
  });
});

describe('incompleteBeta', () => {
  const anyShape = fc.double({ min: 0.3, max: 3_000, noNaN: true });
  const anyShare = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

  test('is the upper tail of a binomial distribution', () => {
    for (const [n, p] of [
      [5, 0.3],
      [20, 0.5],
      [60, 0.91],
    ] as const) {
      let tail = 0;
      for (let k = n; k >= 1; k--) {
        let choose = 1;
        for (let i = 1; i <= k; i++) choose = (choose * (n - k + i)) / i;
        tail += choose * p ** k * (1 - p) ** (n - k);
        expect(apart(incompleteBeta(p, k, n - k + 1), tail)).toBeLessThan(1e-12);
      }
    }
  });

  test('closed forms: powers, and the arcsine law', () => {
    fc.assert(
      fc.property(anyShare, fc.double({ min: 0.2, max: 50, noNaN: true }), (x, a) => {
        expect(apart(incompleteBeta(x, a, 1), x ** a)).toBeLessThan(1e-12);
        expect(apart(incompleteBeta(x, 1, a), 1 - (1 - x) ** a)).toBeLessThan(1e-12);
        expect(apart(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1e-12);
      }),
    );
  });

  test('symmetry and recurrence, also for large shapes', () => {
    fc.assert(
      fc.property(anyShare, anyShape, anyShape, (x, a, b) => {
        expect(apart(incompleteBeta(x, a, b), 1 - incompleteBeta(1 - x, b, a))).toBeLessThan(1e-11);
        const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a + 1) - logGamma(b));
        expect(apart(incompleteBeta(x, a + 1, b) + front, incompleteBeta(x, a, b))).toBeLessThan(1e-11);
      }),
    );
  });

  test('is undone by its inverse', () => {
    fc.assert(
      // Shapes below one pile up at an end, where neighbouring doubles lie further apart in probability.
      fc.property(
        anyShare,
        fc.double({ min: 1, max: 3_000, noNaN: true }),
        fc.double({ min: 1, max: 3_000, noNaN: true }),
        (p, a, b) => {
          expect(apart(incompleteBeta(inverseIncompleteBeta(p, a, b), a, b), p)).toBeLessThan(1e-11);
        },
      ),
    );
    expect(inverseIncompleteBeta(0.5, 7, 7)).toBeCloseTo(0.5, 14);
    expect(inverseIncompleteBeta(0.025, 0.5, 5.5)).toBeCloseTo(0.0000934206000395449, 14);
  });

  test('ends and impossible arguments', () => {
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
    expect([inverseIncompleteBeta(0, 2, 3), inverseIncompleteBeta(1, 2, 3)]).toEqual([0, 1]);
    for (const value of [incompleteBeta(1.1, 2, 3), incompleteBeta(0.5, 0, 3), inverseIncompleteBeta(-1, 2, 3)]) {
      expect(value).toBeNaN();
    }
  });
});

describe('normal distribution', () => {
  test('known values', () => {
    expect(erfc(0)).toBe(1);
    expect(erfc(0.5)).toBeCloseTo(0.4795001221869535, 15);
    expect(erfc(2)).toBeCloseTo(0.004677734981047266, 16);
    expect(erfc(-1)).toBeCloseTo(1.8427007929497148, 14);
    expect(apart(erfc(10) / 2.088487583762545e-45, 1)).toBeLessThan(1e-12);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(0.05)).toBeCloseTo(-1.6448536269514722, 13);
    expect(normalCdf(normalQuantile(1e-100)) / 1e-100).toBeCloseTo(1, 11);
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([
      -Infinity,
      expect.closeTo(0, 14),
      Infinity,
    ]);
    expect(normalQuantile(2)).toBeNaN();
    expect(erfc(Number.NaN)).toBeNaN();
  });

  test('quantile and distribution function undo each other, the density is its slope', () => {
    fc.assert(
      fc.property(fc.double({ min: -7, max: 7, noNaN: true }), (x) => {
        const p = normalCdf(x);
        expect(apart(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-13);
        expect(apart(normalCdf(-x), 1 - p)).toBeLessThan(1e-14);
        const slope = (normalCdf(x + 1e-5) - normalCdf(x - 1e-5)) / 2e-5;
        expect(Math.abs(slope - normalDensity(x))).toBeLessThan(1e-9);
      }),
    );
  });
});
