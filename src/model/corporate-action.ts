import type { Micros } from '../base/index.ts';

export const ACTION_KINDS = ['split', 'dividend'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/**
 * A split or a cash dividend as one announcement told it. A later announcement of the same action (`symbol`, `kind`,
 * `exUs`, `id`) stands in the place of the earlier one from its `knownUs` on; a value of 0 withdraws the action.
 */
export interface CorporateAction {
  readonly symbol: string;
  readonly kind: ActionKind;
  /** Midnight, at the exchange, of the first day on which the share trades without what is paid or in new shares. */
  readonly exUs: Micros;
  /** Split: new shares for one old share (4 for 4:1, 0.1 for 1:10). Dividend: money per share of the day before `exUs`. */
  readonly value: number;
  /** When it became known. */
  readonly knownUs: Micros;
  /** Tells several actions of one kind and day apart; empty where there is one. */
  readonly id: string;
  /** Where it is from: a source or `file`. */
  readonly source: string;
}
