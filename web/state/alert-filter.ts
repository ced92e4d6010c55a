import type { AlertEvent } from '../../src/api/protocol/index.ts';

/** Levels of alerts, mild first. */
export const ALERT_LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** What an alert can be about. */
export const ALERT_KINDS = ['pattern', 'signal', 'regime', 'anomaly', 'system'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Shapes, so that a level is told without its colour. */
export const LEVEL_SIGNS: { readonly [K in AlertLevel]: string } = {
  LOW: '·',
  MEDIUM: '○',
  HIGH: '●',
  CRITICAL: '■',
};

/** Which alerts are wanted. */
export interface AlertFilter {
  /** The mildest level. */
  readonly level: AlertLevel;
  readonly kind: AlertKind | 'all';
  /** A part of the symbol's name; empty takes all, alerts without a symbol as well. */
  readonly symbol: string;
}

export function isAlertWanted(alert: AlertEvent, filter: AlertFilter): boolean {
  if (ALERT_LEVELS.indexOf(alert.level) < ALERT_LEVELS.indexOf(filter.level)) return false;
  if (filter.kind !== 'all' && (alert.kind ?? 'system') !== filter.kind) return false;
  return filter.symbol === '' || (alert.symbol ?? '').includes(filter.symbol);
}
