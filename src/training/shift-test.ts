import type { Prng } from '../base/index.ts';
import { OUTCOME } from './pattern-outcomes.ts';

/** Occurrences of one pattern in one series, and what an entry at every bar of its later part would have come to. */
export interface TestedSeries {
  readonly bars: Int32Array;
  readonly outcomes: Uint8Array;
  /** The later part, in which every outcome is known. */
  readonly from: number;
  readonly to: number;
}

/** How often a pattern reached its target, and how often it would have at other times. */
export interface ShiftResult {
  readonly n: number;
  readonly reached: number;
  /** Mean share over the shifts: success of the same barriers at random entries. */
  readonly randomRate: number;
  /** Share of shifts that did at least as well. */
  readonly p: number;
}

/** Random moments, one per shift, used for all patterns and series alike. */
export function drawShifts(count: number, random: Prng): Float64Array {
  return Float64Array.from({ length: count }, () => random.uniform());
}

/**
 * Tests a pattern against random entries that are like its own in everything but the time: all its occurrences in the
 * later part are moved by one random distance (around the end), in every series by the same share of its length. What
 * comes in clusters stays in clusters, and what all series do together stays together, so that overlapping outcomes do
 * not count as independent.
 */
export function shiftTest(series: readonly TestedSeries[], shifts: Float64Array): ShiftResult {
  const later = series
    .map(({ bars, outcomes, from, to }) => ({
      bars: bars.filter((bar) => bar >= from && bar < to),
      outcomes,
      from,
      to,
    }))
    .filter(({ bars }) => bars.length > 0);
  const n = later.reduce((sum, { bars }) => sum + bars.length, 0);
  const reachedAt = (shift: number): number => {
    let reached = 0;
    for (const { bars, outcomes, from, to } of later) {
      const length = to - from;
      const distance = Math.floor(shift * length);
      for (let i = 0; i < bars.length; i++) {
        let bar = (bars[i] as number) + distance;
        if (bar >= to) bar -= length;
        if (outcomes[bar] === OUTCOME.REACHED) reached++;
      }
    }
    return reached;
  };
  if (n === 0) return { n, reached: 0, randomRate: Number.NaN, p: 1 };
  const reached = reachedAt(0);
  let atLeast = 0;
  let sum = 0;
  for (const shift of shifts) {
    const shifted = reachedAt(shift);
    sum += shifted;
    if (shifted >= reached) atLeast++;
  }
  return { n, reached, randomRate: sum / (n * shifts.length), p: (1 + atLeast) / (1 + shifts.length) };
}
