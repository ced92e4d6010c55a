import { TickloomError, US_PER_HOUR } from '../base/index.ts';
import type { Timeframe } from '../model/index.ts';

/**
 * The cascade: which timeframe is merged from which. A tick enters only the roots; everything else is merged from the
 * bars of its feeder when those roll.
 */
export interface TimeframeTree {
  /** Index of the feeding timeframe, -1 for a root (fed by ticks). */
  readonly feeder: Int32Array;
  /** Timeframes that no other divides, ascending. */
  readonly roots: readonly number[];
  /** The timeframes that each one feeds, ascending. */
  readonly consumers: readonly (readonly number[])[];
}

/**
 * The feeder of a timeframe: the longest shorter one that divides it and shares its boundaries; -1 when there is
 * none. Trade dates begin on whole hours, so days are fed by what divides an hour (4h bars counted from the epoch cross
 * the forex day at 17:00 New York); weeks and months are made of days, longer counts of a unit of shorter counts that
 * divide them.
 */
export function feederOf(timeframes: readonly Timeframe[], index: number): number {
  const target = timeframes[index] as Timeframe;
  for (let i = index - 1; i >= 0; i--) if (feeds(timeframes[i] as Timeframe, target)) return i;
  return -1;
}

function feeds(child: Timeframe, parent: Timeframe): boolean {
  if (child.isIntraday) return (parent.isIntraday ? parent.lengthUs : US_PER_HOUR) % child.lengthUs === 0;
  if (child.unit === parent.unit) return parent.count % child.count === 0;
  return child.unit === 'd' && child.count === 1;
}

/**
 * Builds the cascade of a list of timeframes.
 * @throws TickloomError `bad-timeframe` unless the list is ascending, free of doubles and between 1 and 32 long.
 */
export function timeframeTree(timeframes: readonly Timeframe[]): TimeframeTree {
  if (timeframes.length < 1 || timeframes.length > 32) {
    throw new TickloomError('bad-timeframe', `Between 1 and 32 timeframes are allowed, got ${timeframes.length}.`);
  }
  for (let i = 1; i < timeframes.length; i++) {
    const [previous, current] = [timeframes[i - 1] as Timeframe, timeframes[i] as Timeframe];
    if (current.lengthUs <= previous.lengthUs) {
      throw new TickloomError(
        'bad-timeframe',
        `Timeframes must ascend without doubles: ${current.text} follows ${previous.text}.`,
      );
    }
  }
  const feeder = Int32Array.from(timeframes, (_, i) => feederOf(timeframes, i));
  const all = timeframes.map((_, i) => i);
  return {
    feeder,
    roots: all.filter((i) => feeder[i] === -1),
    consumers: all.map((i) => all.filter((j) => feeder[j] === i)),
  };
}
