/** How far a symbol's newest value can be taken for the present. */
export type Freshness = 'live' | 'late' | 'stale' | 'closed' | 'none';

/** Half of the stale bound without news is late: amber, values kept. */
const LATE_SHARE = 0.5;

/**
 * Judges an age against the bound of DQ-3.
 * @param ageMs time since the last event, or undefined when there was none yet
 * @param isInSession false while the market is closed: then nothing is stale
 */
export function freshness(ageMs: number | undefined, isInSession: boolean, staleAfterMs: number): Freshness {
  if (!isInSession) return 'closed';
  if (ageMs === undefined) return 'none';
  if (ageMs > staleAfterMs) return 'stale';
  return ageMs > staleAfterMs * LATE_SHARE ? 'late' : 'live';
}
