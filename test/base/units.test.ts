import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicros, microsFromMillis, millisFromMicros, parseMicros } from '../../src/base/index.ts';

describe('time units', () => {
  it('prints as many fraction digits as a time needs', () => {
    expect(formatMicros(1_769_760_900_000_000)).toBe('2026-01-30T08:15:00Z');
    expect(formatMicros(1_769_760_900_250_000)).toBe('2026-01-30T08:15:00.250Z');
    expect(formatMicros(1_769_760_900_000_001)).toBe('2026-01-30T08:15:00.000001Z');
    expect(formatMicros(-1)).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 4e15 }), (us) => {
        expect(parseMicros(formatMicros(us))).toBe(us);
      }),
    );
  });

  it('reads offsets and dates, cuts past the microsecond, and refuses the rest', () => {
    expect(parseMicros('2026-01-30T09:15:00+01:00')).toBe(1_769_760_900_000_000);
    expect(parseMicros('2026-01-30T08:15:00.123456789Z')).toBe(1_769_760_900_123_456);
    expect(parseMicros('2026-01-30')).toBe(1_769_731_200_000_000);
    for (const text of ['', '2026', 'yesterday', '2026-13-01', '2026-01-30T08:15:00', '2026-01-30T25:00:00Z']) {
      expect(parseMicros(text), text).toBeUndefined();
    }
  });

  it('keeps fractions of a millisecond to the microsecond', () => {
    expect(microsFromMillis(1_723_161_255_342.125)).toBe(1_723_161_255_342_125);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), (us) => {
        expect(microsFromMillis(millisFromMicros(us))).toBe(us);
      }),
    );
  });
});
