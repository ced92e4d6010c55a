import { TickloomError, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND } from '../base/index.ts';

export type TimeframeUnit = 's' | 'm' | 'h' | 'd' | 'w' | 'M';

/** A bar length, canonical (`60m` reads as `1h`). Weeks and months have no fixed length: `lengthUs` is nominal there. */
export interface Timeframe {
  /** Canonical text, for example `5m`. */
  readonly text: string;
  readonly count: number;
  readonly unit: TimeframeUnit;
  readonly lengthUs: number;
  /** True for seconds, minutes and hours: buckets inside a session. Days and longer follow the calendar's trade dates. */
  readonly isIntraday: boolean;
}

const UNIT_US: Readonly<Record<TimeframeUnit, number>> = {
  s: US_PER_SECOND,
  m: US_PER_MINUTE,
  h: US_PER_HOUR,
  d: US_PER_DAY,
  w: 7 * US_PER_DAY,
  M: 30 * US_PER_DAY,
};
const PATTERN = /^([1-9]\d{0,3})(s|m|h|d|w|M)$/;
const known = new Map<string, Timeframe>();

/**
 * Reads a timeframe such as `1s`, `5m`, `1h`, `1d` (case-sensitive: `m` minutes, `M` months).
 * @throws TickloomError `bad-timeframe` naming what is allowed.
 */
export function parseTimeframe(text: string): Timeframe {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const match = PATTERN.exec(text);
  if (match === null) {
    throw new TickloomError(
      'bad-timeframe',
      `"${text.slice(0, 20)}" is no timeframe: a number and one of s m h d w M, for example 1s, 5m, 1h, 1d.`,
      {
        subject: 'timeframe',
      },
    );
  }
  const timeframe = canonical(Number(match[1]), match[2] as TimeframeUnit);
  known.set(text, timeframe);
  return timeframe;
}

function canonical(count: number, unit: TimeframeUnit): Timeframe {
  if (unit === 's' && count % 60 === 0) return canonical(count / 60, 'm');
  if (unit === 'm' && count % 60 === 0) return canonical(count / 60, 'h');
  return {
    text: `${count}${unit}`,
    count,
    unit,
    lengthUs: count * UNIT_US[unit],
    isIntraday: unit === 's' || unit === 'm' || unit === 'h',
  };
}

/** The canonical timeframe of a fixed length in microseconds (whole seconds). */
export function timeframeOfLength(lengthUs: number): Timeframe {
  const seconds = lengthUs / US_PER_SECOND;
  return seconds % 86_400 === 0 ? canonical(seconds / 86_400, 'd') : canonical(seconds, 's');
}
