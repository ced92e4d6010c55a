import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from '../host/index.ts';
import type { EventBatch, Universe } from '../model/index.ts';
import { DataLock } from './data-lock.ts';
import { encodeFrame } from './frame-block.ts';
import { type RunRecord, RunsCatalogue } from './runs-catalogue.ts';
import { type SnapshotInfo, SnapshotStore } from './snapshot-store.ts';
import { openTapeDirectory, storageError, type TapeOpening, tapeDirectory } from './tape-directory.ts';
import { BlockType, segmentName } from './tape-format.ts';
import type { TapeMark } from './tape-reader.ts';
import { encodeJsonBlock } from './tape-tables.ts';
import { TapeWriter } from './tape-writer.ts';

export interface RecorderOptions {
  readonly dataDir: string;
  readonly universe: Universe;
  readonly files?: FileSystem;
  readonly clock?: Clock;
  /** Longest time that an event waits before its commit begins; 20 ms by default, at most 50. */
  readonly commitIntervalMs?: number;
  readonly segmentBytes?: number;
  /** Bytes waiting for the disk at which `isFull` turns true (policy `block`); the tape halts at twice as many. */
  readonly maxPendingBytes?: number;
  /** Bound of the whole tape; 20 GiB by default. */
  readonly maxTapeBytes?: number;
  /** What happens at that bound: stop recording, or remove the oldest segments that {@link Recorder.cover} released. */
  readonly retention?: 'halt' | 'drop-oldest';
  /** False for a directory whose lock the caller holds. */
  readonly lock?: boolean;
  readonly onHalt?: (cause: TickloomError) => void;
}

export interface RecorderCounters {
  readonly commits: number;
  readonly bytesWritten: number;
  readonly pendingBytes: number;
  readonly tapeBytes: number;
  readonly segments: number;
  readonly segmentsDropped: number;
}

/** Runs whose start snapshots are kept, so that they can be verified; older ones can not any more. */
const PINNED_RUNS = 20;

/** What opening found beside the tape itself. */
export interface RecorderOpening extends TapeOpening {
  /** Runs that a crash had left open, now sealed as killed. */
  readonly killedRuns: readonly RunRecord[];
}

/**
 * The tape of one data directory, open for writing. Every event is appended before the engine handles it. What was
 * acknowledged by `durableSeq` is on disk, flushed; where that cannot be had the recorder halts, and never goes on
 * without it.
 */
export class Recorder {
  readonly runs: RunsCatalogue;
  readonly snapshots: SnapshotStore;
  readonly opening: RecorderOpening;
  private readonly writer: TapeWriter;
  private readonly lock: DataLock | undefined;
  private readonly maxPendingBytes: number;
  private segmentsDropped = 0;
  private coveredSeq = 0;
  private readonly firstSeqOfSegment = new Map<number, number>();

  private constructor(options: RecorderOptions, opening: RecorderOpening, stores: Stores, lock: DataLock | undefined) {
    const { files = nodeFileSystem, clock = systemClock, universe } = options;
    this.opening = opening;
    this.runs = stores.runs;
    this.snapshots = stores.snapshots;
    this.lock = lock;
    this.maxPendingBytes = options.maxPendingBytes ?? 64 * 1_024 * 1_024;
    const directory = tapeDirectory(options.dataDir);
    this.writer = new TapeWriter({
      directory,
      files,
      clock,
      universe,
      segments: opening.segments,
      nextSeq: opening.nextSeq,
      commitIntervalMs: Math.min(options.commitIntervalMs ?? 20, 50),
      segmentBytes: options.segmentBytes ?? 64 * 1_024 * 1_024,
      onRoll: (firstSeq) => this.makeRoom(files, directory, options, firstSeq),
      onHalt: options.onHalt ?? (() => undefined),
    });
  }

