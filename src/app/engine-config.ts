import type { AnomalySettings, EngineSettings } from '../engine/index.ts';
import { guessInstrument, type Instrument, Universe } from '../model/index.ts';
import { ADAPTERS } from '../sources/index.ts';
import { analysisSettings } from './analysis-config.ts';
import type { TickloomConfig } from './config/index.ts';

/** The part of the configuration that shapes the engine's outputs. */
export function engineSettings(config: TickloomConfig): EngineSettings {
  return {
    timeframes: config.bars.timeframes,
    closeDelayMs: config.bars.close_delay_ms,
    revisionWindowMs: config.bars.revision_window_ms,
    conditionRules: config.bars.condition_rules,
    barWindow: config.bars.window,
    ringTicks: config.bars.ring_ticks,
    features: config.features.names,
    featureTimeframes: config.features.timeframes,
    clockSkewMs: config.quality.clock_skew_ms,
    gapAfterS: config.quality.gap_after_s,
    consecutiveIdSources: [
      'demo',
      ...ADAPTERS.filter(({ tradeIds }) => tradeIds === 'consecutive').map(({ id }) => id),
    ],
    analysis: analysisSettings(config),
    ...(config.quality.anomalies ? { anomalies: anomalySettings(config.quality) } : {}),
    calendars: Object.entries(config.calendars).map(([id, definition]) => ({ id, ...(definition as object) })),
  };
}

function anomalySettings(quality: TickloomConfig['quality']): AnomalySettings {
  return {
    staleAfterS: quality.stale_after_s,
    coolDownS: quality.alert_cooldown_s,
    priceZ: quality.price_spike_z,
    priceLeastPct: quality.price_spike_pct,
    volumeZ: quality.volume_spike_z,
    volumeLeastRatio: quality.volume_spike_ratio,
    volumeWindowS: quality.volume_window_s,
    spreadZ: quality.spread_z,
    spreadLeastRatio: quality.spread_ratio,
  };
}

/** A universe whose instruments are what the configuration says they are; others are guessed from their symbols. */
export function configuredUniverse(config: TickloomConfig): Universe {
  const universe = new Universe(config.limits.max_symbols);
  for (const symbol of Object.keys(config.instruments)) universe.add(configuredInstrument(config, symbol));
  return universe;
}

/** What the configuration says about a symbol, over `guess`, or over the built-in guess. */
export function configuredInstrument(config: TickloomConfig, symbol: string, guess?: Instrument): Instrument {
  const said = config.instruments[symbol];
  const base = guess ?? guessInstrument(symbol);
  if (said === undefined) return base;
  return {
    symbol,
    assetClass: said.asset_class ?? base.assetClass,
    calendar: said.calendar ?? base.calendar,
    currency: said.currency ?? base.currency,
    barBasis: said.bar_basis ?? base.barBasis,
  };
}
