import type { PlanLimits } from '../sources/index.ts';

const DAY_MS = 86_400_000;

/**
 * Least time between two rounds of polling, so that the requests of a day last the day: a plan of 25 a day is not used
 * up in the first minute. Limits of a minute and a second are kept by waiting for them and need no pace.
 * @param roundCost what a round takes of the plan
 */
export function leastRoundMs({ perDay }: PlanLimits, roundCost: number): number {
  return perDay === undefined ? 0 : Math.ceil((DAY_MS * roundCost) / perDay);
}
