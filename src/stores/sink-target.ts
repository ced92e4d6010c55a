import type { ColumnBatch } from './column-batch.ts';
import type { Store } from './store.ts';

/** A store behind the sink and how often it is made durable. */
export interface SinkStore {
  readonly store: Store;
  /** Engine time between flushes; `Infinity` leaves it to the store's own size limit and the end (imports). */
  readonly flushEveryUs: number;
}

/**
 * Rows of a tape after which a store is flushed, however young the last flush. Such stores are opened so that they do
 * not commit by themselves: a commit that does not say how far on the tape it reaches is made again after a crash.
 */
const FLUSH_ROWS = 200_000;

/**
 * One store behind the sink: takes batches in order on a chain of promises, flushes on its own cadence, halts when it
 * is too far behind, and remembers the failure for whoever waits for it.
 */
export class SinkTarget {
  readonly name: string;
  private readonly target: SinkStore;
  private readonly maxQueuedRows: number;
  private readonly onFailure: (store: string, error: unknown) => void;
  private chain: Promise<void> = Promise.resolve();
  private queued = 0;
  private dropped = 0;
  private failures = 0;
  private isHalted = false;
  private failure: unknown;
  private lastFlushUs = Number.NaN;
  private unflushedRows = 0;

  constructor(target: SinkStore, maxQueuedRows: number, onFailure: (store: string, error: unknown) => void) {
    this.target = target;
    this.name = target.store.name;
    this.maxQueuedRows = maxQueuedRows;
    this.onFailure = onFailure;
  }

  /** Hands batches over; with a `reached` above 0, a flush says that the store holds all up to that event. */
  offer(batches: readonly ColumnBatch[], nowUs: number, reached: number): void {
    const { store, flushEveryUs } = this.target;
    const own = batches.filter((batch) => store.kinds.has(batch.dataSet.kind));
    const rows = own.reduce((sum, batch) => sum + batch.length, 0);
    if (!this.isHalted && this.queued + rows > this.maxQueuedRows) this.halt(`has ${this.queued} rows waiting`);
    if (this.isHalted) {
      this.dropped += rows;
      return;
    }
    this.queued += rows;
    for (const batch of own) this.queue(() => store.write(batch), batch.length);
    this.unflushedRows += rows;
    const isMuch = reached > 0 && this.unflushedRows >= FLUSH_ROWS;
    if (!isMuch && nowUs - this.lastFlushUs < flushEveryUs) return;
    if (isMuch || !Number.isNaN(this.lastFlushUs)) {
      this.queue(() => store.flush(reached), 0);
      this.unflushedRows = 0;
    }
    this.lastFlushUs = nowUs;
  }

  private queue(work: () => Promise<void>, rows: number): void {
    this.chain = this.chain.then(async () => {
      try {
        if (this.isHalted) this.dropped += rows;
        else {
          await work();
          if (rows === 0) this.failure = undefined;
        }
      } catch (error) {
        this.failures++;
        this.failure = error;
        this.onFailure(this.name, error);
        // A failed flush keeps its rows in the store for the next one; a failed write means the store is full of them.
        if (rows > 0) this.halt('can not take more rows');
      } finally {
        this.queued -= rows;
      }
    });
  }

  private halt(why: string): void {
    this.isHalted = true;
    this.failure ??= new Error(`The store ${this.name} ${why} and was halted; the next start fills it from the tape.`);
    this.onFailure(this.name, this.failure);
  }

  get isBehind(): boolean {
    return this.queued > this.maxQueuedRows / 4;
  }

  async drain(): Promise<void> {
    await this.chain;
    if (this.isHalted) throw this.failure;
  }

  async flush(reached: number): Promise<void> {
    await this.drain();
    try {
      await this.target.store.flush(reached);
    } catch (error) {
      this.failures++;
      this.failure = error;
      throw error;
    }
    this.failure = undefined;
  }

  counters(): { queued: number; dropped: number; failures: number; state: string } {
    const state = this.isHalted ? 'halted' : this.failure === undefined ? 'ok' : 'failing';
    return { queued: this.queued, dropped: this.dropped, failures: this.failures, state };
  }
}
