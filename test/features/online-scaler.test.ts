import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipped, ForgettingScaler, RunningScaler } from '../../src/features/index.ts';

describe('online standardisation', () => {
  it('has the moments of what it learned', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(values, (x) => {
        const scaler = new RunningScaler();
        for (const value of x) scaler.learn(value);
        const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
        const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
        expect(scaler.mean).toBeCloseTo(mean, 4);
        expect(Math.abs(scaler.variance - variance)).toBeLessThanOrEqual(1e-9 * (variance + 1e6));
      }),
    );
  });

  it('scores a value before it learns it', () => {
    for (const scaler of [new RunningScaler(), new ForgettingScaler(0.5)]) {
      expect(scaler.standardiseThenLearn(1)).toBeUndefined();
      expect(scaler.standardiseThenLearn(3)).toBeUndefined();
      const before = scaler.standardised(10);
      expect(scaler.standardiseThenLearn(10)).toBe(before);
      expect(scaler.standardised(10)).not.toBe(before);
    }
  });

  it('is 0 where nothing varies, clips, and refuses a weight that cannot be', () => {
    const scaler = new ForgettingScaler(0.1);
    scaler.learn(4);
    scaler.learn(4);
    expect(scaler.standardised(9)).toBe(0);
    expect([clipped(-80), clipped(2), clipped(80)]).toEqual([-5, 2, 5]);
    for (const alpha of [0, -1, 1.1, Number.NaN]) expect(() => new ForgettingScaler(alpha)).toThrow(/alpha is/);
  });
});
