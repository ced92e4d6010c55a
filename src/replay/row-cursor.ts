import type { EventBatch } from '../model/index.ts';

/**
 * One input file as a run of batches. Receive times never go backwards. The rows of `batch` and what `rawOf` gives for
 * them are valid until the next {@link load}.
 */
export interface RowCursor {
  readonly batch: EventBatch;
  /** Row that is handed out next. */
  position: number;
  /** Reads the next batch and sets `position` to 0; false at the end of the file. */
  load(): Promise<boolean>;
  /** Bytes read from disk so far. */
  readonly bytesRead: number;
  /** The row as it stands in the file. */
  rawOf(row: number): string;
  close(): Promise<void>;
}

export const CURSOR_ROWS = 8_192;
