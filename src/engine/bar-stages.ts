import type { BarSeries } from '../bars/index.ts';
import type { Bar, BarChange, Universe } from '../model/index.ts';
import { AnalysisStage, type Statement } from './analysis/index.ts';
import type { EngineParts } from './engine-settings.ts';
import { FeatureStage } from './feature-stage.ts';
import type { EngineSink } from './ports.ts';
import { SessionStarts } from './session-starts.ts';
import type { StatementIds } from './statement-ids.ts';

/** What the stages read of the engine whenever they speak: both change. */
interface Speaker {
  readonly sink: EngineSink;
  readonly nowUs: number;
}

/** What follows from closed bars: features, then patterns, regimes and signals. A changed bar is run again through both. */
export class BarStages {
  readonly features: FeatureStage;
  /** Undefined where nothing is analysed. */
  readonly analysis: AnalysisStage | undefined;
  private readonly engine: Speaker;

  constructor(parts: EngineParts, universe: Universe, engine: Speaker, ids: StatementIds) {
    this.engine = engine;
    const sessions = new SessionStarts(universe, parts.calendars);
    this.analysis = this.analysisOf(parts, universe, sessions, ids);
    const { analysis } = this;
    this.features = new FeatureStage(parts, universe, sessions, (bar, values, offset, series, index) => {
      engine.sink.onFeatures?.(bar, values, offset);
      analysis?.append(bar, values, offset, series, index, engine.nowUs);
    });
  }

  /** Memory of one symbol over all timeframes. */
  get bytesPerSymbol(): number {
    return this.features.bytesPerSymbol + (this.analysis?.bytesPerSymbol ?? 0);
  }

  /** Revisions that reached further back than what was kept. */
  get revisionsTooOld(): number {
    return this.features.revisionsTooOld + (this.analysis?.revisionsTooOld ?? 0);
  }

  /** A bar closed or was revised; `index` is its place in its series, -1 when it is not in memory. */
  onBar(bar: Bar, change: BarChange, series: BarSeries, index: number): void {
    this.engine.sink.onBar?.(bar, change);
    if (change === 'repaired' || index < 0) return;
    const after = series.length - 1 - index;
    if (change === 'revised') this.rerun(bar, series, index, after + 1);
    else if (after === 0) this.features.append(bar, series, index);
    else this.rerun(bar, series, index, after);
  }

  /** A bar is there no more; `index` is where it stood. */
  onBarRetracted(bar: Bar, change: BarChange, series: BarSeries, index: number): void {
    this.engine.sink.onBarRetracted?.(bar, change);
    if (change === 'repaired' || index < 0) return;
    this.rerun(bar, series, index, series.length - index + 1);
  }

  /** @param fed bars of the series, from `index` on, that the stages had been given */
  private rerun(bar: Bar, series: BarSeries, index: number, fed: number): void {
    const { analysis } = this;
    const hasRun = this.features.rerun(bar, series, index, fed, () => analysis?.beginRerun(bar, fed));
    if (hasRun) analysis?.endRerun(bar, this.engine.nowUs);
  }

  private analysisOf(
    parts: EngineParts,
    universe: Universe,
    sessions: SessionStarts,
    ids: StatementIds,
  ): AnalysisStage | undefined {
    const { settings } = parts;
    if (settings.analysis === undefined || settings.analysis.timeframes.length === 0) return undefined;
    return new AnalysisStage({
      ...parts,
      settings: settings.analysis,
      universe,
      sessions,
      ids,
      onStatement: (statement) => this.say(statement),
      onOutcome: (outcome) => this.engine.sink.onOutcome?.(outcome),
    });
  }

  private say({ kind, said }: Statement): void {
    const { sink } = this.engine;
    if (kind === 'pattern') sink.onPattern?.(said);
    else if (kind === 'regime') sink.onRegime?.(said);
    else sink.onSignal?.(said);
  }
}
