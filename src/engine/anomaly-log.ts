import type { Anomaly, AnomalyKind } from '../model/index.ts';
import type { EngineSink } from './ports.ts';
import type { StatementIds } from './statement-ids.ts';

const KINDS: readonly AnomalyKind[] = ['price_spike', 'volume_spike', 'spread_blowout', 'feed_divergence', 'stale'];

/** Where anomalies are said, and at what time. */
export interface AnomalySpeaker {
  readonly sink: EngineSink;
  readonly nowUs: number;
}

/** What is measured; the log adds number and time. */
export type MeasuredAnomaly = Omit<Anomaly, 'id' | 'atUs' | 'isOver'>;

/** Says anomalies, of one symbol and kind at most one per cool-down: a storm is one alert. */
export class AnomalyLog {
  private readonly engine: AnomalySpeaker;
  private readonly ids: StatementIds;
  private readonly coolDownUs: number;
  /** Engine time of the latest one by symbol and kind. */
  private saidUs = new Float64Array(0);
  /** Anomalies said, and those that came within the cool-down. */
  said = 0;
  suppressed = 0;

  constructor(engine: AnomalySpeaker, ids: StatementIds, coolDownUs: number) {
    this.engine = engine;
    this.ids = ids;
    this.coolDownUs = coolDownUs;
  }

  /** Says an anomaly, unless one of its symbol and kind was said just now; returns whether it did. */
  say(measured: MeasuredAnomaly): boolean {
    const at = measured.symbol * KINDS.length + KINDS.indexOf(measured.kind);
    if (at >= this.saidUs.length) this.grow(at + 1);
    const { nowUs } = this.engine;
    if (nowUs - (this.saidUs[at] as number) < this.coolDownUs) {
      this.suppressed++;
      return false;
    }
    this.saidUs[at] = nowUs;
    this.tell(measured, false);
    return true;
  }

  /** Says that one is over, whenever that is. */
  sayOver(measured: MeasuredAnomaly): void {
    this.tell(measured, true);
  }

  private tell(measured: MeasuredAnomaly, isOver: boolean): void {
    this.said++;
    const id = this.ids.next();
    this.engine.sink.onAnomaly?.({ ...measured, isOver, id, atUs: this.engine.nowUs });
  }

  private grow(length: number): void {
    const saidUs = new Float64Array(Math.max(2 * this.saidUs.length, length)).fill(Number.NEGATIVE_INFINITY);
    saidUs.set(this.saidUs);
    this.saidUs = saidUs;
  }

  snapshot(): AnomalyLogSnapshot {
    return { said: this.said, suppressed: this.suppressed, saidUs: [...this.saidUs] };
  }

  restore({ said, suppressed, saidUs }: AnomalyLogSnapshot): void {
    this.said = said;
    this.suppressed = suppressed;
    this.saidUs = Float64Array.from(saidUs);
  }
}

export interface AnomalyLogSnapshot {
  readonly said: number;
  readonly suppressed: number;
  readonly saidUs: readonly number[];
}
