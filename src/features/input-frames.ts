import { BAR_FIELDS } from '../indicators/index.ts';

/** Bars that are staged for one call of the compiled code; few enough that they stay in the first-level cache. */
export const STAGED_BARS = 128;

/**
 * Doubles between one field of a bar and the next. Fields lie in rows over the staged bars, so that two neighbouring
 * bars are one vector load; two more than the bars keeps rows from falling into the same cache sets.
 */
export const ROW_DOUBLES = STAGED_BARS + 2;

/** Bytes of the staging area, which begins at address 0; bar i stands at 8·i. */
export const STAGING_BYTES = 8 * ROW_DOUBLES * BAR_FIELDS.length;
