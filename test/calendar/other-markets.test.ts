import { describe, expect, it } from 'vitest';
import { formatMicros, parseMicros, US_PER_DAY, US_PER_HOUR, UsageError } from '../../src/base/index.ts';
import { Calendars, defineCalendar, parseCivilDay, type Session } from '../../src/calendar/index.ts';
import { US_DAYLIGHT } from './us-equity-table.ts';

const at = (text: string): number => parseMicros(text) as number;
const dayOf = (date: string): number => parseCivilDay(date) as number;
const plain = (session: Session | undefined): string =>
  session === undefined
    ? 'closed'
    : `${session.kind} ${formatMicros(session.startUs)} ${formatMicros(session.endUs)} ${session.tradeDate}`;

const WORKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];

const NSE = {
  id: 'nse',
  zone: 'Asia/Kolkata',
  weeks: [
    {
      segments: [
        { days: WORKDAYS, kind: 'pre', from: '09:00', to: '09:15' },
        { days: WORKDAYS, kind: 'regular', from: '09:15', to: '15:30' },
      ],
    },
  ],
  holidays: ['2015-01-26', '2015-11-12', '08-15'],
  special_days: [
    { date: '2015-02-28', segments: [{ kind: 'regular', from: '09:15', to: '15:30' }] },
    { date: '2015-11-11', segments: [{ kind: 'regular', from: '17:45', to: '18:45' }] },
  ],
};

const CME = {
  id: 'cme',
  zone: 'America/Chicago',
  weeks: [
    {
      valid_to: '2015-09-20',
      day_start: '17:00',
      segments: [
        { days: WORKDAYS, kind: 'regular', from: '17:00', to: '15:15' },
        { days: WORKDAYS, kind: 'post', from: '15:30', to: '16:15' },
      ],
    },
    {
      valid_from: '2015-09-21',
      day_start: '17:00',
      segments: [{ days: WORKDAYS, kind: 'regular', from: '17:00', to: '16:00' }],
    },
  ],
  holidays: ['12-25', '01-01'],
  early_closes: [{ date: '2026-11-27', close: '12:15' }],
  late_opens: [{ date: '2026-01-02', open: '00:30' }],
};

/** US equities as they would be with the overnight session of the 23/5 filing. */
const ROUND = {
  id: 'us-23-5',
  extends: 'us-equity',
  weeks: [
    {
      valid_to: '2027-01-03',
      segments: [{ days: WORKDAYS, kind: 'regular', from: '09:30', to: '16:00' }],
    },
    {
      valid_from: '2027-01-04',
      day_start: '20:00',
      segments: [
        { days: WORKDAYS, kind: 'night', from: '21:00', to: '04:00' },
        { days: WORKDAYS, kind: 'regular', from: '04:00', to: '20:00' },
      ],
    },
  ],
};

describe('forex week', () => {
  const forex = new Calendars().get('forex');

  it.each(US_DAYLIGHT)('%i: opens at 17:00 New York time around %s and %s', (year, start, end) => {
    // The switch falls on the Sunday whose evening opens the week: already the new offset.
    const summer = at(`${year}-${start}T21:00:00Z`);
    const winter = at(`${year}-${end}T22:00:00Z`);
    for (const open of [summer, winter]) {
      expect(forex.isOpen(open - 1)).toBe(false);
      expect(forex.isOpen(open)).toBe(true);
    }
    expect(forex.isOpen(summer - 2 * US_PER_DAY + US_PER_HOUR - 1)).toBe(true);
    expect(forex.isOpen(summer - 2 * US_PER_DAY + US_PER_HOUR)).toBe(false);
    const week = forex.sessionsBetween(winter, winter + 7 * US_PER_DAY);
    expect(week).toHaveLength(5);
    expect((week[4] as Session).endUs - (week[0] as Session).startUs).toBe(120 * US_PER_HOUR);
  });

  it('rolls the trade date at 17:00 New York time and gives weekends to Monday', () => {
    expect(forex.tradeDate(at('2026-01-28T21:59:59Z'))).toBe('2026-01-28');
    expect(forex.tradeDate(at('2026-01-28T22:00:00Z'))).toBe('2026-01-29');
    expect(forex.tradeDate(at('2026-01-30T21:59:59Z'))).toBe('2026-01-30');
    expect(forex.tradeDate(at('2026-01-30T22:00:00Z'))).toBe('2026-02-02');
    expect(forex.tradeDate(at('2026-02-01T19:00:00Z'))).toBe('2026-02-02');
  });

  it('is shut on 25 December and 1 January', () => {
    expect(forex.isOpen(at('2024-12-25T12:00:00Z'))).toBe(false);
    expect(plain(forex.sessionAt(at('2024-12-25T22:00:00Z')))).toBe(
      'regular 2024-12-25T22:00:00Z 2024-12-26T22:00:00Z 2024-12-26',
    );
    expect(forex.tradeDate(at('2025-01-01T12:00:00Z'))).toBe('2025-01-02');
  });
});

