import { TickloomError } from '../base/index.ts';
import { EventBatch } from '../model/index.ts';
import { CURSOR_ROWS, type RowCursor } from './row-cursor.ts';

/** A file that takes part in a merge: when its first row was received, and how to open it with its first rows loaded. */
export interface MergeInput {
  readonly firstRecvUs: number;
  open(): Promise<RowCursor>;
}

/** Rows up to which copying one by one costs less than making views of seventeen columns. */
const SHORT_RUN = 48;

/** Cursors that are open at once, each with its buffers; a merge of more overlapping files than that is refused. */
export const MAX_OPEN_CURSORS = 512;

/**
 * The rows of several files in order of (receive time, position of the file, row). A file is opened when its first row
 * is due, so that a year of daily files costs the memory of those that overlap. `seq` is the position in the merged
 * stream, from 1.
 */
export class CursorMerge {
  private readonly waiting: { readonly order: number; readonly input: MergeInput }[];
  /** Open cursors by rising (next receive time, order). */
  private readonly open: { readonly order: number; readonly cursor: RowCursor }[] = [];
  private readonly out = new EventBatch(CURSOR_ROWS);
  private readonly rawCursors: RowCursor[] = [];
  private readonly rawRows = new Int32Array(CURSOR_ROWS);
  private readonly rawOfRow = new Int32Array(CURSOR_ROWS);
  private closedBytes = 0;
  private seq = 0;

  constructor(inputs: readonly MergeInput[]) {
    this.waiting = inputs
      .map((input, order) => ({ order, input }))
      .sort((a, b) => a.input.firstRecvUs - b.input.firstRecvUs || a.order - b.order);
  }

  /** Bytes read from disk so far. */
  get bytesRead(): number {
    return this.open.reduce((sum, { cursor }) => sum + cursor.bytesRead, this.closedBytes);
  }

  async *batches(): AsyncGenerator<EventBatch> {
    try {
      for (;;) {
        await this.admit();
        const first = this.open[0];
        if (first === undefined) return;
        const { cursor } = first;
        if (this.open.length === 1 && cursor.position === 0 && this.isAlone(cursor)) {
          yield this.whole(cursor);
          cursor.position = cursor.batch.length;
        } else {
          this.fill();
          if (this.out.length > 0) yield this.out;
          this.out.clear();
          this.rawCursors.length = 0;
        }
        await this.reload();
      }
    } finally {
      for (const { cursor } of this.open) await cursor.close();
    }
  }

  /** Opens the files whose first row is not after the next row of those that are open. */
  private async admit(): Promise<void> {
    for (;;) {
      const next = this.waiting[0];
      if (next === undefined || (this.open[0] !== undefined && headUs(this.open[0].cursor) < next.input.firstRecvUs))
        return;
      this.waiting.shift();
      if (this.open.length === MAX_OPEN_CURSORS) throw tooManyError();
      this.insert({ order: next.order, cursor: await next.input.open() });
    }
  }

  private async finish(cursor: RowCursor): Promise<void> {
    this.closedBytes += cursor.bytesRead;
    await cursor.close();
  }

  private insert(entry: { readonly order: number; readonly cursor: RowCursor }): void {
    const us = headUs(entry.cursor);
    let i = this.open.length;
    while (i > 0) {
      const other = this.open[i - 1] as { readonly order: number; readonly cursor: RowCursor };
      const otherUs = headUs(other.cursor);
      if (otherUs < us || (otherUs === us && other.order < entry.order)) break;
      i--;
    }
    this.open.splice(i, 0, entry);
  }

  private isAlone(cursor: RowCursor): boolean {
    const next = this.waiting[0];
    return next === undefined || (cursor.batch.tsRecvUs[cursor.batch.length - 1] as number) < next.input.firstRecvUs;
  }

  private whole(cursor: RowCursor): EventBatch {
    const { batch } = cursor;
    for (let row = 0; row < batch.length; row++) batch.seq[row] = ++this.seq;
    batch.rawOf = (row) => cursor.rawOf(row);
    return batch;
  }

  /** Merges until the batch is full, a cursor is used up or a waiting file is due. */
  private fill(): void {
    const { out } = this;
    const dueUs = this.waiting[0]?.input.firstRecvUs ?? Number.POSITIVE_INFINITY;
    while (!out.isFull) {
      const entry = this.open[0];
      if (entry === undefined || headUs(entry.cursor) >= dueUs) break;
      const { cursor, order } = entry;
      const end = this.runEnd(cursor, order, dueUs);
      this.take(cursor, end);
      if (cursor.position === cursor.batch.length) break;
      this.open.shift();
      this.insert(entry);
    }
    out.rawOf = (row) =>
      (this.rawCursors[this.rawOfRow[row] as number] as RowCursor).rawOf(this.rawRows[row] as number);
  }

  /** How far the first cursor goes before another one, or a waiting file, has an earlier row. */
  private runEnd(cursor: RowCursor, order: number, dueUs: number): number {
    const second = this.open[1];
    const limitUs = second === undefined ? Number.POSITIVE_INFINITY : headUs(second.cursor);
    const winsTies = second === undefined || order < second.order;
    const { batch } = cursor;
    const { tsRecvUs } = batch;
    const last = Math.min(batch.length, cursor.position + this.out.capacity - this.out.length);
    let end = cursor.position;
    while (end < last) {
      const us = tsRecvUs[end] as number;
      if (us > limitUs || (us === limitUs && !winsTies) || us >= dueUs) break;
      end++;
    }
    return end;
  }

  private take(cursor: RowCursor, end: number): void {
    const { out } = this;
    let index = this.rawCursors.indexOf(cursor);
    if (index < 0) index = this.rawCursors.push(cursor) - 1;
    const first = out.length;
    const { position } = cursor;
    if (end - position < SHORT_RUN) for (let row = position; row < end; row++) out.copyRow(cursor.batch, row);
    else out.copyRows(cursor.batch, position, end);
    for (let row = first; row < out.length; row++) {
      out.seq[row] = ++this.seq;
      this.rawOfRow[row] = index;
      this.rawRows[row] = position + row - first;
    }
    cursor.position = end;
  }

  /** Loads the next rows of the first cursor when its batch is used up. */
  private async reload(): Promise<void> {
    const entry = this.open[0];
    if (entry === undefined || entry.cursor.position < entry.cursor.batch.length) return;
    this.open.shift();
    if (await entry.cursor.load()) this.insert(entry);
    else await this.finish(entry.cursor);
  }
}

function tooManyError(): TickloomError {
  return new TickloomError(
    'too-many-files',
    `More than ${MAX_OPEN_CURSORS} of the files overlap in time; replay fewer at once, or join them first.`,
  );
}

function headUs(cursor: RowCursor): number {
  return cursor.batch.tsRecvUs[cursor.position] as number;
}
