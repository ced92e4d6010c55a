import { US_PER_MS, US_PER_SECOND } from '../base/index.ts';
import { Calendars } from '../calendar/index.ts';
import { compileFeatures, DEFAULT_FEATURES, type FeaturePlan } from '../features/index.ts';
import { parseTimeframe, type Timeframe } from '../model/index.ts';
import { missingFeatures, readPortfolio } from '../patterns/index.ts';
import type { AnalysisSettings } from './analysis/index.ts';
import type { AnomalySettings } from './anomaly-settings.ts';

/**
 * Everything that shapes what the engine puts out, as plain JSON. A recorded run keeps its settings beside it, so that
 * a replay years later runs with the same ones.
 */
export interface EngineSettings {
  /** Timeframes to build, in any order. */
  readonly timeframes: readonly string[];
  readonly closeDelayMs: number;
  readonly revisionWindowMs: number;
  /** Name of a trade-condition rule set. */
  readonly conditionRules: string;
  /** Closed bars kept per symbol and timeframe. */
  readonly barWindow: number;
  /** Ticks kept per symbol. */
  readonly ringTicks: number;
  /** Feature names; empty = the default set. */
  readonly features: readonly string[];
  /** Timeframes with features; empty = all. */
  readonly featureTimeframes: readonly string[];
  readonly clockSkewMs: number;
  /** Silence in a session after which the gap ledger gets an entry. */
  readonly gapAfterS: number;
  /** Sources whose trade ids count up by one per symbol, so that a jump is a hole. */
  readonly consecutiveIdSources: readonly string[];
  /** Definitions of user-defined calendars. */
  readonly calendars: readonly unknown[];
  /** What is looked for in closed bars; absent in runs recorded before there was such a thing. */
  readonly analysis?: AnalysisSettings;
  /** What counts as unusual; absent where nothing is said of it, and in runs recorded before there was such a thing. */
  readonly anomalies?: AnomalySettings;
}

export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
  timeframes: ['1s', '1m', '5m', '15m', '30m', '1h', '1d'],
  closeDelayMs: 1_000,
  revisionWindowMs: 60_000,
  conditionRules: 'sip',
  barWindow: 5_000,
  ringTicks: 10_000,
  features: [],
  featureTimeframes: [],
  clockSkewMs: 5_000,
  gapAfterS: 600,
  consecutiveIdSources: ['demo'],
  calendars: [],
};

/** The settings, read and checked once. */
export interface EngineParts {
  readonly settings: EngineSettings;
  /** Ascending by length. */
  readonly timeframes: readonly Timeframe[];
  readonly calendars: Calendars;
  readonly plan: FeaturePlan;
  /** By timeframe index: whether features are computed. */
  readonly hasFeatures: readonly boolean[];
  readonly closeDelayUs: number;
  readonly revisionWindowUs: number;
  readonly gapAfterUs: number;
}

/** @throws TickloomError for a timeframe, feature or calendar that does not exist. */
export function readSettings(settings: EngineSettings): EngineParts {
  const timeframes = settings.timeframes.map(parseTimeframe).sort((a, b) => a.lengthUs - b.lengthUs);
  const featured = new Set(settings.featureTimeframes.map((text) => parseTimeframe(text).text));
  const calendars = new Calendars();
  for (const definition of settings.calendars) {
    calendars.define(definition, `calendars.${String((definition as { readonly id?: unknown }).id)}`);
  }
  return {
    settings,
    timeframes,
    calendars,
    plan: compileFeatures(featureNames(settings)),
    hasFeatures: timeframes.map((timeframe) => featured.size === 0 || featured.has(timeframe.text)),
    closeDelayUs: settings.closeDelayMs * US_PER_MS,
    revisionWindowUs: settings.revisionWindowMs * US_PER_MS,
    gapAfterUs: settings.gapAfterS * US_PER_SECOND,
  };
}

/** The features asked for, and behind them those that the patterns of the portfolio need beyond. */
function featureNames({ features, analysis }: EngineSettings): readonly string[] {
  const names = features.length === 0 ? DEFAULT_FEATURES : features;
  if (analysis?.portfolio === undefined || analysis.timeframes.length === 0) return names;
  return [...names, ...missingFeatures(readPortfolio(analysis.portfolio), names)];
}
