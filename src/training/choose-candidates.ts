import type { TolerancePattern } from '../patterns/index.ts';
import { OUTCOME } from './pattern-outcomes.ts';

/** Independent occurrences that a candidate needs in the earlier part. */
const LEAST_EFFECTIVE = 40;
/** Candidates of one direction on the same features. */
const MOST_ALIKE = 2;
/** Share of common occurrences above which two candidates are one. */
const MOST_OVERLAP = 0.5;

/** What every entry would have come to, by series, for one direction. */
export interface Side {
  readonly direction: 1 | -1;
  readonly outcomes: readonly Uint8Array[];
}

/** A candidate that did well in the earlier part. */
export interface RatedCandidate {
  readonly pattern: TolerancePattern;
  readonly direction: 1 | -1;
  /** Bars at which it occurs, by series; both parts. */
  readonly bars: readonly Int32Array[];
  readonly earlier: EarlierRecord;
}

interface EarlierRecord {
  readonly n: number;
  readonly rate: number;
  /** Share of all bars of the same series that reached the target. */
  readonly baseRate: number;
  /** Rate above the base rate in standard errors of independent occurrences. */
  readonly z: number;
}

/** Occurrences that lie at least a horizon apart, series by series: what overlapping outcomes are worth at most. */
export function effectiveCount(bars: readonly Int32Array[], horizonBars: number): number {
  let count = 0;
  for (const series of bars) {
    let free = Number.NEGATIVE_INFINITY;
    for (const bar of series) {
      if (bar < free) continue;
      count++;
      free = bar + horizonBars;
    }
  }
  return count;
}

/**
 * The candidates that did best in the earlier part, as many of either direction, best first and by turns, no two of them
 * nearly the same.
 * @param splits index of the first bar of the later part, by series.
 */
export function chooseCandidates(
  patterns: readonly TolerancePattern[],
  occurrences: readonly (readonly Int32Array[])[],
  sides: readonly Side[],
  splits: readonly number[],
  horizonBars: number,
  count: number,
): readonly RatedCandidate[] {
  const bestOf = sides.map(({ direction, outcomes }) => {
    const rates = outcomes.map((each, s) => reachedRate(each, (splits[s] as number) - horizonBars));
    const rated = patterns.flatMap((pattern, i): RatedCandidate[] => {
      const bars = occurrences[i] as readonly Int32Array[];
      const earlier = recordOf(bars, outcomes, rates, splits, horizonBars);
      return earlier === undefined ? [] : [{ pattern, direction, bars, earlier }];
    });
    rated.sort((a, b) => b.earlier.z - a.earlier.z || (a.pattern.id as number) - (b.pattern.id as number));
    return distinct(rated, splits, Math.ceil(count / sides.length));
  });
  const rounds = Math.max(...bestOf.map((best) => best.length));
  return Array.from({ length: rounds }, (_, i) => bestOf.flatMap((best) => best[i] ?? [])).flat();
}

/** Share of the bars before `to` whose entries reached the target. */
function reachedRate(outcomes: Uint8Array, to: number): number {
  let reached = 0;
  for (let i = 0; i < to; i++) if (outcomes[i] === OUTCOME.REACHED) reached++;
  return to <= 0 ? 0 : reached / to;
}

function recordOf(
  bars: readonly Int32Array[],
  outcomes: readonly Uint8Array[],
  rates: readonly number[],
  splits: readonly number[],
  horizonBars: number,
): EarlierRecord | undefined {
  // An outcome that reaches into the later part would have been known only there.
  const earlier = bars.map((each, s) => each.filter((bar) => bar < (splits[s] as number) - horizonBars));
  const effective = effectiveCount(earlier, horizonBars);
  if (effective < LEAST_EFFECTIVE) return undefined;
  let n = 0;
  let reached = 0;
  let base = 0;
  let variance = 0;
  earlier.forEach((each, s) => {
    const rate = rates[s] as number;
    n += each.length;
    base += each.length * rate;
    variance += each.length * rate * (1 - rate);
    for (const bar of each) if ((outcomes[s] as Uint8Array)[bar] === OUTCOME.REACHED) reached++;
  });
  const z = variance > 0 ? ((reached - base) / Math.sqrt(variance)) * Math.sqrt(effective / n) : 0;
  return { n, rate: reached / n, baseRate: base / n, z };
}

function distinct(rated: readonly RatedCandidate[], splits: readonly number[], count: number): RatedCandidate[] {
  const chosen: { readonly candidate: RatedCandidate; readonly moments: ReadonlySet<number> }[] = [];
  const alike = new Map<string, number>();
  for (const candidate of rated) {
    if (chosen.length === count) break;
    const kind = candidate.pattern.conditions
      .map(({ feature }) => feature)
      .sort()
      .join();
    if ((alike.get(kind) ?? 0) >= MOST_ALIKE) continue;
    const moments = momentsOf(candidate.bars, splits);
    if (chosen.some((other) => overlap(other.moments, moments) > MOST_OVERLAP)) continue;
    alike.set(kind, (alike.get(kind) ?? 0) + 1);
    chosen.push({ candidate, moments });
  }
  return chosen.map(({ candidate }) => candidate);
}

/** One number for each bar of each series. */
function momentsOf(bars: readonly Int32Array[], splits: readonly number[]): ReadonlySet<number> {
  const moments = new Set<number>();
  bars.forEach((each, s) => {
    for (const bar of each) if (bar < (splits[s] as number)) moments.add(bar * bars.length + s);
  });
  return moments;
}

/** Common part of the smaller one. */
function overlap(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let common = 0;
  for (const moment of small) if (large.has(moment)) common++;
  return small.size === 0 ? 0 : common / small.size;
}
