import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicros, parseMicros, US_PER_DAY, US_PER_MINUTE } from '../../src/base/index.ts';
import {
  BarGrid,
  barBoundsUs,
  barStartUs,
  Calendars,
  defineCalendar,
  type TradingCalendar,
} from '../../src/calendar/index.ts';
import { parseTimeframe } from '../../src/model/index.ts';

const at = (text: string): number => parseMicros(text) as number;
const calendars = new Calendars();
const cme = defineCalendar({
  id: 'cme',
  zone: 'America/Chicago',
  weeks: [
    {
      day_start: '17:00',
      segments: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], kind: 'regular', from: '17:00', to: '16:00' }],
    },
  ],
  holidays: ['12-25', '01-01'],
});
const every: readonly TradingCalendar[] = [
  calendars.get('us-equity'),
  calendars.get('forex'),
  calendars.get('crypto'),
  cme,
  defineCalendar({
    id: 'havana',
    zone: 'America/Havana',
    weeks: [{ segments: [{ days: ['sun', 'mon'], kind: 'regular', from: '00:00', to: '01:30' }] }],
  }),
];
const frames = [
  '1s',
  '7s',
  '1m',
  '5m',
  '7m',
  '15m',
  '30m',
  '1h',
  '4h',
  '23h',
  '24h',
  '1d',
  '3d',
  '1w',
  '2w',
  '1M',
  '3M',
];

const bounds = (calendar: TradingCalendar, frame: string, text: string): string => {
  const found = barBoundsUs(calendar, parseTimeframe(frame), at(text));
  return [found.startUs, found.endUs, found.labelUs].map(formatMicros).join(' ');
};

describe('bars of US equities', () => {
  const us = calendars.get('us-equity');

  it('count from the session segment and end with it', () => {
    expect(bounds(us, '1h', '2026-01-30T14:29:59Z')).toBe(
      '2026-01-30T14:00:00Z 2026-01-30T14:30:00Z 2026-01-30T14:00:00Z',
    );
    expect(bounds(us, '1h', '2026-01-30T14:30:00Z')).toBe(
      '2026-01-30T14:30:00Z 2026-01-30T15:30:00Z 2026-01-30T14:30:00Z',
    );
    expect(bounds(us, '1h', '2026-01-30T20:59:59Z')).toBe(
      '2026-01-30T20:30:00Z 2026-01-30T21:00:00Z 2026-01-30T20:30:00Z',
    );
    expect(bounds(us, '1h', '2026-11-27T17:45:00Z')).toBe(
      '2026-11-27T17:30:00Z 2026-11-27T18:00:00Z 2026-11-27T17:30:00Z',
    );
  });

  it('outside sessions are aligned to the exchange day', () => {
    expect(bounds(us, '1h', '2026-01-31T02:10:00Z')).toBe(
      '2026-01-31T02:00:00Z 2026-01-31T03:00:00Z 2026-01-31T02:00:00Z',
    );
    expect(bounds(us, '7h', '2026-01-31T02:10:00Z')).toBe(
      '2026-01-31T02:00:00Z 2026-01-31T05:00:00Z 2026-01-31T02:00:00Z',
    );
  });

  it('of days, weeks and months carry the New York midnight of their first date', () => {
    expect(bounds(us, '1d', '2026-01-31T00:30:00Z')).toBe(
      '2026-01-30T05:00:00Z 2026-01-31T05:00:00Z 2026-01-30T05:00:00Z',
    );
    expect(bounds(us, '1d', '2026-07-30T15:00:00Z')).toBe(
      '2026-07-30T04:00:00Z 2026-07-31T04:00:00Z 2026-07-30T04:00:00Z',
    );
    expect(bounds(us, '1w', '2026-03-12T15:00:00Z')).toBe(
      '2026-03-09T04:00:00Z 2026-03-16T04:00:00Z 2026-03-09T04:00:00Z',
    );
    expect(bounds(us, '1w', '2026-03-08T15:00:00Z')).toBe(
      '2026-03-02T05:00:00Z 2026-03-09T04:00:00Z 2026-03-02T05:00:00Z',
    );
    expect(bounds(us, '1M', '2026-03-12T15:00:00Z')).toBe(
      '2026-03-01T05:00:00Z 2026-04-01T04:00:00Z 2026-03-01T05:00:00Z',
    );
  });
});

