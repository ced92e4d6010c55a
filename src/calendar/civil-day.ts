/**
 * Calendar dates as day numbers: whole days since 1970-01-01, with no time zone. Arithmetic on dates is then integer
 * arithmetic, and a date's UTC midnight is `day * US_PER_DAY`.
 */
export type CivilDay = number;

const MS_PER_DAY = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Day number of year, month (1..12) and day of month; days past the month's end run into the next month. */
export function civilDay(year: number, month: number, dayOfMonth: number): CivilDay {
  return Date.UTC(year, month - 1, dayOfMonth) / MS_PER_DAY;
}

/** `2026-01-30` of a day number. */
export function formatCivilDay(day: CivilDay): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The day number of `2026-01-30`; `undefined` when the text is no date of the calendar (`2026-02-30`). */
export function parseCivilDay(text: string): CivilDay | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const day = civilDay(Number(match[1]), Number(match[2]), Number(match[3]));
  return formatCivilDay(day) === text ? day : undefined;
}

/** 0 Sunday … 6 Saturday. */
export function weekdayOf(day: CivilDay): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function yearOf(day: CivilDay): number {
  return new Date(day * MS_PER_DAY).getUTCFullYear();
}

/** Months since 1970-01 (1970-01 is 0). */
export function monthIndexOf(day: CivilDay): number {
  const date = new Date(day * MS_PER_DAY);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** First day of a month counted from 1970-01. */
export function firstDayOfMonth(monthIndex: number): CivilDay {
  return civilDay(1970, monthIndex + 1, 1);
}
