import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../base/index.ts';
import type { AnalysisSettings } from '../engine/index.ts';
import { parseTimeframe } from '../model/index.ts';
import type { TickloomConfig } from './config/index.ts';

/** The names under which a portfolio is found without being named; the second is the source system's. */
const PORTFOLIO_NAMES = ['portfolio.json', 'final_portfolio.json'] as const;
/** The portfolio that comes with the program. */
const EXAMPLE = fileURLToPath(new URL('../../examples/portfolio.json', import.meta.url));
/** A portfolio file larger than this is none. */
const MAX_PORTFOLIO_BYTES = 16 * 1024 * 1024;

/**
 * The part of the configuration that says what is looked for in closed bars.
 * @throws UsageError for a portfolio file that is not there or is no JSON
 */
export function analysisSettings(config: TickloomConfig): AnalysisSettings {
  const { patterns, signals, streaming } = config;
  const featured = config.features.timeframes.length === 0 ? config.bars.timeframes : config.features.timeframes;
  const texts = featured.map((text) => parseTimeframe(text).text);
  const { pattern_matching: matching, regime_detection: regime, estimation } = streaming;
  const timeframes = patterns.timeframes
    .map((text) => parseTimeframe(text).text)
    .filter((text) => texts.includes(text));
  return {
    timeframes,
    candlesticks: patterns.candlesticks,
    charts: patterns.charts,
    ...(timeframes.length === 0 || patterns.portfolio === 'none' ? {} : { portfolio: readPortfolio(config) }),
    matching: {
      tolerancePct: matching.tolerance_pct,
      minConfidence: matching.min_confidence_threshold,
      triggerConfidence: matching.trigger_threshold,
      onAnyTimeframe: streaming.enabled,
    },
    regimes: {
      windowBars: regime.window_size,
      lowPct: regime.volatility_thresholds.low,
      mediumPct: regime.volatility_thresholds.medium,
    },
    estimation: {
      base: estimation.base_weight,
      regime: estimation.regime_weight,
      confidence: estimation.confidence_weight,
    },
    barriers: {
      horizonBars: patterns.horizon_bars,
      targetSigmas: patterns.target_sigmas,
      stopSigmas: patterns.stop_sigmas,
    },
    signals: {
      strong: signals.strong,
      plain: signals.plain,
      activeBars: signals.active_bars,
      requireEdge: signals.require_edge,
    },
  };
}

/** Path of the portfolio file that a configuration means. */
export function portfolioPath(config: TickloomConfig): string {
  if (config.patterns.portfolio !== '') return config.patterns.portfolio;
  const places = PORTFOLIO_NAMES.flatMap((name) => [name, join(config.data_dir, name)]);
  return places.find((path) => existsSync(path)) ?? EXAMPLE;
}

function readPortfolio(config: TickloomConfig): unknown {
  const path = portfolioPath(config);
  const text = readText(path);
  if (text.length > MAX_PORTFOLIO_BYTES) {
    throw new UsageError(`patterns.portfolio: ${path} has more than ${MAX_PORTFOLIO_BYTES} bytes.`, { subject: path });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`patterns.portfolio: ${path} is no JSON: ${(error as Error).message}`, { subject: path });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`patterns.portfolio: ${path} can not be read: ${(error as Error).message}`, { subject: path });
  }
}
