import type { Micros } from '../base/index.ts';
import { US_PER_SECOND } from '../base/index.ts';
import type { SessionKind, TradingCalendar } from '../calendar/index.ts';

export type FreshnessState = 'fresh' | 'stale' | 'closed';

export interface Freshness {
  readonly state: FreshnessState;
  /** Time since the last event; `undefined` when there was none. */
  readonly ageUs: Micros | undefined;
}

/** DQ-3: silence longer than this inside a session makes a symbol stale. */
const DEFAULT_STALE_AFTER_US: Micros = 10 * US_PER_SECOND;
/** Sessions in which silence is a fault. Pre- and post-market are left out: many symbols rest there for minutes. */
export const WATCHED_SESSIONS: readonly SessionKind[] = ['regular', 'night'];

/**
 * Whether a symbol is up to date. Silence counts from the last event or from the session's start, whichever is later:
 * a market that has just opened is not stale because of the night before. Outside the watched sessions: `closed`.
 * @param lastEventUs time of the symbol's last event, `undefined` when there was none
 */
export function freshness(
  lastEventUs: Micros | undefined,
  nowUs: Micros,
  calendar: TradingCalendar,
  staleAfterUs: Micros = DEFAULT_STALE_AFTER_US,
  watched: readonly SessionKind[] = WATCHED_SESSIONS,
): Freshness {
  const ageUs = lastEventUs === undefined ? undefined : Math.max(0, nowUs - lastEventUs);
  const session = calendar.sessionAt(nowUs);
  if (session === undefined || !watched.includes(session.kind)) return { state: 'closed', ageUs };
  const sinceUs = Math.max(session.startUs, lastEventUs ?? session.startUs);
  return { state: nowUs - sinceUs > staleAfterUs ? 'stale' : 'fresh', ageUs };
}
