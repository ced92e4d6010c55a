/** What kind of happening a line tells. */
export type LogKind = 'gap' | 'revision' | 'connection' | 'alert' | 'break' | 'source';

/** One line of the event drawer. */
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
  /** Grows with every line; what is drawn compares it. */
  version = 0;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Adds a line once: the same key again (a replayed event) changes nothing. */
  add(line: LogLine): boolean {
    if (this.#keys.has(line.key)) return false;
    this.#keys.add(line.key);
    this.#lines.unshift(line);
    if (this.#lines.length > LOG_LIMIT) {
      const oldest = this.#lines.pop();
      if (oldest !== undefined) this.#keys.delete(oldest.key);
      this.droppedOldest += 1;
    }
    this.version += 1;
    return true;
  }
}
