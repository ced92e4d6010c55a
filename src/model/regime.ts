/** Volatility classes, calm first. The index is what columns hold. */
export const VOLATILITY_CLASSES = ['low', 'medium', 'high'] as const;
export type VolatilityClass = (typeof VOLATILITY_CLASSES)[number];

/** Trend classes, falling first. The index is what columns hold. */
export const TREND_CLASSES = ['strong_bear', 'weak_bear', 'sideways', 'weak_bull', 'strong_bull'] as const;
export type TrendClass = (typeof TREND_CLASSES)[number];

/** What kind of market a symbol is in on one timeframe, as known at a bar's close. */
export interface Regime {
  /** Undefined while it warms up. */
  readonly volatility: VolatilityClass | undefined;
  readonly trend: TrendClass | undefined;
  /** Daily-equivalent realised volatility in percent over the window; NaN while it warms up. */
  readonly volatilityPct: number;
  /** Move over the trend window in standard deviations; NaN while it warms up. */
  readonly trendZ: number;
  /** Filtered probability of the turbulent state of the two-state model; NaN while it warms up. */
  readonly turbulentProbability: number;
  /** Posterior probability that the run length is short: something changed lately; NaN while it warms up. */
  readonly changePointProbability: number;
}
