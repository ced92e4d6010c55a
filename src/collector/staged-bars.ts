import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TickloomError } from '../base/index.ts';
import { type EventBatch, EventKind } from '../model/index.ts';
import type { HistoryPiece } from './history-ledger.ts';

/** Doubles of one bar, in this order: start, open, high, low, close, volume, vwap, trades, length. */
export const STAGED_WIDTH = 9;

export interface StagedPiece extends HistoryPiece {
  readonly source: string;
}

/** A piece that waits on the disk. */
export interface StagedFile extends StagedPiece {
  readonly path: string;
}

/**
 * Bars that were fetched and are not in the stores yet, a file per piece. A file is there as a whole or not at all, and
 * is taken away once its bars are stored.
 */
export class StagedBars {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = join(directory, 'staged');
    mkdirSync(this.directory, { recursive: true });
  }

  /** Keeps the bars of a piece, ascending and each start once (the later one counts). */
  write(piece: StagedPiece, rows: Float64Array): void {
    const { source, symbol, timeframe, fromUs, toUs } = piece;
    const head = JSON.stringify({ source, symbol, timeframe, fromUs, toUs, rows: rows.length / STAGED_WIDTH });
    const body = zstdCompressSync(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    const path = join(this.directory, `${symbol}.${timeframe}.${fromUs}-${toUs}.bars`);
    const file = openSync(`${path}.new`, 'w');
    try {
      writeSync(file, `${head}\n`);
      writeSync(file, body);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    const folder = openSync(this.directory, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  /** What waits, by symbol and time. */
  list(): readonly StagedFile[] {
    const names = readdirSync(this.directory).filter((name) => name.endsWith('.bars'));
    const files = names.map((name): StagedFile => {
      const path = join(this.directory, name);
      return { path, ...(JSON.parse(this.head(path)) as StagedPiece) };
    });
    return files.sort((a, b) => (a.symbol === b.symbol ? a.fromUs - b.fromUs : a.symbol < b.symbol ? -1 : 1));
  }

  private head(path: string): string {
    const bytes = readFileSync(path);
    return bytes.toString('utf8', 0, bytes.indexOf(10));
  }

  /** The bars of a piece. @throws TickloomError `bad-staged-bars` */
  read({ path }: StagedFile): Float64Array {
    const bytes = readFileSync(path);
    try {
      const body = zstdDecompressSync(bytes.subarray(bytes.indexOf(10) + 1));
      return new Float64Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
    } catch (cause) {
      throw new TickloomError('bad-staged-bars', `${path} can not be read; move it away and fetch it again.`, {
        subject: path,
        cause,
      });
    }
  }

  remove({ path }: StagedFile): void {
    if (existsSync(path)) rmSync(path);
  }
}

/** The bars of batches with their start in [fromUs, toUs), ascending; of two with one start the later counts. */
export function stagedRows(batches: readonly EventBatch[], fromUs: number, toUs: number): Float64Array {
  const byStart = new Map<number, readonly number[]>();
  for (const batch of batches) {
    for (let row = 0; row < batch.length; row++) {
      const startUs = batch.tsEventUs[row] as number;
      if (batch.kind[row] !== EventKind.SourceBar || startUs < fromUs || startUs >= toUs) continue;
      const { p0, p1, p2, p3, p4, p5, p6, p7 } = batch;
      byStart.set(startUs, [startUs, ...[p0, p1, p2, p3, p4, p5, p6, p7].map((column) => column[row] as number)]);
    }
  }
  const starts = [...byStart.keys()].sort((a, b) => a - b);
  const rows = new Float64Array(starts.length * STAGED_WIDTH);
  for (const [i, startUs] of starts.entries()) rows.set(byStart.get(startUs) as readonly number[], i * STAGED_WIDTH);
  return rows;
}
