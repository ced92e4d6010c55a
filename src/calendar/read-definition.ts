import { US_PER_DAY, US_PER_SECOND, UsageError } from '../base/index.ts';
import type { CalendarPlan, EarlyClose, Hours, WeekPlan } from './calendar-definition.ts';
import { WEEKDAYS } from './calendar-definition.ts';
import { parseCivilDay } from './civil-day.ts';
import { SESSION_KINDS } from './session.ts';
import { ZoneClock } from './zone-clock.ts';

const TIME = /^([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?$/;
const YEARLY = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

const KEYS = {
  calendar: ['id', 'extends', 'zone', 'bar_anchor', 'day_label', 'off_days', 'weeks', 'holidays', 'open_days'].concat(
    'early_closes',
    'late_opens',
    'special_days',
  ),
  week: ['valid_from', 'valid_to', 'day_start', 'segments'],
  segment: ['days', 'kind', 'from', 'to', 'previous_day'],
  hours: ['kind', 'from', 'to', 'previous_day'],
  earlyClose: ['date', 'close', 'extended_to'],
  lateOpen: ['date', 'open'],
  specialDay: ['date', 'segments'],
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks a calendar definition (a {@link CalendarDefinition}, as it comes out of a configuration file) and brings it
 * into the form the calendar computes with.
 * @param path where the definition stands, for messages: `calendars.nse`
 * @param inherited looks up the calendar named by `extends`
 * @throws UsageError naming the key's path, what was found and what is allowed
 */
export function readDefinition(
  value: unknown,
  path: string,
  inherited: (id: string) => CalendarPlan | undefined,
): CalendarPlan {
  const fields = record(value, path, KEYS.calendar);
  const id = text(fields.id, `${path}.id`);
  if (!ID.test(id)) fail(`${path}.id`, id, 'lower-case letters, digits and "-", at most 32');
  const base = baseOf(fields, path, inherited);
  const zone = fields.zone === undefined && base !== undefined ? base.zone : zoneOf(fields.zone, `${path}.zone`);
  const weeks = fields.weeks === undefined && base !== undefined ? base.weeks : weeksOf(fields.weeks, `${path}.weeks`);
  const hasEveningStart = weeks.some((week) => week.dayStartUs < 0);
  return {
    id,
    zone,
    weeks,
    barAnchor: choice(fields.bar_anchor, ['session', 'clock'], `${path}.bar_anchor`) ?? base?.barAnchor ?? 'session',
    dayLabel: choice(fields.day_label, ['exchange', 'utc'], `${path}.day_label`) ?? base?.dayLabel ?? 'exchange',
    offDays:
      choice(fields.off_days, ['own', 'next'], `${path}.off_days`) ??
      base?.offDays ??
      (hasEveningStart ? 'next' : 'own'),
    holidays: new Set([...(base?.holidays ?? []), ...dayKeys(fields.holidays, `${path}.holidays`)]),
    openDays: new Set([...(base?.openDays ?? []), ...dayKeys(fields.open_days, `${path}.open_days`)]),
    earlyCloses: new Map([...(base?.earlyCloses ?? []), ...earlyClosesOf(fields.early_closes, `${path}.early_closes`)]),
    lateOpensUs: new Map([...(base?.lateOpensUs ?? []), ...lateOpensOf(fields.late_opens, `${path}.late_opens`)]),
    specialDays: new Map([
      ...(base?.specialDays ?? []),
      ...specialDaysOf(fields.special_days, `${path}.special_days`, weeks),
    ]),
    rule: base?.rule,
    publishedThrough: base?.publishedThrough,
    ruledEarlyClose: base?.ruledEarlyClose,
  };
}

function baseOf(
  fields: Fields,
  path: string,
  inherited: (id: string) => CalendarPlan | undefined,
): CalendarPlan | undefined {
  if (fields.extends === undefined) return undefined;
  const id = text(fields.extends, `${path}.extends`);
  const base = inherited(id);
  if (base === undefined) fail(`${path}.extends`, id, 'the id of a calendar that is already defined');
  return base;
}

function zoneOf(value: unknown, path: string): string {
  const zone = text(value, path);
  try {
    return new ZoneClock(zone).zone;
  } catch (cause) {
    throw new UsageError(`${path}: found ${show(zone)}, allowed: an IANA time zone such as Asia/Kolkata or UTC.`, {
      subject: path,
      cause,
    });
  }
}

function weeksOf(value: unknown, path: string): readonly WeekPlan[] {
  const weeks = list(value, path).map((entry, i) => weekOf(entry, `${path}[${i}]`));
  if (weeks.length === 0) fail(path, value, 'at least one weekly plan');
  weeks.sort((a, b) => a.fromDay - b.fromDay);
  for (let i = 1; i < weeks.length; i++) {
    const earlier = weeks[i - 1] as WeekPlan;
    const later = weeks[i] as WeekPlan;
    if (later.fromDay <= earlier.toDay) {
      fail(path, 'two weekly plans for the same trade date', 'plans whose valid_from and valid_to do not overlap');
    }
    const endsUs = Math.max(...earlier.hours.flat().map((hours) => hours.toUs));
    if (later.fromDay === earlier.toDay + 1 && endsUs > later.dayStartUs + US_PER_DAY) {
      fail(
        path,
        'a plan whose hours run into the first trade date of the next',
        'hours that end where the next date begins',
      );
    }
  }
  return weeks;
}

function weekOf(value: unknown, path: string): WeekPlan {
  const fields = record(value, path, KEYS.week);
  const fromDay = optionalDay(fields.valid_from, `${path}.valid_from`) ?? Number.NEGATIVE_INFINITY;
  const toDay = optionalDay(fields.valid_to, `${path}.valid_to`) ?? Number.POSITIVE_INFINITY;
  if (toDay < fromDay) fail(`${path}.valid_to`, fields.valid_to, `a date not before valid_from (${fields.valid_from})`);
  const startUs = fields.day_start === undefined ? 0 : time(fields.day_start, `${path}.day_start`);
  const dayStartUs = startUs === 0 ? 0 : startUs - US_PER_DAY;
  const hours: Hours[][] = WEEKDAYS.map(() => []);
  list(fields.segments, `${path}.segments`).forEach((entry, i) => {
    const at = `${path}.segments[${i}]`;
    const segment = record(entry, at, KEYS.segment);
    const days = list(segment.days, `${at}.days`);
    if (days.length === 0) fail(`${at}.days`, days, `some of ${WEEKDAYS.join(' ')}`);
    const parsed = hoursOf(segment, at, dayStartUs);
    days.forEach((day, k) => {
      const weekday = WEEKDAYS.indexOf(choice(day, WEEKDAYS, `${at}.days[${k}]`) ?? 'sun');
      (hours[weekday] as Hours[]).push(parsed);
    });
  });
  for (const day of hours) sortHours(day, `${path}.segments`);
  return { fromDay, toDay, dayStartUs, hours };
}

/** Reads one segment; it must lie inside its trade date, which begins `dayStartUs` from midnight and lasts a day. */
function hoursOf(fields: Fields, path: string, dayStartUs: number): Hours {
  const kind = choice(fields.kind, SESSION_KINDS, `${path}.kind`);
  if (kind === undefined) fail(`${path}.kind`, fields.kind, SESSION_KINDS.join(', '));
  const from = time(fields.from, `${path}.from`);
  const to = time(fields.to, `${path}.to`);
  const previous = choice(fields.previous_day, [true, false], `${path}.previous_day`) ?? false;
  if (previous && from >= to)
    fail(`${path}.to`, fields.to, `a time after from (${fields.from}) when previous_day is true`);
  const fromUs = previous || from >= to ? from - US_PER_DAY : from;
  const toUs = previous ? to - US_PER_DAY : to;
  if (fromUs < dayStartUs || toUs > dayStartUs + US_PER_DAY) {
    const rolls = clock(dayStartUs < 0 ? dayStartUs + US_PER_DAY : 0);
    fail(
      path,
      `${fields.from} to ${fields.to}`,
      `hours inside one trade date, which here begins at ${rolls} (day_start)`,
    );
  }
  return { kind, fromUs, toUs };
}

function sortHours(hours: Hours[], path: string): void {
  hours.sort((a, b) => a.fromUs - b.fromUs);
  for (let i = 1; i < hours.length; i++) {
    if ((hours[i] as Hours).fromUs < (hours[i - 1] as Hours).toUs) {
      fail(path, 'segments that overlap on one trade date', 'segments that follow one another');
    }
  }
}

function earlyClosesOf(value: unknown, path: string): [string, EarlyClose][] {
  return optionalList(value, path).map((entry, i) => {
    const at = `${path}[${i}]`;
    const fields = record(entry, at, KEYS.earlyClose);
    const closeUs = time(fields.close, `${at}.close`);
    const extendedToUs = fields.extended_to === undefined ? undefined : time(fields.extended_to, `${at}.extended_to`);
    if (extendedToUs !== undefined && extendedToUs <= closeUs) {
      fail(`${at}.extended_to`, fields.extended_to, `a time after close (${fields.close})`);
    }
    return [dayKey(fields.date, `${at}.date`), { closeUs, extendedToUs }];
  });
}

function lateOpensOf(value: unknown, path: string): [string, number][] {
  return optionalList(value, path).map((entry, i) => {
    const fields = record(entry, `${path}[${i}]`, KEYS.lateOpen);
    return [dayKey(fields.date, `${path}[${i}].date`), time(fields.open, `${path}[${i}].open`)];
  });
}

function specialDaysOf(value: unknown, path: string, weeks: readonly WeekPlan[]): [string, readonly Hours[]][] {
  return optionalList(value, path).map((entry, i) => {
    const at = `${path}[${i}]`;
    const fields = record(entry, at, KEYS.specialDay);
    const date = text(fields.date, `${at}.date`);
    const day = parseCivilDay(date);
    if (day === undefined) fail(`${at}.date`, date, 'a date such as 2026-11-08');
    const week = weeks.find((candidate) => day >= candidate.fromDay && day <= candidate.toDay);
    const hours = list(fields.segments, `${at}.segments`).map((segment, k) =>
      hoursOf(record(segment, `${at}.segments[${k}]`, KEYS.hours), `${at}.segments[${k}]`, week?.dayStartUs ?? 0),
    );
    sortHours(hours, `${at}.segments`);
    return [date, hours];
  });
}

function dayKeys(value: unknown, path: string): string[] {
  return optionalList(value, path).map((entry, i) => dayKey(entry, `${path}[${i}]`));
}

function dayKey(value: unknown, path: string): string {
  const key = text(value, path);
  if (!YEARLY.test(key) && parseCivilDay(key) === undefined) {
    fail(path, key, 'a date such as 2026-12-25, or 12-25 for every year');
  }
  return key;
}

function optionalDay(value: unknown, path: string): number | undefined {
  if (value === undefined) return undefined;
  const day = parseCivilDay(text(value, path));
  if (day === undefined) fail(path, value, 'a date such as 2026-01-30');
  return day;
}

function time(value: unknown, path: string): number {
  const match = TIME.exec(text(value, path));
  const seconds = match === null ? Number.NaN : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (!(seconds <= 86_400)) fail(path, value, 'a time HH:MM or HH:MM:SS from 00:00 to 24:00');
  return seconds * US_PER_SECOND;
}

function clock(us: number): string {
  const minutes = Math.floor(us / (60 * US_PER_SECOND));
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function record(value: unknown, path: string, allowed: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(path, value, 'a mapping of keys');
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) fail(`${path}.${key}`, 'an unknown key', allowed.join(', '));
  }
  return value as Fields;
}

function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) fail(path, value, 'a list');
  return value;
}

function optionalList(value: unknown, path: string): readonly unknown[] {
  return value === undefined ? [] : list(value, path);
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') fail(path, value, 'a text');
  return value;
}

function choice<T extends string | boolean>(value: unknown, allowed: readonly T[], path: string): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) fail(path, value, allowed.join(', '));
  return found;
}

function fail(path: string, found: unknown, allowed: string): never {
  throw new UsageError(`${path}: found ${show(found)}, allowed: ${allowed}.`, { subject: path });
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))).slice(0, 60);
}
