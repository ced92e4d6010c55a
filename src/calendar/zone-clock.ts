import type { Micros } from '../base/index.ts';
import { TickloomError, US_PER_DAY, US_PER_SECOND } from '../base/index.ts';
import { civilDay } from './civil-day.ts';

const PROBE_STEP_S = 7 * 86_400;

/** One year's constant-offset stretches: `fromUs[i]` up to `fromUs[i + 1]` has `offsetUs[i]`. */
interface YearOffsets {
  readonly fromUs: readonly number[];
  readonly offsetUs: readonly number[];
  readonly endUs: number;
}

/**
 * Local time of one IANA zone, from the runtime's own zone data (`Intl`), so that a change of law arrives with the
 * runtime. Asking `Intl` costs microseconds, so a year's transitions are searched once (weekly probes, then bisection
 * to the second) and kept; afterwards a look-up is two comparisons. Two transitions less than a week apart that cancel
 * each other would be missed; no zone has had such a pair since 1970.
 */
export class ZoneClock {
  readonly zone: string;
  private readonly format: Intl.DateTimeFormat;
  private readonly years = new Map<number, YearOffsets>();
  private fromUs = Number.POSITIVE_INFINITY;
  private untilUs = Number.NEGATIVE_INFINITY;
  private currentOffsetUs = 0;

  /** @throws TickloomError `unknown-zone` when the runtime has no such zone. */
  constructor(zone: string) {
    this.zone = zone;
    try {
      this.format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (cause) {
      throw new TickloomError(
        'unknown-zone',
        `"${zone}" is no IANA time zone; use a name such as America/New_York or UTC.`,
        {
          subject: zone,
          cause,
        },
      );
    }
  }

  /** Local minus UTC time at an instant, in microseconds (negative west of Greenwich). */
  offsetUs(tsUs: Micros): number {
    const ts = tsUs as number;
    if (ts >= this.fromUs && ts < this.untilUs) return this.currentOffsetUs;
    const year = this.yearOffsets(ts);
    let i = year.fromUs.length - 1;
    while (i > 0 && ts < (year.fromUs[i] as number)) i--;
    this.fromUs = year.fromUs[i] as number;
    this.untilUs = year.fromUs[i + 1] ?? year.endUs;
    this.currentOffsetUs = year.offsetUs[i] as number;
    return this.currentOffsetUs;
  }

  /**
   * The instant at which the zone's clocks show a local time, given as microseconds of the same reading in UTC. A
   * reading that occurs twice (clocks set back) means the first; one that is skipped (clocks set forward) means the
   * reading moved forward by the skip, as in RFC 5545.
   */
  instantOf(localUs: number): Micros {
    const before = this.offsetUs(localUs - US_PER_DAY);
    const after = this.offsetUs(localUs + US_PER_DAY);
    if (before === after) return localUs - before;
    if (this.offsetUs(localUs - before) === before) return localUs - before;
    if (this.offsetUs(localUs - after) === after) return localUs - after;
    return localUs - before;
  }

  private yearOffsets(ts: number): YearOffsets {
    if (!Number.isSafeInteger(ts)) {
      throw new TickloomError('bad-time', `A calendar needs a time in whole microseconds since 1970, got ${ts}.`);
    }
    const year = new Date(ts / 1_000).getUTCFullYear();
    let offsets = this.years.get(year);
    if (offsets === undefined) {
      offsets = this.searchYear(civilDay(year, 1, 1) * 86_400, civilDay(year + 1, 1, 1) * 86_400);
      this.years.set(year, offsets);
    }
    return offsets;
  }

  private searchYear(startS: number, endS: number): YearOffsets {
    const fromUs = [startS * US_PER_SECOND];
    const offsetUs = [this.askOffsetS(startS) * US_PER_SECOND];
    let lowS = startS;
    let lowOffset = this.askOffsetS(startS);
    while (lowS < endS) {
      const highS = Math.min(lowS + PROBE_STEP_S, endS);
      const highOffset = this.askOffsetS(highS);
      if (highOffset !== lowOffset) {
        const changeS = this.bisect(lowS, highS, lowOffset);
        if (changeS < endS) {
          fromUs.push(changeS * US_PER_SECOND);
          offsetUs.push(this.askOffsetS(changeS) * US_PER_SECOND);
        }
      }
      lowS = highS;
      lowOffset = highOffset;
    }
    return { fromUs, offsetUs, endUs: endS * US_PER_SECOND };
  }

  /** The first second in (lowS, highS] whose offset is no longer `lowOffset`. */
  private bisect(lowS: number, highS: number, lowOffset: number): number {
    let low = lowS;
    let high = highS;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.askOffsetS(middle) === lowOffset) low = middle;
      else high = middle;
    }
    return high;
  }

  private askOffsetS(atS: number): number {
    const field: Record<string, number> = {};
    for (const part of this.format.formatToParts(atS * 1_000)) field[part.type] = Number(part.value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - atS;
  }
}
