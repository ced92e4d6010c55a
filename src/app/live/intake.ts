import type { Clock, PlainHistogram } from '../../host/index.ts';
import { EventBatch, EventKind } from '../../model/index.ts';
import type { Recorder } from '../../recorder/index.ts';
import type { Pipeline } from '../pipeline.ts';
import type { RunMeter } from './run-meter.ts';

/** Longest silence of the engine's clock. */
const TICK_MS = 100;
/** Least time between two digest marks on the tape. */
const MARK_MS = 250;

export interface IntakeParts {
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly meter: RunMeter;
  readonly recorder: Recorder | undefined;
  readonly runId: string;
  /** Takes how long a batch spent in each stage. */
  readonly stages: PlainHistogram;
  /** False while a source still works through what was missed: its events are older than now. */
  isCaughtUp(): boolean;
  /** True while the stores want to be waited for. */
  isBehind(): boolean;
  drain(): Promise<void>;
}

/**
 * The one door into the engine: an event is recorded first and handled then. In silence it lets time pass by events of
 * its own, which are on the tape too.
 */
export class Intake {
  private readonly parts: IntakeParts;
  private readonly tick = new EventBatch(1);
  private readonly tickSource: number;
  private readonly recordStage: number;
  private readonly engineStage: number;
  private ticking: NodeJS.Timeout | undefined;
  /** The first batch is marked too: a run that is killed young can be verified. */
  private lastMarkMs = Number.NEGATIVE_INFINITY;
  private lastEventMs: number;
  /** Set when the tape can not take any more: the run must end rather than go on unrecorded. */
  failure: unknown;

  constructor(parts: IntakeParts) {
    this.parts = parts;
    this.tickSource = parts.pipeline.engine.universe.sources.intern('host');
    this.recordStage = parts.stages.series({ stage: 'record' });
    this.engineStage = parts.stages.series({ stage: 'engine' });
    this.lastEventMs = parts.clock.monotonicMs();
  }

  /** Records and handles a batch; waits first where the tape or the stores are behind. */
  async take(batch: EventBatch): Promise<void> {
    const { recorder } = this.parts;
    if (recorder?.isFull === true) await recorder.ready();
    if (this.parts.isBehind()) await this.parts.drain();
    this.handle(batch);
  }

  private handle(batch: EventBatch): void {
    const { recorder, meter, pipeline, clock, runId, stages } = this.parts;
    const startMs = clock.monotonicMs();
    recorder?.append(batch);
    const recordedMs = clock.monotonicMs();
    meter.receive(batch);
    pipeline.engine.handle(batch);
    this.lastEventMs = clock.monotonicMs();
    stages.observe(this.recordStage, (recordedMs - startMs) / 1_000);
    stages.observe(this.engineStage, (this.lastEventMs - recordedMs) / 1_000);
    if (recorder === undefined || this.lastEventMs - this.lastMarkMs < MARK_MS) return;
    this.lastMarkMs = this.lastEventMs;
    recorder.mark(runId, pipeline.digest.hex());
  }

  startTicking(): void {
    this.ticking = setInterval(() => this.letTimePass(), TICK_MS);
  }

  stopTicking(): void {
    clearInterval(this.ticking);
    this.ticking = undefined;
  }

  private letTimePass(): void {
    const { clock } = this.parts;
    if (this.failure !== undefined || !this.parts.isCaughtUp() || clock.monotonicMs() - this.lastEventMs < TICK_MS)
      return;
    const nowUs = clock.nowUs();
    if (nowUs <= this.parts.pipeline.engine.nowUs) {
      // A clock that follows the source stands still with it; what the engine has said is to be written all the same.
      this.parts.pipeline.engine.handle(this.tick, 0, 0);
      return;
    }
    this.tick.clear();
    this.tick.begin(EventKind.Tick, -1, this.tickSource, nowUs, nowUs);
    try {
      this.handle(this.tick);
    } catch (error) {
      this.failure = error;
    }
  }
}
