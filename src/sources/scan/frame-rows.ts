import type { EventBatch } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';

/** The rows of one frame in the making: all of them stay, or none does. */
export class FrameRows {
  private readonly out: RowOutlet;
  private readonly touched: { readonly batch: EventBatch; readonly length: number }[] = [];

  constructor(out: RowOutlet) {
    this.out = out;
  }

  /** A batch with room; what stands in it up to now is another frame's. */
  next(): EventBatch {
    const batch = this.out.batch();
    this.touched.push({ batch, length: batch.length });
    return batch;
  }

  /** Takes back every row since the beginning. */
  undo(): void {
    for (const { batch, length } of this.touched.reverse()) batch.truncate(length);
  }
}
