import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseMicros, US_PER_DAY, US_PER_HOUR } from '../../src/base/index.ts';
import { BarGrid, Calendars, formatCivilDay, type Session, ZoneClock } from '../../src/calendar/index.ts';
import { parseTimeframe } from '../../src/model/index.ts';

const data = process.env.TICKLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data');
const calendars = new Calendars();
const at = (text: string): number => parseMicros(text) as number;

/** Start and volume of every bar of a file. */
function rows(file: string): [startUs: number, volume: number][] {
  const text = gunzipSync(readFileSync(join(data, file))).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const fields = line.split(',');
      return [Number(fields[0]) * 1_000, Number(fields[5])];
    });
}

function startsUs(file: string): number[] {
  return rows(file).map(([startUs]) => startUs);
}

describe.skipIf(!existsSync(join(data, 'daily')))('recorded markets', () => {
  it('SPY has a daily bar on every trading day from 1998 to 2021, on no other, stamped as ours', () => {
    const us = calendars.get('us-equity');
    const grid = new BarGrid(us, parseTimeframe('1d'));
    const recorded = startsUs('daily/SPY.csv.gz');
    const days = new Set(recorded.map((startUs) => us.tradeDate(startUs)));
    const sessions = us.sessionsBetween(recorded[0] as number, (recorded.at(-1) as number) + 1, undefined);
    const expected = new Set(sessions.map((session: Session) => session.tradeDate));
    expected.add(us.tradeDate(recorded.at(-1) as number));
    expect([...days].filter((day) => !expected.has(day))).toEqual([]);
    expect([...expected].filter((day) => !days.has(day))).toEqual([]);
    expect(recorded.filter((startUs) => grid.seek(startUs + 12 * US_PER_HOUR) !== startUs)).toEqual([]);
  });

  it('the reference market hours list the same closures and half days', () => {
    const us = calendars.get('us-equity');
    const hours = JSON.parse(readFileSync(join(data, 'reference/market-hours.json'), 'utf8'))['Equity-usa-[*]'];
    const iso = (text: string): string => {
      const [month, day, year] = text.split('/') as [string, string, string];
      return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    };
    const closures = new Set<string>(hours.holidays.map(iso));
    const halves = new Set<string>(Object.keys(hours.earlyCloses).map(iso));
    const wrong: string[] = [];
    for (let day = at('1998-01-01') / US_PER_DAY; day < at('2028-01-01') / US_PER_DAY; day++) {
      const date = formatCivilDay(day);
      if ([0, 6].includes(new Date(day * 86_400_000).getUTCDay())) continue;
      if (us.isTradingDay(day) === closures.has(date)) wrong.push(date);
      const regular = us.sessionsOn(day).find((session) => session.kind === 'regular');
      const isHalf = regular !== undefined && regular.endUs - regular.startUs < 6 * US_PER_HOUR;
      if (isHalf !== halves.has(date) && !closures.has(date)) wrong.push(`${date} half`);
    }
    // That list begins its half days in the autumn of 1999 and misses this one, which the recorded volumes show.
    expect(wrong).toEqual(['1998-11-27 half', '1998-12-24 half', '1999-12-31 half']);
  });

  it('IBM trades next to nothing after 14:00 on the half days from 1998 to 2021, and on no other day', () => {
    const us = calendars.get('us-equity');
    const clock = new ZoneClock('America/New_York');
    const volumes = new Map<string, { day: number; late: number }>();
    for (const [startUs, volume] of rows('hour/IBM.csv.gz')) {
      const localUs = startUs + clock.offsetUs(startUs);
      const date = formatCivilDay(Math.floor(localUs / US_PER_DAY));
      const sum = volumes.get(date) ?? { day: 0, late: 0 };
      sum.day += volume;
      if (localUs % US_PER_DAY >= 14 * US_PER_HOUR) sum.late += volume;
      volumes.set(date, sum);
    }
    const quiet = [...volumes].filter(([, sum]) => sum.late < 0.05 * sum.day).map(([date]) => date);
    const half = us
      .sessionsBetween(at('1998-01-01'), at('2021-04-01'), ['regular'])
      .filter((session) => session.endUs - session.startUs < 6 * US_PER_HOUR)
      .map((session) => session.tradeDate);
    expect(half.length).toBeGreaterThan(50);
    expect(quiet).toEqual(half);
  });

  it('EURUSD of OANDA is quoted inside the forex week only, 2007 to 2018', () => {
    const forex = calendars.get('forex');
    const starts = startsUs('hour/EURUSD.oanda.bid.csv.gz');
    const outside = starts.filter((startUs) => !forex.isOpen(startUs) && !forex.isOpen(startUs + US_PER_HOUR - 1));
    // OANDA quotes thinly on 1 January and 25 December, which this calendar treats as shut, and on few odd weekends.
    const odd = outside.filter((startUs) => !/-(01-0[12]|12-2[56])$/.test(forex.tradeDate(startUs)));
    expect(odd.length / starts.length).toBeLessThan(0.002);
  });
});
