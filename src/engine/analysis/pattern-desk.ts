import type { BarSeries } from '../../bars/index.ts';
import type { FeaturePlan } from '../../features/index.ts';
import type { PatternFamily, PatternFinding } from '../../model/index.ts';
import {
  CANDLESTICKS,
  type Candlestick,
  CandlestickScanner,
  CHART_PATTERNS,
  ChartScanner,
  candlestickFinding,
  readPortfolio,
  ToleranceMatcher,
  type TolerancePattern,
  toleranceFinding,
} from '../../patterns/index.ts';
import type { AnalysisSettings } from './analysis-settings.ts';

/** A pattern that is looked for; its place in {@link PatternDesk.patterns} is what statistics are kept by. */
export interface KnownPattern {
  readonly family: PatternFamily;
  readonly id: string | number;
  /** Bars to target, stop or expiry; undefined: the configured horizon. */
  readonly horizonBars: number | undefined;
  /** What a portfolio file says of it, for the legacy score only; undefined where it says nothing of this timeframe. */
  readonly claimed: { readonly successRate: number; readonly sampleSize: number } | undefined;
}

/**
 * Told of a finding at the latest bar, with the place of its pattern.
 * @param isExact every condition holds as written; false for a match within its tolerance only
 */
export type PatternFound = (pattern: number, finding: PatternFinding, isExact: boolean) => void;

/** Looks for the patterns of all families in one bar of a series. */
export class PatternDesk {
  readonly patterns: readonly KnownPattern[];
  readonly stateSize: number;
  private readonly candlesticks: CandlestickScanner | undefined;
  private readonly charts: ChartScanner | undefined;
  private readonly tolerance: ToleranceMatcher | undefined;
  private readonly toleranceAt: number;
  private readonly chartPlaces = new Map<string | number, number>();
  private readonly places = new Map<Candlestick | TolerancePattern, number>();
  private found: PatternFound = () => {};
  private series!: BarSeries;
  private index = 0;

  /** @throws UsageError for a portfolio that is none */
  constructor(settings: AnalysisSettings, timeframe: string, plan: FeaturePlan) {
    const patterns: KnownPattern[] = [];
    if (settings.candlesticks) {
      this.candlesticks = new CandlestickScanner();
      for (const candlestick of CANDLESTICKS) {
        this.places.set(candlestick, patterns.length);
        patterns.push({ family: 'candlestick', id: candlestick.id, horizonBars: undefined, claimed: undefined });
      }
    }
    if (settings.charts) {
      this.charts = new ChartScanner();
      for (const { id } of CHART_PATTERNS) {
        this.chartPlaces.set(id, patterns.length);
        patterns.push({ family: 'chart', id, horizonBars: undefined, claimed: undefined });
      }
    }
    const chosen = portfolioPatterns(settings, timeframe);
    if (chosen.length > 0) {
      const { tolerancePct, minConfidence, triggerConfidence } = settings.matching;
      this.tolerance = new ToleranceMatcher(chosen, plan, { tolerancePct, minConfidence, triggerConfidence });
      for (const pattern of chosen) {
        this.places.set(pattern, patterns.length);
        const { id, horizonBars } = pattern;
        patterns.push({ family: 'tolerance', id, horizonBars, claimed: claimOf(pattern, timeframe) });
      }
    }
    this.patterns = patterns;
    this.toleranceAt = this.charts?.stateSize ?? 0;
    this.stateSize = this.toleranceAt + (this.tolerance?.stateSize ?? 0);
  }

  reset(state: Float64Array, at: number): void {
    this.charts?.reset(state, at);
    this.tolerance?.reset(state, at + this.toleranceAt);
  }

  /** Takes bar `index`, the latest one, with its feature vector. */
  find(
    state: Float64Array,
    at: number,
    series: BarSeries,
    index: number,
    values: Float64Array,
    offset: number,
    found: PatternFound,
  ): void {
    this.found = found;
    this.series = series;
    this.index = index;
    this.candlesticks?.scan(series, index, this.onCandlestick);
    this.charts?.update(state, at, series, index, this.onChart);
    this.tolerance?.match(state, at + this.toleranceAt, values, offset, this.onTolerance);
  }

  private readonly onCandlestick = (candlestick: Candlestick, value: number, candles: number): void => {
    const finding = candlestickFinding(candlestick, value, candles, this.series, this.index);
    this.found(this.places.get(candlestick) as number, finding, true);
  };

  private readonly onChart = (finding: PatternFinding): void => {
    this.found(this.chartPlaces.get(finding.patternId) as number, finding, true);
  };

  private readonly onTolerance = (
    pattern: TolerancePattern,
    confidence: number,
    rank: number,
    isExact: boolean,
  ): void => {
    const finding = toleranceFinding(pattern, confidence, rank, this.series, this.index);
    this.found(this.places.get(pattern) as number, finding, isExact);
  };
}

function portfolioPatterns(settings: AnalysisSettings, timeframe: string): readonly TolerancePattern[] {
  if (settings.portfolio === undefined) return [];
  const { patterns } = readPortfolio(settings.portfolio);
  if (settings.matching.onAnyTimeframe) return patterns;
  return patterns.filter((pattern) => pattern.timeframe === undefined || pattern.timeframe === timeframe);
}

/** What was measured on one timeframe says nothing of another. */
function claimOf(pattern: TolerancePattern, timeframe: string): KnownPattern['claimed'] {
  const { successRate, sampleSize } = pattern;
  if (successRate === undefined || sampleSize === undefined) return undefined;
  return pattern.timeframe === undefined || pattern.timeframe === timeframe ? { successRate, sampleSize } : undefined;
}
