import type { SignalSettings } from '../../signals/index.ts';
import { DEFAULT_SIGNAL_SETTINGS } from '../../signals/index.ts';

/** What the engine looks for beyond features, as plain JSON: part of the settings that a run keeps beside its tape. */
export interface AnalysisSettings {
  /** Timeframes that are analysed; none = no analysis. They must have features. */
  readonly timeframes: readonly string[];
  readonly candlesticks: boolean;
  readonly charts: boolean;
  /** Document of a portfolio file, as its JSON reads; undefined = no tolerance patterns. */
  readonly portfolio?: unknown;
  readonly matching: {
    /** Width of the tolerance band in percent. */
    readonly tolerancePct: number;
    /** Confidence from which a pattern is WATCHING, and from which it is TRIGGERED. */
    readonly minConfidence: number;
    readonly triggerConfidence: number;
    /** Whether patterns are looked for on every timeframe that is analysed, not only on their own. */
    readonly onAnyTimeframe: boolean;
  };
  readonly regimes: {
    readonly windowBars: number;
    /** Volatility below `lowPct` is low, from `mediumPct` on high; daily-equivalent percent. */
    readonly lowPct: number;
    readonly mediumPct: number;
  };
  /** Weights of the legacy score. */
  readonly estimation: { readonly base: number; readonly regime: number; readonly confidence: number };
  /** Barriers of patterns that bring none of their own. */
  readonly barriers: {
    readonly horizonBars: number;
    /** Distances in standard deviations of a bar's return times the root of the horizon. */
    readonly targetSigmas: number;
    readonly stopSigmas: number;
  };
  readonly signals: SignalSettings;
}

export const DEFAULT_ANALYSIS_SETTINGS: AnalysisSettings = {
  timeframes: [],
  candlesticks: true,
  charts: true,
  matching: { tolerancePct: 5, minConfidence: 50, triggerConfidence: 90, onAnyTimeframe: false },
  regimes: { windowBars: 20, lowPct: 1.5, mediumPct: 3 },
  estimation: { base: 0.4, regime: 0.3, confidence: 0.3 },
  barriers: { horizonBars: 20, targetSigmas: 1, stopSigmas: 1 },
  signals: DEFAULT_SIGNAL_SETTINGS,
};
