/** How a source stands to one symbol, in the order of priority. */
export interface Candidate {
  /** It delivers, or would if it were asked. */
  readonly isReady: boolean;
  /** It is known not to deliver, now: nobody needs to wait for its first connection. */
  readonly isDown: boolean;
  /** It is about as far in time as the others. */
  readonly isCaughtUp: boolean;
  /** How long it has been ready, and how long ago it lost the symbol, in milliseconds; +Infinity for never. */
  readonly readyForMs: number;
  readonly lostForMs: number;
}

export interface ServingRule {
  /** A better source serves again only after it was healthy for this long. */
  readonly failBackMs: number;
  /** At the start a source waits this long for those before it. */
  readonly graceMs: number;
}

/**
 * Which source serves a symbol: the one that does as long as it is ready, unless a better one has been healthy for long
 * enough; otherwise the best that is ready. Where none is, nothing changes.
 *
 * @param current place of the one that serves; -1 before the first
 * @returns its place among the candidates; -1 while there is none
 */
export function chooseServing(
  current: number,
  candidates: readonly Candidate[],
  startedForMs: number,
  { failBackMs, graceMs }: ServingRule,
): number {
  const serving = candidates[current];
  if (serving?.isReady === true) {
    const better = candidates.findIndex(
      ({ isReady, isCaughtUp, readyForMs, lostForMs }) =>
        isReady && isCaughtUp && readyForMs >= failBackMs && lostForMs >= failBackMs,
    );
    return better >= 0 && better < current ? better : current;
  }
  const best = candidates.findIndex(({ isReady, isCaughtUp }) => isReady && isCaughtUp);
  const next = best >= 0 ? best : candidates.findIndex(({ isReady }) => isReady);
  if (next < 0) return current;
  const isFirst = current < 0 && startedForMs < graceMs;
  return isFirst && candidates.slice(0, next).some(({ isDown }) => !isDown) ? current : next;
}
