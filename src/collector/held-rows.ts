import { EventBatch } from '../model/index.ts';

/** Event time that is kept behind the newest row. */
const KEEP_US = 60_000_000;
/** Rows kept of one source; beyond it the oldest go (`drop-oldest`, counted), and what is missing then is fetched from history. */
const MAX_ROWS = 262_144;
const BATCH_ROWS = 1_024;

/** What a stand-by said lately, in its order, so that it can take over without a hole. */
export class HeldRows {
  /** Rows given up at the bound. */
  dropped = 0;
  /** Newest event time that was forgotten: from behind it everything is here. */
  forgottenUs = Number.NEGATIVE_INFINITY;
  private readonly batches: { readonly rows: EventBatch; newestUs: number }[] = [];
  private count = 0;
  private newestUs = Number.NEGATIVE_INFINITY;

  add(batch: EventBatch, row: number): void {
    let last = this.batches.at(-1);
    if (last === undefined || last.rows.isFull) {
      this.dropOld();
      last = { rows: new EventBatch(BATCH_ROWS), newestUs: Number.NEGATIVE_INFINITY };
      this.batches.push(last);
    }
    const tsUs = batch.tsEventUs[row] as number;
    last.rows.copyRow(batch, row);
    last.newestUs = Math.max(last.newestUs, tsUs);
    this.newestUs = Math.max(this.newestUs, tsUs);
    this.count++;
  }

  private dropOld(): void {
    for (let oldest = this.batches[0]; oldest !== undefined; oldest = this.batches[0]) {
      const isOld = oldest.newestUs < this.newestUs - KEEP_US;
      if (!isOld && this.count < MAX_ROWS) return;
      if (!isOld) this.dropped += oldest.rows.length;
      this.forgottenUs = Math.max(this.forgottenUs, oldest.newestUs);
      this.count -= oldest.rows.length;
      this.batches.shift();
    }
  }

  /** Calls with every row, oldest first. */
  forEach(visit: (batch: EventBatch, row: number) => void): void {
    for (const { rows } of this.batches) for (let row = 0; row < rows.length; row++) visit(rows, row);
  }
}
