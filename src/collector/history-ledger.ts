import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { joinRanges, type TimeRange } from './time-ranges.ts';

/** A stretch of bars of one symbol, as it is asked for: the unit that is fetched, kept and never fetched again. */
export interface HistoryPiece extends TimeRange {
  readonly symbol: string;
  readonly timeframe: string;
}

/** A piece that a source has answered for in full. */
export interface FinishedPiece extends HistoryPiece {
  readonly source: string;
  /** Bars that were in it. */
  readonly bars: number;
  /** Rows of the answers that could not be read. */
  readonly unreadable: number;
}

/** A piece that no source would give, with the last one's code. */
export interface FailedPiece extends HistoryPiece {
  readonly source: string;
  readonly code: string;
  readonly message: string;
}

/** A wish for history. A repetition of an unfinished one goes on with its times, so that nothing is cut anew. */
export interface HistoryJob extends TimeRange {
  readonly symbols: readonly string[];
  readonly timeframe: string;
  readonly sources: readonly string[];
}

type Line =
  | ({ readonly type: 'job' } & HistoryJob)
  | { readonly type: 'job-done' }
  | ({ readonly type: 'finished' } & FinishedPiece)
  | ({ readonly type: 'failed' } & FailedPiece);

/**
 * What has been fetched of the past: lines of JSON, each synced to the disk before it counts. A line that a crash cut
 * off is taken off again.
 */
export class HistoryLedger {
  /** The job that was begun and is not complete. */
  job: HistoryJob | undefined;
  private readonly path: string;
  private readonly done = new Map<string, FinishedPiece[]>();
  private readonly refused = new Map<string, FailedPiece>();

  /** @throws TickloomError `bad-history-ledger` where a line other than the last can not be read. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.path = join(directory, 'ledger.jsonl');
    if (existsSync(this.path)) this.load();
  }

  private load(): void {
    const text = readFileSync(this.path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) {
      const file = openSync(this.path, 'r+');
      ftruncateSync(file, Buffer.byteLength(whole));
      closeSync(file);
    }
    for (const [i, line] of whole.split('\n').entries()) {
      if (line === '') continue;
      try {
        this.take(JSON.parse(line) as Line);
      } catch (cause) {
        throw new TickloomError(
          'bad-history-ledger',
          `${this.path}: line ${i + 1} can not be read; move the file away.`,
          {
            subject: this.path,
            cause,
          },
        );
      }
    }
  }

  private take(line: Line): void {
    switch (line.type) {
      case 'job':
        this.job = line;
        return;
      case 'job-done':
        this.job = undefined;
        return;
      case 'finished': {
        const key = keyOf(line.symbol, line.timeframe);
        const pieces = this.done.get(key) ?? [];
        pieces.push(line);
        this.done.set(key, pieces);
        return;
      }
      case 'failed':
        this.refused.set(`${keyOf(line.symbol, line.timeframe)} ${line.fromUs}`, line);
        return;
      default:
        throw new TickloomError('bad-history-ledger', 'a line of an unknown type');
    }
  }

  /** What has been fetched of a symbol and timeframe. */
  finished(symbol: string, timeframe: string): readonly FinishedPiece[] {
    return this.done.get(keyOf(symbol, timeframe)) ?? [];
  }

  /** The same as ranges. */
  finishedRanges(symbol: string, timeframe: string): readonly TimeRange[] {
    return joinRanges(this.finished(symbol, timeframe));
  }

  /** The latest failures of a symbol and timeframe. */
  failures(symbol: string, timeframe: string): readonly FailedPiece[] {
    return [...this.refused.values()].filter((piece) => piece.symbol === symbol && piece.timeframe === timeframe);
  }

  beginJob(job: HistoryJob): void {
    this.append({ type: 'job', ...job });
  }

  endJob(): void {
    this.append({ type: 'job-done' });
  }

  finish(piece: FinishedPiece): void {
    this.append({ type: 'finished', ...piece });
  }

  fail(piece: FailedPiece): void {
    this.append({ type: 'failed', ...piece });
  }

  private append(line: Line): void {
    const file = openSync(this.path, 'a');
    try {
      writeSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.take(line);
  }
}

function keyOf(symbol: string, timeframe: string): string {
  return `${symbol} ${timeframe}`;
}

/** Whether two wishes are the same but for their times. */
export function isSameJob(a: HistoryJob, b: HistoryJob): boolean {
  const parts = ({ symbols, timeframe, sources }: HistoryJob): string => JSON.stringify([symbols, timeframe, sources]);
  return parts(a) === parts(b);
}
