import type { Micros } from '../base/index.ts';

export const SESSION_KINDS = ['pre', 'regular', 'post', 'night'] as const;
/** `night` is an overnight session that counts to the next trade date apart from the main one. */
export type SessionKind = (typeof SESSION_KINDS)[number];

/** One stretch of trading of one trade date, half-open: a print at `endUs` is outside. */
export interface Session {
  readonly kind: SessionKind;
  readonly startUs: Micros;
  readonly endUs: Micros;
  /** The exchange day that its trades count to, `2026-01-30`. */
  readonly tradeDate: string;
}
