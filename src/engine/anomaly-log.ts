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

/** Most cool-downs in a row that silence is kept to: a symbol that always comes and goes is told of that seldom. */
const MAX_FACTOR = 16;

/**
 * Says anomalies, of one symbol and kind at most one per cool-down: a storm is one alert. Of a symbol that goes stale again
 * right after its cool-down the next one is twice as long, up to {@link MAX_FACTOR} times.
 */
export class AnomalyLog {
  private readonly engine: AnomalySpeaker;
  private readonly ids: StatementIds;
  private readonly coolDownUs: number;
  /** Engine time of the latest one by symbol and kind. */
  private saidUs = new Float64Array(0);
  /** Cool-downs to wait from then on. */
  private factor = new Float64Array(0);
  /** Anomalies that came within the cool-down. */
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
    const coolDownUs = (this.factor[at] as number) * this.coolDownUs;
    const elapsedUs = nowUs - (this.saidUs[at] as number);
    if (elapsedUs < coolDownUs) {
      this.suppressed++;
      return false;
    }
    const isAgain = measured.kind === 'stale' && elapsedUs < 2 * coolDownUs;
    this.factor[at] = isAgain ? Math.min(MAX_FACTOR, 2 * (this.factor[at] as number)) : 1;
    this.saidUs[at] = nowUs;
    this.tell(measured, false);
    return true;
  }

  /** Says that one is over, whenever that is. */
  sayOver(measured: MeasuredAnomaly): void {
    this.tell(measured, true);
  }

  private tell(measured: MeasuredAnomaly, isOver: boolean): void {
    const id = this.ids.next();
    this.engine.sink.onAnomaly?.({ ...measured, isOver, id, atUs: this.engine.nowUs });
  }

  private grow(length: number): void {
    const saidUs = new Float64Array(Math.max(2 * this.saidUs.length, length)).fill(Number.NEGATIVE_INFINITY);
    saidUs.set(this.saidUs);
    this.saidUs = saidUs;
    const factor = new Float64Array(saidUs.length).fill(1);
    factor.set(this.factor);
    this.factor = factor;
  }

  snapshot(): AnomalyLogSnapshot {
    return { suppressed: this.suppressed, saidUs: [...this.saidUs], factor: [...this.factor] };
  }

  restore({ suppressed, saidUs, factor }: AnomalyLogSnapshot): void {
    this.suppressed = suppressed;
    this.saidUs = Float64Array.from(saidUs);
    this.factor = Float64Array.from(factor);
  }
}

export interface AnomalyLogSnapshot {
  readonly suppressed: number;
  readonly saidUs: readonly number[];
  readonly factor: readonly number[];
}
