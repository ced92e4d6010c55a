import { US_PER_DAY } from '../../base/index.ts';
import type { TradingCalendar } from '../../calendar/index.ts';

/** Monday 2 March 2026: a fixed fortnight without holidays, so that the answer does not depend on when data begins. */
const FIRST_DAY = 20_514;
const DAYS = 14;

/**
 * Length of a full regular session of a calendar, in microseconds. A market without regular sessions then counts as one
 * that never closes.
 */
export function regularSessionUs(calendar: TradingCalendar): number {
  let longest = 0;
  for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
    let open = 0;
    for (const session of calendar.sessionsOn(day)) {
      if (session.kind === 'regular') open += session.endUs - session.startUs;
    }
    longest = Math.max(longest, open);
  }
  return longest > 0 ? longest : US_PER_DAY;
}
