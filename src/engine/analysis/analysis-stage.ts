import type { BarSeries } from '../../bars/index.ts';
import type { FeaturePlan } from '../../features/index.ts';
import type { Bar, Outcome, Regime, Timeframe, Universe } from '../../model/index.ts';
import { sectionParts, splitSections } from '../sections.ts';
import type { SessionStarts } from '../session-starts.ts';
import type { StatementIds } from '../statement-ids.ts';
import { AnalysisLane } from './analysis-lane.ts';
import type { AnalysisSettings } from './analysis-settings.ts';
import type { Statement } from './statement-log.ts';

/** Room for a bar or two that close between the revised one and now. */
const SPARE_BARS = 2;

/** What the stage needs of the engine. */
export interface AnalysisOptions {
  readonly settings: AnalysisSettings;
  /** All timeframes of the engine, by index. */
  readonly timeframes: readonly Timeframe[];
  readonly plan: FeaturePlan;
  readonly universe: Universe;
  readonly sessions: SessionStarts;
  readonly ids: StatementIds;
  readonly closeDelayUs: number;
  readonly revisionWindowUs: number;
  onStatement(statement: Statement): void;
  onOutcome(outcome: Outcome): void;
}

/** Patterns, regimes, odds and signals over all timeframes that are analysed. */
export class AnalysisStage {
  private readonly lanes: readonly (AnalysisLane | undefined)[];

  constructor(options: AnalysisOptions) {
    const { settings, timeframes, closeDelayUs, revisionWindowUs, ids } = options;
    this.lanes = timeframes.map((timeframe) => {
      if (!settings.timeframes.includes(timeframe.text)) return undefined;
      const depth = Math.ceil((closeDelayUs + revisionWindowUs) / timeframe.lengthUs) + SPARE_BARS;
      return new AnalysisLane({ ...options, timeframe, depth, nextId: ids.next });
    });
  }

  /** Revisions that reached further back than what was kept. */
  get revisionsTooOld(): number {
    return this.lanes.reduce((sum, lane) => sum + (lane?.revisionsTooOld ?? 0), 0);
  }

  /** Memory of one symbol over all timeframes, without the positions that are followed. */
  get bytesPerSymbol(): number {
    return this.lanes.reduce((sum, lane) => sum + (lane?.bytesPerSeries ?? 0), 0);
  }

  /** The regime of a series after its latest bar. */
  regime(symbol: number, timeframe: number): Regime | undefined {
    return this.lanes[timeframe]?.regime(symbol);
  }

  /** Takes the next closed bar of a series, or one that is run again, with its feature vector. */
  append(bar: Bar, values: Float64Array, offset: number, series: BarSeries, index: number, nowUs: number): void {
    this.lanes[bar.timeframe]?.append(bar, series, index, values, offset, nowUs);
  }

  /** The last `fed` bars of a bar's series are going to be run again. */
  beginRerun(bar: Bar, fed: number): void {
    this.lanes[bar.timeframe]?.beginRerun(bar.symbol, fed);
  }

  endRerun(bar: Bar, nowUs: number): void {
    this.lanes[bar.timeframe]?.endRerun(nowUs);
  }

  /** Everything that later statements depend on, in pieces. */
  snapshot(): readonly Uint8Array[] {
    const sections = new Map<string, readonly Uint8Array[]>();
    this.lanes.forEach((lane, i) => {
      if (lane !== undefined) sections.set(String(i), lane.snapshot());
    });
    return sectionParts(sections);
  }

  /** @throws TickloomError `bad-snapshot` when it is of other settings. */
  restore(bytes: Uint8Array): void {
    const sections = splitSections(bytes);
    this.lanes.forEach((lane, i) => {
      const section = sections.get(String(i));
      if (lane !== undefined && section !== undefined) lane.restore(section);
    });
  }
}
