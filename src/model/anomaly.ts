import type { Micros } from '../base/index.ts';

export type AnomalyKind = 'price_spike' | 'volume_spike' | 'spread_blowout' | 'feed_divergence' | 'stale';

/** Something unusual about the data of a symbol that is no error: it is said, and nothing is left out because of it. */
export interface Anomaly {
  /** Number of the statement, from the same sequence as those of patterns and signals. */
  readonly id: number;
  readonly symbol: number;
  /** Index of the timeframe whose bar shows it; undefined where it belongs to none. */
  readonly timeframe?: number;
  readonly kind: AnomalyKind;
  /** Whether it is over: the feeds agree again, the symbol is heard of again. */
  readonly isOver: boolean;
  /** What was measured, and the bound it went beyond, in the same unit. */
  readonly value: number;
  readonly limit: number;
  readonly atUs: Micros;
  /** A sentence for a reader. */
  readonly detail: string;
}
