import type { ColumnBatch } from './column-batch.ts';
import type { StoreCounters } from './store.ts';

export interface WriteBehindOptions {
  /** Writes all batches durably, or none. */
  readonly commit: (batches: readonly ColumnBatch[], coveredSeq: number) => Promise<void>;
  /** Whether a failed commit has taken its rows all the same. */
  readonly isTaken: (error: unknown) => boolean;
  /** Waiting rows at which a commit starts by itself. */
  readonly commitRows: number;
  /** Rows waiting or under way at which a write waits for the disk (policy `block`). */
  readonly maxPendingRows: number;
}

/**
 * Batches between a store's `write` and its disk: committed one group after the other, kept and offered again when a
 * commit fails. Bounded: at `maxPendingRows` a write waits for a commit, and fails with it (policy `block`).
 */
export class WriteBehind {
  private readonly options: WriteBehindOptions;
  private batches: ColumnBatch[] = [];
  private waitingRows = 0;
  private flyingRows = 0;
  private last: Promise<void> = Promise.resolve();
  private written = 0;
  private commits = 0;
  private failures = 0;

  constructor(options: WriteBehindOptions) {
    this.options = options;
  }

  /** Batches that no commit has begun with. */
  get waiting(): readonly ColumnBatch[] {
    return this.batches;
  }

  async add(batch: ColumnBatch): Promise<void> {
    if (batch.length === 0) return;
    this.batches.push(batch);
    this.waitingRows += batch.length;
    this.written += batch.length;
    if (this.waitingRows + this.flyingRows >= this.options.maxPendingRows) await this.flush(0);
    else if (this.waitingRows >= this.options.commitRows && this.flyingRows === 0) {
      // The failure is counted, and the rows stay: the next flush offers them again and reports what it meets.
      this.flush(0).catch(() => undefined);
    }
  }

  /** Commits everything that waits, after what is under way. */
  flush(coveredSeq: number): Promise<void> {
    const next = this.last.then(() => this.commit(coveredSeq));
    this.last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when no commit is under way. */
  idle(): Promise<void> {
    return this.last;
  }

  private async commit(coveredSeq: number): Promise<void> {
    const { batches } = this;
    if (batches.length === 0 && coveredSeq === 0) return;
    this.flyingRows = this.waitingRows;
    this.batches = [];
    this.waitingRows = 0;
    try {
      await this.options.commit(batches, coveredSeq);
      this.commits++;
    } catch (error) {
      this.failures++;
      if (!this.options.isTaken(error)) {
        this.batches = [...batches, ...this.batches];
        this.waitingRows += this.flyingRows;
      }
      throw error;
    } finally {
      this.flyingRows = 0;
    }
  }

  counters(): StoreCounters {
    return {
      rowsWritten: this.written,
      rowsPending: this.waitingRows + this.flyingRows,
      rowsDropped: 0,
      commits: this.commits,
      commitFailures: this.failures,
    };
  }
}
