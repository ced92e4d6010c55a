import { describe, expect, it } from 'vitest';
import { formatMicros, parseMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE } from '../../src/base/index.ts';
import { Calendars, formatCivilDay, parseCivilDay, type Session, ZoneClock } from '../../src/calendar/index.ts';
import { US_DAYLIGHT, US_EQUITY_TABLE } from './us-equity-table.ts';

const calendar = new Calendars().get('us-equity');
const at = (text: string): number => parseMicros(text) as number;
const dayOf = (date: string): number => parseCivilDay(date) as number;
const plain = (session: Session | undefined): string =>
  session === undefined
    ? 'closed'
    : `${session.kind} ${formatMicros(session.startUs)} ${formatMicros(session.endUs)} ${session.tradeDate}`;

function workdaysOf(year: number): number[] {
  const days: number[] = [];
  for (let day = dayOf(`${year}-01-01`); day <= dayOf(`${year}-12-31`); day++) {
    if (![0, 6].includes(new Date(day * 86_400_000).getUTCDay())) days.push(day);
  }
  return days;
}

describe('US equity days', () => {
  it.each(US_EQUITY_TABLE)('%i: closures, early closes and session count', (year, closures, early, sessions) => {
    const workdays = workdaysOf(year);
    const shut = workdays.filter((day) => !calendar.isTradingDay(day)).map((day) => formatCivilDay(day).slice(5));
    const regularUs = (day: number): number => {
      const regular = calendar.sessionsOn(day).find((session) => session.kind === 'regular') as Session;
      return regular.endUs - regular.startUs;
    };
    const open = workdays.filter((day) => calendar.isTradingDay(day));
    const half = open.filter((day) => regularUs(day) !== 390 * US_PER_MINUTE);
    expect(shut.join(' ')).toBe(closures);
    expect(half.map((day) => formatCivilDay(day).slice(5)).join(' ')).toBe(early);
    expect(half.every((day) => regularUs(day) === 210 * US_PER_MINUTE)).toBe(true);
    expect(open).toHaveLength(sessions);
    const regular = calendar.sessionsBetween(at(`${year}-01-01`), at(`${year + 1}-01-01`), ['regular']);
    expect(regular).toHaveLength(sessions);
  });

  it('knows the closures before 2018 that follow from no rule, and the older half-day rule', () => {
    for (const date of ['2001-09-11', '2001-09-14', '2004-06-11', '2007-01-02', '2012-10-29', '2012-10-30']) {
      expect(calendar.isTradingDay(dayOf(date)), date).toBe(false);
    }
    expect(calendar.isTradingDay(dayOf('2001-09-17'))).toBe(true);
    expect(calendar.isOpen(at('2002-07-03T19:00:00Z'), ['regular'])).toBe(true);
    expect(calendar.isOpen(at('2002-07-05T19:00:00Z'), ['regular'])).toBe(false);
    expect(calendar.isOpen(at('2013-07-03T19:00:00Z'), ['regular'])).toBe(false);
  });

  it('is open on Saturday-New-Year Fridays', () => {
    expect(calendar.isTradingDay(dayOf('2021-12-31'))).toBe(true);
    expect(calendar.isTradingDay(dayOf('2027-12-31'))).toBe(true);
  });
});

