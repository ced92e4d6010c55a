import type { Rfc3339 } from './dashboard.ts';

/** A split or a dividend of a share as one announcement told it. */
export interface ActionRow {
  readonly kind: 'split' | 'dividend';
  /** Midnight, at the exchange, of the first day in new shares, or without the dividend. */
  readonly ex: Rfc3339;
  /** New shares for one old one, or money per share; 0 withdraws the action. */
  readonly value: number;
  /** When it became known. */
  readonly known: Rfc3339;
  /** Tells several of one kind and day apart; mostly empty. */
  readonly id: string;
  readonly source: string;
}

/** Answer of `GET /api/v1/actions/{symbol}?as_of`: every announcement by ex-day, then by the time it became known. */
export interface ActionList {
  readonly symbol: string;
  readonly actions: readonly ActionRow[];
}
