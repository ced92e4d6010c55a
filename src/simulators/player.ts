import type { Micros } from '../base/index.ts';
import type { Clock } from '../host/index.ts';
import type { PlayOrder } from './play-order.ts';
import type { SimulatedTape } from './tape.ts';

/** Longest time between two looks at the clock. */
const STEP_MS = 5;
/** Rows per turn: small enough that sockets are served in between. */
const ROWS_PER_TURN = 1_000;

/** Who gets the rows. */
export interface PlayerSink {
  deliver(rows: readonly number[]): void;
  /** Resolves when no reader is behind; at once for most turns. */
  settled(): Promise<void>;
  ended(): void;
}

export interface PlayerOptions {
  /** Seconds of the tape per second; Infinity does not wait. */
  readonly speed: number;
  readonly clock: Clock;
}

/**
 * Plays a tape against the clock: a row leaves when as much time has passed since the start, times the speed, as lies
 * between its receive time and that of the first row. Falling behind is caught up, never skipped.
 */
export class Player {
  private readonly tape: SimulatedTape;
  private readonly order: PlayOrder;
  private readonly sink: PlayerSink;
  private readonly options: PlayerOptions;
  private readonly stopping = new AbortController();
  private startMs: number | undefined;
  private running: Promise<void> | undefined;
  private lastRow = -1;

  constructor(tape: SimulatedTape, order: PlayOrder, sink: PlayerSink, options: PlayerOptions) {
    this.tape = tape;
    this.order = order;
    this.sink = sink;
    this.options = options;
  }

  get isStarted(): boolean {
    return this.startMs !== undefined;
  }

  get isEnded(): boolean {
    return this.order.isDone;
  }

  /** Time on the tape: that of its first row before the start; at full speed that of the last row that left. */
  nowUs(): Micros {
    if (this.startMs === undefined) return this.tape.firstUs;
    const elapsedUs = (this.options.clock.monotonicMs() - this.startMs) * 1_000;
    if (Number.isFinite(this.options.speed)) {
      return Math.floor((this.tape.firstUs as number) + elapsedUs * this.options.speed);
    }
    return this.lastRow < 0 ? this.tape.firstUs : (this.tape.tsRecvUs[this.lastRow] as number);
  }

  start(): void {
    if (this.startMs !== undefined) return;
    this.startMs = this.options.clock.monotonicMs();
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { order, options, sink, stopping } = this;
    const isPaced = Number.isFinite(options.speed);
    while (!order.isDone && !stopping.signal.aborted) {
      const untilUs = isPaced ? (this.nowUs() as number) : Number.POSITIVE_INFINITY;
      const rows = order.take(untilUs, ROWS_PER_TURN);
      this.lastRow = order.played - 1;
      if (rows.length > 0) sink.deliver(rows);
      await sink.settled();
      if (rows.length < ROWS_PER_TURN && isPaced) await options.clock.sleep(STEP_MS, stopping.signal);
      else await new Promise((done) => setImmediate(done));
    }
    if (order.isDone) sink.ended();
  }
}
