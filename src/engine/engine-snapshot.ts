import type { BarBuilder } from '../bars/index.ts';
import { TickloomError, type TimerQueue } from '../base/index.ts';
import type { Universe, UniverseTables } from '../model/index.ts';
import type { QualityGate, QualitySnapshot } from '../quality/index.ts';
import type { AnalysisStage } from './analysis/index.ts';
import type { AnomalyWatch } from './anomaly-watch.ts';
import type { FeatureStage } from './feature-stage.ts';
import type { GapLedger } from './gap-ledger.ts';
import type { GapWatch } from './gap-watch.ts';
import { jsonBytes, parseJsonBytes, sectionParts, splitSections } from './sections.ts';
import type { StatementIds } from './statement-ids.ts';

const FORMAT = 6;

/** The parts of an engine that hold state. */
export interface EngineStages {
  readonly universe: Universe;
  readonly ids: StatementIds;
  readonly timers: TimerQueue;
  readonly gate: QualityGate;
  readonly bars: BarBuilder;
  readonly features: FeatureStage;
  readonly analysis: AnalysisStage | undefined;
  readonly ledger: GapLedger;
  readonly watch: GapWatch;
  readonly anomalies: AnomalyWatch | undefined;
}

/** The engine's own numbers. */
export interface EngineClock {
  readonly nowUs: number;
  readonly events: number;
  readonly barTimers: number;
}

/** What a snapshot holds beside the byte blocks of bars and features. */
interface SnapshotHead extends EngineClock {
  readonly format: number;
  /** Number of the latest statement. */
  readonly lastStatement: number;
  readonly timers: readonly number[];
  readonly quality: QualitySnapshot;
  readonly gaps: unknown;
  readonly watch: unknown;
  readonly universe: UniverseTables;
}

/** A snapshot in pieces, which belong to the caller: nothing in them changes any more. */
export function saveEngine(stages: EngineStages, clock: EngineClock): readonly Uint8Array[] {
  const head: SnapshotHead = {
    ...clock,
    format: FORMAT,
    lastStatement: stages.ids.last,
    timers: stages.timers.snapshot(),
    quality: stages.gate.snapshot(),
    gaps: stages.ledger.snapshot(),
    watch: stages.watch.snapshot(),
    universe: stages.universe.tables(),
  };
  const sections = new Map<string, Uint8Array | readonly Uint8Array[]>([
    ['head', jsonBytes(head)],
    ['bars', stages.bars.snapshotParts()],
    ['features', stages.features.snapshot()],
  ]);
  if (stages.analysis !== undefined) sections.set('analysis', stages.analysis.snapshot());
  if (stages.anomalies !== undefined) sections.set('anomalies', stages.anomalies.snapshot());
  return sectionParts(sections);
}

/** @throws TickloomError `bad-snapshot` when it is damaged, of another format or of other settings. */
export function loadEngine(stages: EngineStages, bytes: Uint8Array): EngineClock {
  const sections = splitSections(bytes);
  const head = parseJsonBytes(section(sections, 'head')) as SnapshotHead;
  if (head.format !== FORMAT) {
    throw new TickloomError('bad-snapshot', `The snapshot has format ${head.format}, this version reads ${FORMAT}.`);
  }
  stages.universe.adopt(head.universe);
  stages.ids.last = head.lastStatement;
  stages.gate.restore(head.quality);
  stages.bars.restore(section(sections, 'bars'));
  stages.features.restore(section(sections, 'features'));
  stages.analysis?.restore(section(sections, 'analysis'));
  stages.anomalies?.restore(section(sections, 'anomalies'));
  stages.ledger.restore(head.gaps);
  stages.watch.restore(head.watch);
  // Last, because restoring the bars asks for timers that the snapshot already holds.
  stages.timers.restore(head.timers);
  return head;
}

function section(sections: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = sections.get(name);
  if (bytes === undefined) throw new TickloomError('bad-snapshot', `The snapshot has no section "${name}".`);
  return bytes;
}
