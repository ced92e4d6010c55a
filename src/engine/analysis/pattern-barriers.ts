import type { Direction, PatternFinding, PriceLevels } from '../../model/index.ts';

/** The nearest that a barrier may lie to the entry, as a share of it: nearer ones are noise of the price itself. */
const LEAST_DISTANCE = 1e-6;

/** Distances of target and stop from the entry, as shares of it. */
export interface Barriers {
  readonly target: number;
  readonly stop: number;
}

/** The barriers that a finding's own levels give; undefined where they are on the wrong sides or too near. */
export function barriersOfLevels(levels: PriceLevels, direction: 1 | -1): Barriers | undefined {
  const target = direction * (levels.target / levels.entry - 1);
  const stop = -direction * (levels.stop / levels.entry - 1);
  return target >= LEAST_DISTANCE && stop >= LEAST_DISTANCE && stop < 1 ? { target, stop } : undefined;
}

/** Barriers at multiples of a bar's standard deviation times the root of the horizon. */
export function barriersOfVolatility(
  sigma: number,
  horizonBars: number,
  targetSigmas: number,
  stopSigmas: number,
): Barriers | undefined {
  const width = sigma * Math.sqrt(horizonBars);
  const target = targetSigmas * width;
  const stop = stopSigmas * width;
  return target >= LEAST_DISTANCE && stop >= LEAST_DISTANCE && stop < 1 ? { target, stop } : undefined;
}

/** The prices of barriers around an entry. */
export function levelsOf(entry: number, direction: 1 | -1, barriers: Barriers): PriceLevels {
  return {
    entry,
    target: entry * (1 + direction * barriers.target),
    stop: entry * (1 - direction * barriers.stop),
  };
}

/** Reward over risk from the three prices; undefined where the stop is the entry. */
export function riskReward({ entry, target, stop }: PriceLevels): number | undefined {
  const risk = Math.abs(entry - stop);
  return risk > 0 ? Math.abs(target - entry) / risk : undefined;
}

/** Up or down; undefined for a finding that says neither. */
export function sideOf({ direction }: Pick<PatternFinding, 'direction'>): 1 | -1 | undefined {
  return isSide(direction) ? direction : undefined;
}

function isSide(direction: Direction): direction is 1 | -1 {
  return direction !== 0;
}
