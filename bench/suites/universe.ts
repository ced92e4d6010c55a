import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnalysisSettings,
  DEFAULT_ANALYSIS_SETTINGS,
  DEFAULT_ENGINE_SETTINGS,
  Engine,
  type EngineSettings,
} from '../../src/engine/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { median, threadCpuMs } from '../measure.ts';
import { noiseBars } from '../noise-rates.ts';

const SYMBOLS = 1_000;
const BARS = 220;
/** Bars before the first that counts: features are warm, formations are there, positions are followed. */
const WARM_BARS = 180;
const MINUTE_US = 60_000_000;
const START_US = 1_700_006_400_000_000;
/** Trades of a bar: its open, its extremes and its close. */
const OFFSETS_US = [1_000_000, 20_000_000, 40_000_000, 59_000_000] as const;
const FIRST_GOAL_MS = 50;
const GOAL_MS = 5;
const EXAMPLE = join(import.meta.dirname, '../../examples/portfolio.json');

/** What the analysis of a run leaves out, so that its share can be told. */
const VARIANTS = ['everything', 'no candlesticks', 'no charts', 'no tolerance', 'no patterns', 'no analysis'] as const;
type Variant = (typeof VARIANTS)[number];

interface Closes {
  /** CPU time of each bar close that counts. */
  readonly ms: readonly number[];
  readonly statements: number;
  readonly outcomes: number;
}

/**
 * One bar close of 1000 symbols in the engine: bars, features, 20 tolerance patterns, all candlesticks and chart patterns,
 * regimes, odds, outcomes and signals. What is timed is the engine's own step over the moment at which the bars close.
 */
export function signalsUniverse(): SuiteResult {
  const report = new Report('signals.universe');
  const market = Array.from({ length: SYMBOLS }, (_, i) =>
    noiseBars({ seed: 1_000 + i, bars: BARS, sigma: 0.0015, steps: 4 }),
  );
  const portfolio: unknown = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
  const closes = new Map(VARIANTS.map((variant) => [variant, run(settingsOf(variant, portfolio), market)]));
  // The system counts CPU time in ticks: over all closes, because that of a short one may read as nothing.
  const of = (variant: Variant): number => mean((closes.get(variant) as Closes).ms);
  const full = of('everything');
  const { ms, statements, outcomes } = closes.get('everything') as Closes;
  report.less(median(ms), 'ms median, bar close of 1000 symbols', '50 ms', FIRST_GOAL_MS);
  report.less(full - of('no analysis'), 'ms mean of it in the analysis', '5 ms', GOAL_MS);
  report.note(`slowest of ${ms.length} closes ${Math.max(...ms).toFixed(1)} ms`);
  report.note(
    [
      `bars and features ${of('no analysis').toFixed(2)} ms`,
      `candlesticks ${(full - of('no candlesticks')).toFixed(2)} ms`,
      `charts ${(full - of('no charts')).toFixed(2)} ms`,
      `tolerance ${(full - of('no tolerance')).toFixed(2)} ms`,
      `regimes and the rest ${(of('no patterns') - of('no analysis')).toFixed(2)} ms`,
    ].join(', '),
  );
  report.note('the share of a pattern family includes odds, statements and the following of what it found');
  const perClose = (count: number): string => (count / ms.length).toFixed(0);
  report.note(`${perClose(statements)} statements and ${perClose(outcomes)} outcomes a close`);
  return report;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function settingsOf(variant: Variant, portfolio: unknown): EngineSettings {
  const settings: EngineSettings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1m'], ringTicks: 2_000 };
  const analysis: AnalysisSettings = {
    ...DEFAULT_ANALYSIS_SETTINGS,
    timeframes: ['1m'],
    candlesticks: variant !== 'no candlesticks' && variant !== 'no patterns',
    charts: variant !== 'no charts' && variant !== 'no patterns',
    matching: { ...DEFAULT_ANALYSIS_SETTINGS.matching, onAnyTimeframe: true },
  };
  const hasTolerance = variant !== 'no tolerance' && variant !== 'no patterns';
  // The same features in every run, or their time would pass for that of the patterns.
  const features = [...readFeatures(portfolio)];
  if (variant === 'no analysis') return { ...settings, features };
  return { ...settings, features, analysis: hasTolerance ? { ...analysis, portfolio } : analysis };
}

function readFeatures(portfolio: unknown): readonly string[] {
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1m'] };
  const analysis = { ...DEFAULT_ANALYSIS_SETTINGS, timeframes: ['1m'], portfolio };
  return new Engine({ ...settings, analysis }, new Universe(), {}).parts.plan.names;
}

function run(settings: EngineSettings, market: readonly ReturnType<typeof noiseBars>[]): Closes {
  const universe = new Universe();
  for (let s = 0; s < SYMBOLS; s++) {
    universe.add({ symbol: `SYM${s}`, assetClass: 'equity', calendar: 'always', currency: 'USD', barBasis: 'trades' });
  }
  let statements = 0;
  let outcomes = 0;
  const say = (): void => {
    statements++;
  };
  const engine = new Engine(settings, universe, {
    onPattern: say,
    onRegime: say,
    onSignal: say,
    onOutcome: () => {
      outcomes++;
    },
  });
  const source = universe.sources.intern('bench');
  const batch = new EventBatch(SYMBOLS);
  const ms: number[] = [];
  let seq = 0;
  for (let bar = 0; bar < BARS; bar++) {
    const startUs = START_US + bar * MINUTE_US;
    if (bar === WARM_BARS) {
      statements = 0;
      outcomes = 0;
    }
    for (const [i, offsetUs] of OFFSETS_US.entries()) {
      batch.clear();
      for (let symbol = 0; symbol < SYMBOLS; symbol++) {
        const { open, high, low, close } = market[symbol] as (typeof market)[number];
        const column = [open, high, low, close][i] as ArrayLike<number>;
        const tsUs = startUs + offsetUs + (i === 0 ? 4_000_000 : 0);
        const row = batch.addTrade(symbol, source, tsUs, tsUs, column[bar] as number, 100 + (seq % 900));
        batch.seq[row] = ++seq;
      }
      engine.handle(batch);
    }
    const beforeMs = threadCpuMs();
    engine.advanceTo(startUs + MINUTE_US + settings.closeDelayMs * 1_000);
    if (bar >= WARM_BARS) ms.push(threadCpuMs() - beforeMs);
  }
  return { ms, statements, outcomes };
}
