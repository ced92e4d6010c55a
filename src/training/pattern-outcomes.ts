import type { FeatureNames, TolerancePattern } from '../patterns/index.ts';
import { STATUS_RANKS, ToleranceMatcher } from '../patterns/index.ts';
import { tripleBarrier } from '../signals/index.ts';
import type { MiningSeries } from './mining-series.ts';

/** Outcome of an entry at a bar: reached its target, did not, or is not known. */
export const OUTCOME = { FAILED: 0, REACHED: 1, UNKNOWN: 2 } as const;

/** Where a trade on a pattern ends. */
export interface MiningBarriers {
  readonly targetPct: number;
  readonly stopPct: number;
  readonly horizonBars: number;
}

/** What an entry decided at the close of each bar would have come to. */
export function outcomesOf(series: MiningSeries, direction: 1 | -1, barriers: MiningBarriers): Uint8Array {
  const spec = {
    direction,
    up: barriers.targetPct / 100,
    down: barriers.stopPct / 100,
    horizon: barriers.horizonBars,
  };
  return Uint8Array.from(series.startUs, (_start, i) => {
    const label = tripleBarrier(series, i, spec);
    if (label === undefined) return OUTCOME.UNKNOWN;
    return label.label === 1 ? OUTCOME.REACHED : OUTCOME.FAILED;
  });
}

/** The bars at which each pattern becomes TRIGGERED, found by the matcher that runs live; by pattern, then series. */
export function occurrencesOf(
  patterns: readonly TolerancePattern[],
  series: readonly MiningSeries[],
  names: FeatureNames,
): readonly (readonly Int32Array[])[] {
  const matcher = new ToleranceMatcher(patterns, names);
  const width = names.names.length;
  const places = new Map(patterns.map((pattern, i) => [pattern, i]));
  const found: number[][][] = patterns.map(() => series.map(() => []));
  const state = new Float64Array(matcher.stateSize);
  for (const [s, { startUs, features }] of series.entries()) {
    matcher.reset(state, 0);
    for (let bar = 0; bar < startUs.length; bar++) {
      matcher.match(state, 0, features, bar * width, (pattern, _confidence, rank) => {
        if (rank === STATUS_RANKS.TRIGGERED) found[places.get(pattern) as number]?.[s]?.push(bar);
      });
    }
  }
  return found.map((bySeries) => bySeries.map((bars) => Int32Array.from(bars)));
}
