import type { ColumnBatch } from './column-batch.ts';

/** Indices of a universe's table as text indices of one batch's column, found once a batch and text. */
export class TextMap {
  private readonly column: number;
  private readonly textOf: (id: number) => string;
  private ids = new Int32Array(64).fill(-1);
  private batch: ColumnBatch | undefined;

  constructor(column: number, textOf: (id: number) => string) {
    this.column = column;
    this.textOf = textOf;
  }

  of(batch: ColumnBatch, id: number): number {
    if (batch !== this.batch) {
      this.batch = batch;
      this.ids.fill(-1);
    }
    if (id >= this.ids.length) this.grow(id);
    const known = this.ids[id] as number;
    if (known >= 0) return known;
    const index = batch.internText(this.column, this.textOf(id));
    this.ids[id] = index;
    return index;
  }

  private grow(id: number): void {
    const grown = new Int32Array(Math.max(this.ids.length * 2, id + 1)).fill(-1);
    grown.set(this.ids);
    this.ids = grown;
  }
}
