/** What kind of happening a line tells. */
export type LogKind = 'gap' | 'revision' | 'connection' | 'alert';

/** One line of the event drawer. Times inside the text stand as `{milliseconds}`, for the zone of the reader. */
export interface LogLine {
  readonly key: string;
  readonly kind: LogKind;
  readonly timeMs: number;
  readonly symbol: string | undefined;
  readonly text: string;
}

/** Lines kept; the oldest goes first, and is counted. */
export const LOG_LIMIT = 200;

/** The newest happenings, newest first. Policy at the limit: drop-oldest. */
export class EventLog {
  #lines: LogLine[] = [];
  readonly #keys = new Set<string>();
  droppedOldest = 0;
  /** Lines ever put in, without those that replaced an earlier one. */
  added = 0;
  /** Grows with every change; what is drawn compares it. */
  version = 0;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Puts a line on top; one with the same key goes, so that a burst of happenings stays one line. */
  put(line: LogLine): void {
    this.version += 1;
    if (this.#keys.has(line.key)) {
      this.#lines = this.#lines.filter((held) => held.key !== line.key);
    } else {
      this.#keys.add(line.key);
      this.added += 1;
    }
    this.#lines.unshift(line);
    if (this.#lines.length <= LOG_LIMIT) return;
    const oldest = this.#lines.pop();
    if (oldest !== undefined) this.#keys.delete(oldest.key);
    this.droppedOldest += 1;
  }
}
