import { describe, expect, it } from 'vitest';
import { parseMicros, US_PER_SECOND } from '../../src/base/index.ts';
import { Calendars } from '../../src/calendar/index.ts';
import { freshness } from '../../src/quality/index.ts';

const at = (text: string): number => parseMicros(text) as number;
const calendars = new Calendars();
const us = calendars.get('us-equity');
const noon = at('2026-01-30T17:00:00Z');

describe('freshness', () => {
  it('turns stale after more than 10 s of silence in the session', () => {
    expect(freshness(noon, noon + 10 * US_PER_SECOND, us)).toEqual({ state: 'fresh', ageUs: 10 * US_PER_SECOND });
    expect(freshness(noon, noon + 10 * US_PER_SECOND + 1, us).state).toBe('stale');
    expect(freshness(noon, noon + 11 * US_PER_SECOND, us, 20 * US_PER_SECOND).state).toBe('fresh');
  });

  it('is closed out of session, on holidays, and before and after the regular hours', () => {
    for (const text of [
      '2026-01-31T17:00:00Z',
      '2026-01-19T17:00:00Z',
      '2026-01-30T14:00:00Z',
      '2026-01-30T22:00:00Z',
    ]) {
      expect(freshness(noon - 30 * 86_400 * US_PER_SECOND, at(text), us).state, text).toBe('closed');
    }
    expect(freshness(noon, at('2026-01-30T22:00:00Z'), us, undefined, ['regular', 'post']).state).toBe('stale');
  });

  it('gives an opening market its time: silence counts from the open', () => {
    const open = at('2026-01-30T14:30:00Z');
    expect(freshness(open - 60_000_000_000, open + 9 * US_PER_SECOND, us).state).toBe('fresh');
    expect(freshness(open - 60_000_000_000, open + 11 * US_PER_SECOND, us).state).toBe('stale');
  });

  it('a symbol that never spoke is stale too, with no age', () => {
    expect(freshness(undefined, noon, us)).toEqual({ state: 'stale', ageUs: undefined });
  });

  it('never says a negative age, and crypto has no closing time', () => {
    const crypto = calendars.get('crypto');
    expect(freshness(noon + 5, noon, crypto)).toEqual({ state: 'fresh', ageUs: 0 });
    expect(freshness(noon, noon + 86_400 * US_PER_SECOND, crypto).state).toBe('stale');
  });
});