  /**
   * Locks the directory, repairs a torn tail, seals runs that were killed.
   * @throws TickloomError `data-dir-locked`, `storage` (with the system's code in the cause), `tape-newer`.
   */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { files = nodeFileSystem } = options;
    const directory = tapeDirectory(options.dataDir);
    const lock = options.lock === false ? undefined : DataLock.acquire(options.dataDir);
    try {
      await files.makeDirectory(directory);
      const tape = await openTapeDirectory(files, directory);
      const stores = { runs: new RunsCatalogue(files, directory), snapshots: new SnapshotStore(files, directory) };
      const killedRuns = await stores.runs.sealKilled(tape.nextSeq - 1);
      await stores.snapshots.removeAfter(tape.nextSeq - 1);
      return new Recorder(options, { ...tape, killedRuns }, stores, lock);
    } catch (error) {
      lock?.release();
      throw storageError('open the tape in', directory, error);
    }
  }

  /** Sequence number of the last appended event, 0 when there is none. */
  get lastSeq(): number {
    return this.writer.nextSeq - 1;
  }

  /** Sequence number of the last event that survives a crash of the machine now. */
  get durableSeq(): number {
    return this.writer.durableSeq;
  }

  get isHalted(): boolean {
    return this.writer.halted !== undefined;
  }

  /** Why recording stopped; its `cause` carries the system's code, for example ENOSPC. */
  get haltCause(): TickloomError | undefined {
    return this.writer.halted;
  }

  /** True when the caller should await {@link ready} before it appends more. */
  get isFull(): boolean {
    return this.writer.pendingBytes >= this.maxPendingBytes;
  }

  get counters(): RecorderCounters {
    return {
      commits: this.writer.commits,
      bytesWritten: this.writer.bytesWritten,
      pendingBytes: this.writer.pendingBytes,
      tapeBytes: this.opening.segments.reduce((sum, segment) => sum + segment.bytes, 0),
      segments: this.opening.segments.length,
      segmentsDropped: this.segmentsDropped,
    };
  }

  /**
   * Gives every row its sequence number (in the batch) and takes copies for the tape. Synchronous; durable later.
   * @throws TickloomError the halt cause, or `recorder-overflow` when the caller ignored {@link isFull}.
   */
  append(batch: EventBatch): void {
    if (this.writer.pendingBytes >= 2 * this.maxPendingBytes && !this.isHalted) {
      this.writer.halt(
        new TickloomError(
          'recorder-overflow',
          `More than ${2 * this.maxPendingBytes} bytes wait for the disk; recording stops rather than lose events.`,
        ),
      );
    }
    this.writer.append(batch);
  }

  /** Waits until there is room (policy `block`). Rejects with the cause when the tape halted. */
  async ready(): Promise<void> {
    if (this.isFull || this.isHalted) await this.writer.flush();
  }

  /** Resolves when everything appended before is durable. Rejects with the cause when the tape halted. */
  flush(): Promise<void> {
    return this.writer.flush();
  }

  /** Records the digest of the outputs after the last appended event. */
  mark(runId: string, digest: string): void {
    const mark: TapeMark = { runId, seq: this.lastSeq, digest };
    this.writer.appendBlock((nextSeq, durable) => encodeJsonBlock(BlockType.Mark, mark, 1, nextSeq, durable));
  }

  /** Records a raw provider frame, between the events before and after. The caller has removed secrets from it. */
  appendFrame(sourceId: number, tsRecvUs: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.writer.appendBlock((nextSeq, durable) => encodeFrame(sourceId, tsRecvUs, copy, nextSeq, durable));
  }

  /** Writes an engine snapshot of the state after event `seq`, once the tape is durable up to it. */
  async snapshot(seq: number, parts: readonly Uint8Array[]): Promise<SnapshotInfo> {
    if (this.durableSeq < seq) await this.flush();
    const runs = await this.runs.list();
    const pinned = new Set(runs.slice(-PINNED_RUNS).flatMap((run) => run.startSnapshot ?? []));
    return this.snapshots.write(seq, parts, pinned);
  }

  /** Says that events up to `seq` are in a snapshot and in the stores, so that retention may drop them. */
  cover(seq: number): void {
    this.coveredSeq = Math.max(this.coveredSeq, seq);
  }

  /** Flushes (unless halted), closes the files and gives the directory free. */
  async close(): Promise<void> {
    try {
      await this.writer.close();
    } finally {
      this.lock?.release();
    }
  }

  /** Keeps the tape under its bound before a segment is added. */
  private async makeRoom(
    files: FileSystem,
    directory: string,
    options: RecorderOptions,
    firstSeq: number,
  ): Promise<void> {
    const { segments } = this.opening;
    this.firstSeqOfSegment.set((segments.at(-1)?.number ?? 0) + 1, firstSeq);
    const bound = options.maxTapeBytes ?? 20 * 1_024 * 1_024 * 1_024;
    const next = options.segmentBytes ?? 64 * 1_024 * 1_024;
    while (segments.reduce((sum, segment) => sum + segment.bytes, 0) + next > bound) {
      const oldest = segments[0];
      const endSeq = oldest === undefined ? undefined : this.endOf(oldest.number);
      const mayDrop = options.retention === 'drop-oldest' && endSeq !== undefined && endSeq <= this.coveredSeq;
      if (oldest === undefined || !mayDrop) {
        throw new TickloomError(
          'tape-full',
          `The tape has reached recorder.max_tape_bytes (${bound}). Raise it, or set recorder.retention: drop-oldest.`,
          { subject: 'recorder.max_tape_bytes' },
        );
      }
      await files.remove(join(directory, segmentName(oldest.number)));
      await files.syncDirectory(directory);
      segments.shift();
      this.segmentsDropped++;
    }
  }

  /** Upper bound of the last sequence number in a segment, where it is known that it has ended. */
  private endOf(segment: number): number | undefined {
    const next = this.firstSeqOfSegment.get(segment + 1);
    if (next !== undefined) return next - 1;
    const isFromBefore = !this.firstSeqOfSegment.has(segment) && this.firstSeqOfSegment.size > 0;
    return isFromBefore ? this.opening.nextSeq - 1 : undefined;
  }
}

interface Stores {
  readonly runs: RunsCatalogue;
  readonly snapshots: SnapshotStore;
}