describe('US equity sessions', () => {
  it('are half-open and follow daylight time', () => {
    expect(plain(calendar.sessionAt(at('2026-01-30T14:30:00Z')))).toBe(
      'regular 2026-01-30T14:30:00Z 2026-01-30T21:00:00Z 2026-01-30',
    );
    expect(calendar.sessionAt(at('2026-01-30T14:29:59.999999Z'))?.kind).toBe('pre');
    expect(calendar.sessionAt(at('2026-01-30T21:00:00Z'))?.kind).toBe('post');
    expect(plain(calendar.sessionAt(at('2026-01-31T00:59:59Z')))).toBe(
      'post 2026-01-30T21:00:00Z 2026-01-31T01:00:00Z 2026-01-30',
    );
    expect(calendar.sessionAt(at('2026-01-31T01:00:00Z'))).toBeUndefined();
    expect(plain(calendar.sessionAt(at('2026-07-30T13:30:00Z')))).toBe(
      'regular 2026-07-30T13:30:00Z 2026-07-30T20:00:00Z 2026-07-30',
    );
  });

  it('end at 13:00 and 17:00 New York time on half days', () => {
    const sessions = calendar.sessionsOn(dayOf('2026-11-27'));
    expect(sessions.map(plain)).toEqual([
      'pre 2026-11-27T09:00:00Z 2026-11-27T14:30:00Z 2026-11-27',
      'regular 2026-11-27T14:30:00Z 2026-11-27T18:00:00Z 2026-11-27',
      'post 2026-11-27T18:00:00Z 2026-11-27T22:00:00Z 2026-11-27',
    ]);
  });

  it('finds the next session over a weekend and a holiday', () => {
    expect(plain(calendar.nextSession(at('2026-01-16T22:00:00Z'), ['regular']))).toBe(
      'regular 2026-01-20T14:30:00Z 2026-01-20T21:00:00Z 2026-01-20',
    );
    expect(plain(calendar.nextSession(at('2026-01-20T14:30:00Z')))).toContain('regular 2026-01-20');
    expect(plain(calendar.nextSession(at('2026-01-20T14:30:00.000001Z')))).toContain('post 2026-01-20');
  });

  it('counts a Saturday to itself and a late evening to its own date', () => {
    expect(calendar.tradeDate(at('2026-01-31T12:00:00Z'))).toBe('2026-01-31');
    expect(calendar.tradeDate(at('2026-01-31T04:59:59Z'))).toBe('2026-01-30');
    expect(calendar.tradeDate(at('2026-01-31T05:00:00Z'))).toBe('2026-01-31');
  });

  it('rejects a time that is none, with a sentence', () => {
    expect(() => calendar.sessionAt(Number.NaN)).toThrow(/whole microseconds/);
  });
});

describe('New York clock', () => {
  const clock = new ZoneClock('America/New_York');

  it.each(US_DAYLIGHT)('%i: daylight time from %s to %s', (year, start, end) => {
    const startUs = at(`${year}-${start}T07:00:00Z`);
    const endUs = at(`${year}-${end}T06:00:00Z`);
    expect(clock.offsetUs(startUs - 1)).toBe(-5 * US_PER_HOUR);
    expect(clock.offsetUs(startUs)).toBe(-4 * US_PER_HOUR);
    expect(clock.offsetUs(endUs - 1)).toBe(-4 * US_PER_HOUR);
    expect(clock.offsetUs(endUs)).toBe(-5 * US_PER_HOUR);
    for (const session of calendar.sessionsBetween(startUs - 7 * US_PER_DAY, startUs + 7 * US_PER_DAY, ['regular'])) {
      const open = session.startUs + clock.offsetUs(session.startUs);
      expect(((open % US_PER_DAY) + US_PER_DAY) % US_PER_DAY).toBe(9.5 * US_PER_HOUR);
    }
  });

  it('reads skipped and repeated local times as documented', () => {
    expect(formatMicros(clock.instantOf(at('2026-03-08T02:30:00Z')))).toBe('2026-03-08T07:30:00Z');
    expect(formatMicros(clock.instantOf(at('2026-11-01T01:30:00Z')))).toBe('2026-11-01T05:30:00Z');
  });

  it('agrees with Intl on every hour of a year in zones with odd rules', () => {
    for (const zone of ['Asia/Kolkata', 'Africa/Casablanca', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Tehran']) {
      const zoned = new ZoneClock(zone);
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      for (let us = at('2021-01-01'); us < at('2022-01-01'); us += 3 * US_PER_HOUR) {
        const local = new Date((us + zoned.offsetUs(us)) / 1_000).toISOString().slice(0, 19).replace('T', ' ');
        expect(local, zone).toBe(format.format(new Date(us / 1_000)));
      }
    }
  });

  it('refuses an unknown zone', () => {
    expect(() => new ZoneClock('Mars/Olympus')).toThrow(/IANA time zone/);
  });
});
