import type { Micros } from '../base/index.ts';

export type GapState = 'missing' | 'backfilled' | 'other_source' | 'market_closed';

/** One line of the gap ledger: what is known about [fromUs, toUs) of a symbol where the live feed was not complete. */
export interface Gap {
  readonly id: number;
  /** Instrument id in the universe. */
  readonly symbol: number;
  readonly source: number;
  readonly fromUs: Micros;
  /** +Infinity while the gap is still open. */
  readonly toUs: Micros;
  readonly state: GapState;
  /** Why: `disconnect`, `sequence`, `silence`, … */
  readonly cause: string;
  /** Events recovered for it so far. */
  readonly recovered: number;
  /** Events known to be missing, where ids tell. */
  readonly expected: number | undefined;
}
