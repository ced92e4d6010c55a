import { type Micros, US_PER_DAY, US_PER_MINUTE } from '../base/index.ts';
import { ZoneClock } from '../calendar/index.ts';
import type { QuietHours } from './alert-rule.ts';

const clocks = new Map<string, ZoneClock>();

/** Whether an instant lies in quiet hours. @throws TickloomError `unknown-zone` */
export function isQuiet({ fromMinute, toMinute, zone }: QuietHours, atUs: Micros): boolean {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new ZoneClock(zone);
    clocks.set(zone, clock);
  }
  const localUs = atUs + clock.offsetUs(atUs);
  const minute = (localUs - Math.floor(localUs / US_PER_DAY) * US_PER_DAY) / US_PER_MINUTE;
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}
