import type { PatternFinding, PriceLevels } from '../../model/index.ts';
import { STATUS_OF_RANK } from './matching-limits.ts';
import type { TolerancePattern } from './portfolio.ts';

/** What the conversion reads of a series of bars. */
interface BarColumns {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly close: Float64Array;
  slot(index: number): number;
}

/** The finding of a pattern that matched at bar `index`. @param rank as {@link ToleranceFound} has it. */
export function toleranceFinding(
  pattern: TolerancePattern,
  confidence: number,
  rank: number,
  series: BarColumns,
  index: number,
): PatternFinding {
  const slot = series.slot(index);
  return {
    family: 'tolerance',
    patternId: pattern.id,
    direction: pattern.direction,
    confidence,
    status: STATUS_OF_RANK[rank] ?? 'WATCHING',
    fromUs: series.startUs[slot] as number,
    formedAtUs: series.endUs[slot] as number,
    points: [],
    levels: levelsOf(pattern, series.close[slot] as number),
  };
}

/** Levels in percent of the entry where the file gives target and stop; volatility gives them where it does not. */
function levelsOf({ direction, targetPct, stopPct }: TolerancePattern, entry: number): PriceLevels | undefined {
  if (direction === 0 || targetPct === undefined || stopPct === undefined) return undefined;
  return {
    entry,
    target: entry * (1 + (direction * targetPct) / 100),
    stop: entry * (1 - (direction * stopPct) / 100),
  };
}