describe('bars of forex and crypto', () => {
  const forex = calendars.get('forex');

  it('intraday are aligned to UTC', () => {
    expect(bounds(forex, '4h', '2026-01-30T21:30:00Z')).toBe(
      '2026-01-30T20:00:00Z 2026-01-31T00:00:00Z 2026-01-30T20:00:00Z',
    );
    expect(barStartUs(calendars.get('crypto'), parseTimeframe('5m'), at('2026-01-30T21:34:59Z'))).toBe(
      at('2026-01-30T21:30:00Z'),
    );
  });

  it('of forex days cover 17:00 to 17:00 New York and carry the UTC midnight of the trade date', () => {
    expect(bounds(forex, '1d', '2026-01-28T12:00:00Z')).toBe(
      '2026-01-27T22:00:00Z 2026-01-28T22:00:00Z 2026-01-28T00:00:00Z',
    );
    expect(bounds(forex, '1d', '2026-02-01T19:00:00Z')).toBe(
      '2026-01-30T22:00:00Z 2026-02-02T22:00:00Z 2026-02-02T00:00:00Z',
    );
    expect(bounds(forex, '1w', '2026-02-01T19:00:00Z')).toBe(
      '2026-01-30T22:00:00Z 2026-02-06T22:00:00Z 2026-02-02T00:00:00Z',
    );
    expect(bounds(calendars.get('crypto'), '1d', '2026-02-01T19:00:00Z')).toBe(
      '2026-02-01T00:00:00Z 2026-02-02T00:00:00Z 2026-02-01T00:00:00Z',
    );
  });
});

describe('every grid', () => {
  const moments = fc.oneof(
    fc.integer({ min: at('1998-01-01') / 1_000, max: at('2031-01-01') / 1_000 }).map((ms) => ms * 1_000),
    // Around daylight switches, midnights, opens and closes, where mistakes live.
    fc
      .tuple(
        fc.integer({ min: at('2018-01-01') / US_PER_DAY, max: at('2031-01-01') / US_PER_DAY }),
        fc.constantFrom(0, 4, 5, 6, 7, 13.5, 14.5, 17, 18, 20, 21, 22, 23),
        fc.integer({ min: -2, max: 2 }),
      )
      .map(([day, hour, off]) => day * US_PER_DAY + hour * 60 * US_PER_MINUTE + off),
  );

  it('holds the instant, keeps its bounds inside, and joins its neighbours', () => {
    fc.assert(
      fc.property(fc.constantFrom(...every), fc.constantFrom(...frames), moments, (calendar, frame, tsUs) => {
        const grid = new BarGrid(calendar, parseTimeframe(frame));
        const { startUs, endUs, labelUs } = grid.boundsAt(tsUs);
        expect(startUs).toBeLessThanOrEqual(tsUs);
        expect(endUs).toBeGreaterThan(tsUs);
        expect(labelUs).toBeGreaterThanOrEqual(startUs);
        expect(labelUs).toBeLessThan(endUs);
        if (grid.timeframe.isIntraday) expect(labelUs).toBe(startUs);
        const fresh = (us: number) => barBoundsUs(calendar, grid.timeframe, us);
        expect(fresh(startUs)).toEqual({ startUs, endUs, labelUs });
        expect(fresh(endUs - 1)).toEqual({ startUs, endUs, labelUs });
        expect(fresh(endUs).startUs).toBe(endUs);
        expect(fresh(startUs - 1).endUs).toBe(startUs);
        expect(fresh(endUs).labelUs).toBeGreaterThan(labelUs);
      }),
      { numRuns: 3_000 },
    );
  });

  it('anchored at sessions never lets an intraday bar cross the end of one', () => {
    const anchored = every.filter((calendar) => calendar.plan.barAnchor === 'session');
    fc.assert(
      fc.property(
        fc.constantFrom(...anchored),
        fc.constantFrom('1m', '7m', '1h', '4h'),
        moments,
        (calendar, frame, tsUs) => {
          const found = barBoundsUs(calendar, parseTimeframe(frame), tsUs);
          expect(calendar.sessionAt(found.endUs - 1)).toEqual(calendar.sessionAt(tsUs));
          expect(calendar.sessionAt(found.startUs)).toEqual(calendar.sessionAt(tsUs));
          expect(calendar.tradeDate(found.startUs)).toBe(calendar.tradeDate(tsUs));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('gives the same answers in any order of asking', () => {
    const us = every[0] as TradingCalendar;
    fc.assert(
      fc.property(fc.array(moments, { minLength: 2, maxLength: 20 }), (list) => {
        const grid = new BarGrid(us, parseTimeframe('5m'));
        for (const tsUs of list) expect(grid.seek(tsUs)).toBe(barStartUs(us, grid.timeframe, tsUs));
      }),
      { numRuns: 200 },
    );
  });

  it('cuts a regular session of 2018-2030 into 390 or 210 minutes', () => {
    const us = every[0] as TradingCalendar;
    const grid = new BarGrid(us, parseTimeframe('1m'));
    const counts = new Map<number, number>();
    for (const session of us.sessionsBetween(at('2018-01-01'), at('2031-01-01'), ['regular'])) {
      let n = 0;
      for (let startUs = session.startUs; startUs < session.endUs; startUs = grid.endUs) {
        if (grid.seek(startUs) !== startUs) throw new Error(`no bar starts at ${formatMicros(startUs)}`);
        n++;
      }
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([210, 390]);
    expect(counts.get(390)! + counts.get(210)!).toBe(3266);
  });
});