describe('round the clock', () => {
  it.each(['crypto', 'always'])('%s is open at any time, on UTC days', (id) => {
    const calendar = new Calendars().get(id);
    for (const text of ['2026-01-01T00:00:00Z', '2026-03-08T07:00:00Z', '2026-07-04T23:59:59.999999Z']) {
      const session = calendar.sessionAt(at(text)) as Session;
      expect(session.tradeDate).toBe(text.slice(0, 10));
      expect(session.endUs - session.startUs).toBe(US_PER_DAY);
    }
    expect(calendar.nextSession(at('2026-01-01T00:00:01Z'))?.tradeDate).toBe('2026-01-02');
  });
});

describe('calendars by definition', () => {
  it('an NSE-like one: half-hour zone, yearly and dated holidays, Saturday and evening sessions', () => {
    const nse = defineCalendar(NSE);
    expect(plain(nse.sessionAt(at('2015-01-27T03:45:00Z')))).toBe(
      'regular 2015-01-27T03:45:00Z 2015-01-27T10:00:00Z 2015-01-27',
    );
    expect(nse.isTradingDay(dayOf('2015-01-26'))).toBe(false);
    expect(nse.isTradingDay(dayOf('2016-08-15'))).toBe(false);
    expect(nse.isTradingDay(dayOf('2015-02-21'))).toBe(false);
    expect(nse.isOpen(at('2015-02-28T05:00:00Z'))).toBe(true);
    expect(nse.sessionsOn(dayOf('2015-11-11')).map(plain)).toEqual([
      'regular 2015-11-11T12:15:00Z 2015-11-11T13:15:00Z 2015-11-11',
    ]);
  });

  it('a CME-like one: evening opening, dated change of hours, early close, late open', () => {
    const cme = defineCalendar(CME);
    expect(plain(cme.sessionAt(at('2013-10-09T21:00:00Z')))).toContain(
      'post 2013-10-09T20:30:00Z 2013-10-09T21:15:00Z',
    );
    expect(cme.isOpen(at('2013-10-09T20:20:00Z'))).toBe(false);
    expect(cme.isOpen(at('2020-01-06T21:30:00Z'))).toBe(true);
    expect(cme.isOpen(at('2020-01-06T22:30:00Z'))).toBe(false);
    expect(plain(cme.sessionAt(at('2020-01-05T23:00:00Z')))).toBe(
      'regular 2020-01-05T23:00:00Z 2020-01-06T22:00:00Z 2020-01-06',
    );
    expect(cme.sessionsOn(dayOf('2026-11-27')).map(plain)).toEqual([
      'regular 2026-11-26T23:00:00Z 2026-11-27T18:15:00Z 2026-11-27',
    ]);
    expect(cme.sessionsOn(dayOf('2026-01-02')).map(plain)).toEqual([
      'regular 2026-01-02T06:30:00Z 2026-01-02T22:00:00Z 2026-01-02',
    ]);
  });

  it('a night session that begins on a date and counts to the next trade date', () => {
    const round = defineCalendar(ROUND);
    expect(round.isTradingDay(dayOf('2027-01-01'))).toBe(false);
    expect(plain(round.sessionAt(at('2027-01-04T03:00:00Z')))).toBe(
      'night 2027-01-04T02:00:00Z 2027-01-04T09:00:00Z 2027-01-04',
    );
    expect(round.tradeDate(at('2027-01-05T02:30:00Z'))).toBe('2027-01-05');
    expect(round.tradeDate(at('2026-12-30T02:30:00Z'))).toBe('2026-12-29');
  });

  it('an override of a built-in one for a day that no rule knows', () => {
    const calendars = new Calendars();
    calendars.define({ id: 'us-equity', extends: 'us-equity', holidays: ['2027-03-03'], open_days: ['2027-12-24'] });
    const us = calendars.get('us-equity');
    expect(us.isTradingDay(dayOf('2027-03-03'))).toBe(false);
    expect(us.isTradingDay(dayOf('2027-12-24'))).toBe(true);
    expect(us.isTradingDay(dayOf('2027-11-25'))).toBe(false);
    expect(us.plan.publishedThrough).toBe('2028-12-31');
    expect(us.sessionsOn(dayOf('2027-11-26'))[1]).toMatchObject({ endUs: at('2027-11-26T18:00:00Z') });
  });

  it.each([
    [{ ...NSE, zone: 'Asia/Bombai' }, 'calendar.zone', /Asia\/Bombai.*IANA/],
    [{ ...NSE, zone: undefined }, 'calendar.zone', /found nothing.*a text/],
    [{ ...NSE, hollidays: [] }, 'calendar.hollidays', /unknown key.*holidays/],
    [{ ...NSE, id: 'NSE' }, 'calendar.id', /lower-case/],
    [{ ...NSE, id: 'forex' }, 'calendar.id', /not taken/],
    [{ ...NSE, extends: 'lse' }, 'calendar.extends', /already defined/],
    [{ ...NSE, holidays: ['2015-02-30'] }, 'calendar.holidays[0]', /2015-02-30.*12-25/],
    [{ ...NSE, weeks: [] }, 'calendar.weeks', /at least one/],
    [
      { ...NSE, weeks: [{ segments: [{ days: ['monday'], kind: 'regular', from: '09:00', to: '10:00' }] }] },
      'calendar.weeks[0].segments[0].days[0]',
      /monday.*mon/,
    ],
    [
      { ...NSE, weeks: [{ segments: [{ days: ['mon'], kind: 'main', from: '09:00', to: '10:00' }] }] },
      'calendar.weeks[0].segments[0].kind',
      /main.*regular/,
    ],
    [
      { ...NSE, weeks: [{ segments: [{ days: ['mon'], kind: 'regular', from: '9:00', to: '10:00' }] }] },
      'calendar.weeks[0].segments[0].from',
      /9:00.*HH:MM/,
    ],
    [
      { ...NSE, weeks: [{ segments: [{ days: ['mon'], kind: 'regular', from: '22:00', to: '04:00' }] }] },
      'calendar.weeks[0].segments[0]',
      /day_start/,
    ],
    [
      {
        ...NSE,
        weeks: [
          {
            segments: [...(NSE.weeks[0]?.segments ?? []), { days: ['fri'], kind: 'post', from: '15:00', to: '16:00' }],
          },
        ],
      },
      'calendar.weeks[0].segments',
      /overlap/,
    ],
    [{ ...NSE, weeks: [...NSE.weeks, ...NSE.weeks] }, 'calendar.weeks', /do not overlap/],
    [
      { ...NSE, early_closes: [{ date: '2015-01-27', close: '13:00', extended_to: '12:00' }] },
      'calendar.early_closes[0].extended_to',
      /after close/,
    ],
    ['nse', 'calendar', /a mapping/],
  ])('refuses a bad definition and names the key (%#)', (definition, subject, message) => {
    let caught: unknown;
    try {
      defineCalendar(definition);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(UsageError);
    expect(caught).toMatchObject({ subject, message: expect.stringMatching(message) });
  });

  it('names the known calendars when asked for another', () => {
    expect(() => new Calendars().get('lse')).toThrow('No calendar "lse"; known are us-equity, forex, crypto, always.');
  });
});
