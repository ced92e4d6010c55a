import type { BarSeries } from '../bars/index.ts';
import { FeatureEngine } from '../features/index.ts';
import { createBarInput } from '../indicators/index.ts';
import type { Bar, Universe } from '../model/index.ts';
import type { EngineParts } from './engine-settings.ts';
import { joinSections, splitSections } from './sections.ts';
import type { SessionStarts } from './session-starts.ts';

/** Gets the vector of a bar, first or amended; `index` is the bar's place in its series. */
type Emit = (bar: Bar, values: Float64Array, offset: number, series: BarSeries, index: number) => void;

/** Room for a bar or two that close between the revised one and now. */
const SPARE_BARS = 2;

/**
 * Feeds closed bars to the feature engines, one per timeframe. A revised bar is fed again together with every bar after
 * it, from a saved state before it, so that all vectors that it had a part in are amended.
 */
export class FeatureStage {
  /** Revisions that reached further back than any saved state; their bars changed, their features did not. */
  revisionsTooOld = 0;
  private readonly engines: (FeatureEngine | undefined)[];
  private readonly universe: Universe;
  private readonly sessions: SessionStarts;
  private readonly input = createBarInput();
  private readonly values: Float64Array;
  private readonly emit: Emit;

  constructor(parts: EngineParts, universe: Universe, sessions: SessionStarts, emit: Emit) {
    this.universe = universe;
    this.sessions = sessions;
    this.emit = emit;
    this.values = new Float64Array(parts.plan.names.length);
    this.engines = parts.timeframes.map((timeframe, i) => {
      if (parts.hasFeatures[i] !== true) return undefined;
      const window = Math.ceil((parts.closeDelayUs + parts.revisionWindowUs) / timeframe.lengthUs);
      return new FeatureEngine(parts.plan, { revisableBars: window + SPARE_BARS });
    });
  }

  /** Memory of the features of one symbol over all timeframes. */
  get bytesPerSymbol(): number {
    return this.engines.reduce((sum, engine) => sum + (engine?.bytesPerSeries ?? 0), 0);
  }

  /** Bars that a series must hold, so that every revisable bar can be run again. */
  get rerunBars(): number {
    return Math.max(0, ...this.engines.map((engine) => engine?.rerunBars ?? 0)) + SPARE_BARS;
  }

  /** The latest vector of a series into `into`; false where the timeframe has no features or the symbol no bar. */
  latest(symbol: number, timeframe: number, into: Float64Array): boolean {
    const engine = this.engines[timeframe];
    if (engine === undefined || symbol >= engine.seriesCount || engine.barCount(symbol) === 0) return false;
    engine.latest(symbol, into);
    return true;
  }

  /** Bars that the features of a series have seen. */
  barCount(symbol: number, timeframe: number): number {
    const engine = this.engines[timeframe];
    return engine === undefined || symbol >= engine.seriesCount ? 0 : engine.barCount(symbol);
  }

  /** A bar closed as the newest of its series. */
  append(bar: Bar, series: BarSeries, index: number): void {
    const engine = this.engineOf(bar);
    if (engine === undefined) return;
    this.fill(bar.symbol, series, index);
    engine.update(bar.symbol, this.input);
    engine.latest(bar.symbol, this.values);
    this.emit(bar, this.values, 0, series, index);
  }

  /**
   * The bars of a series from `index` on are not what was fed: re-runs them.
   * @param fedFromIndex how many bars the features had been fed from that place on
   * @param begin is called before the first vector is emitted, with the ordinal of the bar that it belongs to
   * @returns whether it could go back that far
   */
  rerun(bar: Bar, series: BarSeries, index: number, fedFromIndex: number, begin: (ordinal: number) => void): boolean {
    const engine = this.engineOf(bar);
    if (engine === undefined) return false;
    const ordinal = engine.barCount(bar.symbol) - fedFromIndex;
    // Asked before anything changes: the bars that a rewind may want to see again must be in the series.
    const hasBars = ordinal >= 0 && index >= Math.min(ordinal, engine.rerunBars);
    const from = hasBars ? engine.rewind(bar.symbol, ordinal) : undefined;
    if (from === undefined) {
      this.revisionsTooOld++;
      return false;
    }
    begin(ordinal);
    const first = index - (ordinal - from);
    for (let i = first; i < series.length; i++) {
      this.fill(bar.symbol, series, i);
      engine.update(bar.symbol, this.input);
      if (i < index) continue;
      engine.latest(bar.symbol, this.values);
      this.emit(series.bar(i, bar.symbol, bar.timeframe), this.values, 0, series, i);
    }
    return true;
  }

  private engineOf(bar: Bar): FeatureEngine | undefined {
    const engine = this.engines[bar.timeframe];
    if (engine !== undefined && bar.symbol >= engine.seriesCount) engine.ensureSeries(this.universe.size);
    return engine;
  }

  private fill(symbol: number, series: BarSeries, index: number): void {
    const slot = series.slot(index);
    const { input } = this;
    input.open = series.open[slot] as number;
    input.high = series.high[slot] as number;
    input.low = series.low[slot] as number;
    input.close = series.close[slot] as number;
    input.volume = series.volume[slot] as number;
    input.vwap = series.vwap[slot] as number;
    input.tradeCount = series.trades[slot] as number;
    input.sessionStart = this.sessions.isFirst(symbol, series, index) ? 1 : 0;
    input.buyVolume = series.buyVolume[slot] as number;
    input.sellVolume = series.sellVolume[slot] as number;
    input.bid = series.bid[slot] as number;
    input.ask = series.ask[slot] as number;
    input.bidSize = series.bidSize[slot] as number;
    input.askSize = series.askSize[slot] as number;
  }

  snapshot(): Uint8Array {
    const sections = new Map<string, Uint8Array>();
    this.engines.forEach((engine, i) => {
      if (engine !== undefined) sections.set(String(i), engine.snapshot());
    });
    return joinSections(sections);
  }

  restore(bytes: Uint8Array): void {
    const sections = splitSections(bytes);
    this.engines.forEach((engine, i) => {
      const section = sections.get(String(i));
      if (engine !== undefined && section !== undefined) engine.restore(section);
    });
  }
}
