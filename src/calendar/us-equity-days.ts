import type { CivilDay } from './civil-day.ts';
import { civilDay, parseCivilDay, weekdayOf } from './civil-day.ts';

const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;

/**
 * Full closures that follow from no rule. Sources: NYSE notices as collected by exchange_calendars and QuantConnect
 * Lean; those since 1998 agree with the days that the reference daily bars lack.
 */
const ONE_OFF_CLOSURES = [
  '1994-04-27', // mourning for R. Nixon
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11', // mourning for R. Reagan
  '2007-01-02', // mourning for G. Ford
  '2012-10-29', // hurricane Sandy
  '2012-10-30',
  '2018-12-05', // mourning for G. H. W. Bush
  '2025-01-09', // mourning for J. Carter
];

/** 13:00 closes that follow from no rule; all three show in the volumes of the reference hour bars. */
const ONE_OFF_EARLY_CLOSES = ['1997-12-26', '1999-12-31', '2003-12-26'];

/** The last day whose closures the exchange has published; later ones follow from the rules alone. */
export const US_EQUITY_PUBLISHED_THROUGH = '2028-12-31';

export interface ExchangeYear {
  readonly closures: ReadonlySet<CivilDay>;
  /** Days whose regular session ends at 13:00 New York time. */
  readonly earlyCloses: ReadonlySet<CivilDay>;
}

/** NYSE and Nasdaq closures and early closes of one year, by the rules in force in that year (1990 onwards). */
export function usEquityYear(year: number): ExchangeYear {
  const thanksgiving = nthWeekday(year, 11, THURSDAY, 4);
  const closures = new Set<CivilDay>([
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    lastMondayOfMay(year),
    observed(civilDay(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    thanksgiving,
    observed(civilDay(year, 12, 25)),
  ]);
  const newYear = civilDay(year, 1, 1);
  // A New Year's Day on a Saturday is not observed: the Friday before is the old year's last trading day.
  if (weekdayOf(newYear) !== SATURDAY) closures.add(observed(newYear));
  if (year >= 1998) closures.add(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) closures.add(observed(civilDay(year, 6, 19)));
  for (const date of ONE_OFF_CLOSURES) if (date.startsWith(`${year}-`)) closures.add(parseCivilDay(date) as CivilDay);
  return { closures, earlyCloses: earlyClosesOf(year, thanksgiving, closures) };
}

function earlyClosesOf(year: number, thanksgiving: CivilDay, closures: ReadonlySet<CivilDay>): ReadonlySet<CivilDay> {
  const days = [thanksgiving + 1, independenceEve(year), civilDay(year, 12, 24)];
  for (const date of ONE_OFF_EARLY_CLOSES) if (date.startsWith(`${year}-`)) days.push(parseCivilDay(date) as CivilDay);
  // A Friday 24 December or 3 July is itself the observed holiday, so `closures` rules those half days out.
  const isTrading = (day: CivilDay): boolean =>
    weekdayOf(day) !== SUNDAY && weekdayOf(day) !== SATURDAY && !closures.has(day);
  return new Set(days.filter(isTrading));
}

/** Until 2012 a Thursday 4 July had its half day on the Friday after; since 2013 it is always 3 July. */
function independenceEve(year: number): CivilDay {
  const fourth = civilDay(year, 7, 4);
  return year < 2013 && weekdayOf(fourth) === THURSDAY ? fourth + 1 : fourth - 1;
}

function observed(day: CivilDay): CivilDay {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

function nthWeekday(year: number, month: number, weekday: number, n: number): CivilDay {
  const first = civilDay(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
}

function lastMondayOfMay(year: number): CivilDay {
  const last = civilDay(year, 5, 31);
  return last - ((weekdayOf(last) - MONDAY + 7) % 7);
}

/** Gregorian Easter Sunday, by the anonymous computus (Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): CivilDay {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor((8 * b + 13) / 25);
  const e = (19 * a + b - Math.floor(b / 4) - d + 15) % 30;
  const f = Math.floor((a + 11 * e) / 319);
  const g = (2 * (b % 4) + 2 * Math.floor(c / 4) - (c % 4) - e + f + 32) % 7;
  const month = Math.floor((e - f + g + 90) / 25);
  return civilDay(year, month, (e - f + g + month + 19) % 32);
}
