import { join } from 'node:path';
import type { TickloomError } from '../base/index.ts';
import { type Clock, type FileSystem, type OpenFile, writeFully } from '../host/index.ts';
import { EventBatch, type Universe } from '../model/index.ts';
import { EventBlockEncoder } from './event-block.ts';
import { type SegmentInfo, storageError } from './tape-directory.ts';
import { BLOCK_CAPACITY, encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from './tape-format.ts';
import { TableWriter } from './tape-tables.ts';

const EVENT_BYTES_PENDING = 128;
const WRITE_BYTES = 4 * 1_024 * 1_024;
/** A commit starts at once when this much waits, whatever the interval says. */
const EAGER_BYTES = 8 * 1_024 * 1_024;

type Queued =
  | { readonly kind: 'block'; readonly bytes: Uint8Array }
  | { readonly kind: 'roll'; readonly firstSeq: number };

export interface TapeWriterOptions {
  readonly directory: string;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly universe: Universe;
  readonly segments: SegmentInfo[];
  readonly nextSeq: number;
  readonly commitIntervalMs: number;
  readonly segmentBytes: number;
  /** Called before a new segment is opened; makes room or throws. */
  readonly onRoll: (firstSeq: number) => Promise<void>;
  readonly onHalt: (cause: TickloomError) => void;
}

/**
 * Turns batches into blocks and blocks into durable bytes, in order, one commit at a time: everything that gathered
 * during the interval is written, then flushed with one fdatasync, then counted as durable. The first failure stops
 * it for good: a second flush after a failed one may claim what is not true.
 */
export class TapeWriter {
  nextSeq: number;
  durableSeq: number;
  /** Bytes that wait for the disk. */
  pendingBytes = 0;
  /** Commits done and the blocks and bytes in them. */
  commits = 0;
  bytesWritten = 0;
  halted: TickloomError | undefined;
  private readonly options: TapeWriterOptions;
  private readonly pending = new EventBatch(BLOCK_CAPACITY);
  private readonly encoder = new EventBlockEncoder(BLOCK_CAPACITY);
  private readonly tables: TableWriter;
  private queue: Queued[] = [];
  private segmentFill = Number.POSITIVE_INFINITY;
  private file: OpenFile | undefined;
  private path: string;
  private position = 0;
  private durablePosition = 0;
  /** New segments decided on but not opened yet: what is sealed now goes into one of which nothing is durable. */
  private rollsAhead = 0;
  private running: Promise<void> | undefined;
  private hurry = new AbortController();

  constructor(options: TapeWriterOptions) {
    this.options = options;
    this.path = options.directory;
    this.tables = new TableWriter(options.universe);
    this.nextSeq = options.nextSeq;
    this.durableSeq = options.nextSeq - 1;
  }

  /** Gives the rows their sequence numbers and takes copies of them. */
  append(batch: EventBatch): void {
    if (this.halted !== undefined) throw this.halted;
    const { pending } = this;
    for (let row = 0; row < batch.length; row++) batch.seq[row] = this.nextSeq++;
    let start = 0;
    while (start < batch.length) {
      const end = Math.min(batch.length, start + pending.capacity - pending.length);
      pending.copyRows(batch, start, end);
      this.pendingBytes += (end - start) * EVENT_BYTES_PENDING;
      start = end;
      if (pending.isFull) this.sealPending();
    }
    this.start();
  }

  /** Queues a block of another type behind everything appended so far. */
  appendBlock(encode: (nextSeq: number, durableBytes: number) => Uint8Array): void {
    if (this.halted !== undefined) throw this.halted;
    this.sealPending();
    this.push(() => encode(this.nextSeq, this.vouchedBytes), this.nextSeq);
    this.start();
  }

  /** Resolves when everything appended before the call is durable; rejects with the cause when the tape halted. */
  async flush(): Promise<void> {
    while (
      this.halted === undefined &&
      (this.pending.length > 0 || this.queue.length > 0 || this.running !== undefined)
    ) {
      this.hurry.abort();
      this.start();
      await this.running;
    }
    if (this.halted !== undefined) throw this.halted;
  }

  /** Flushes unless halted, and closes the file. */
  async close(): Promise<void> {
    if (this.halted === undefined) await this.flush();
    else await this.running;
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) await file.close();
  }

  private get vouchedBytes(): number {
    return this.rollsAhead === 0 ? this.durablePosition : 0;
  }

  private sealPending(): void {
    const { pending } = this;
    if (pending.length === 0) return;
    this.pendingBytes -= pending.length * EVENT_BYTES_PENDING;
    this.push(() => this.encoder.encode(pending, this.vouchedBytes), pending.seq[0] as number);
    pending.clear();
  }

  /** Decides on the segment first, because a new one begins with the tables. */
  private push(encode: () => Uint8Array, firstSeq: number): void {
    if (this.segmentFill >= this.options.segmentBytes) {
      this.queue.push({ kind: 'roll', firstSeq });
      this.rollsAhead++;
      this.tables.restart();
      this.segmentFill = SEGMENT_HEADER_BYTES;
    }
    const definitions = this.tables.encodeNew(firstSeq, this.vouchedBytes);
    if (definitions !== undefined) this.enqueue(definitions);
    this.enqueue(encode());
    if (this.pendingBytes >= EAGER_BYTES) this.hurry.abort();
  }

  private enqueue(bytes: Uint8Array): void {
    this.queue.push({ kind: 'block', bytes });
    this.segmentFill += bytes.length;
    this.pendingBytes += bytes.length;
  }

  private start(): void {
    if (this.running !== undefined || this.halted !== undefined) return;
    if (this.pending.length === 0 && this.queue.length === 0) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
    });
  }

  private async run(): Promise<void> {
    try {
      while (this.pending.length > 0 || this.queue.length > 0) {
        await this.options.clock.sleep(this.options.commitIntervalMs, this.hurry.signal);
        this.hurry = new AbortController();
        if (this.halted !== undefined) return;
        this.sealPending();
        await this.commit();
      }
    } catch (error) {
      this.halt(storageError('record to', this.path, error));
    }
  }

  /** Stops for good; what was not durable before is not claimed afterwards. */
  halt(cause: TickloomError): void {
    if (this.halted !== undefined) return;
    this.halted = cause;
    this.options.onHalt(cause);
  }

  private async commit(): Promise<void> {
    const queue = this.queue;
    const upTo = this.nextSeq - 1;
    this.queue = [];
    let group: Uint8Array[] = [];
    let groupBytes = 0;
    const write = async (): Promise<void> => {
      if (groupBytes > 0)
        await this.write(group.length === 1 ? (group[0] as Uint8Array) : Buffer.concat(group, groupBytes));
      group = [];
      groupBytes = 0;
    };
    for (const item of queue) {
      if (item.kind === 'roll') {
        await write();
        await this.roll(item.firstSeq);
        continue;
      }
      group.push(item.bytes);
      groupBytes += item.bytes.length;
      if (groupBytes >= WRITE_BYTES) await write();
    }
    await write();
    await this.file?.datasync();
    this.durablePosition = this.position;
    this.durableSeq = upTo;
    this.commits++;
  }

  private async write(bytes: Uint8Array): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    await writeFully(file, bytes, this.position);
    this.position += bytes.length;
    this.bytesWritten += bytes.length;
    this.pendingBytes -= bytes.length;
    (this.options.segments.at(-1) as SegmentInfo).bytes = this.position;
  }

  private async roll(firstSeq: number): Promise<void> {
    const { files, directory, segments } = this.options;
    const finished = this.file;
    if (finished !== undefined) {
      await finished.datasync();
      this.file = undefined;
      await finished.close();
    }
    await this.options.onRoll(firstSeq);
    const number = (segments.at(-1)?.number ?? 0) + 1;
    this.path = join(directory, segmentName(number));
    this.file = await files.open(this.path, 'create');
    segments.push({ number, bytes: 0 });
    this.position = 0;
    this.durablePosition = 0;
    this.rollsAhead--;
    const header = encodeSegmentHeader(number, firstSeq);
    this.pendingBytes += header.length;
    await this.write(header);
    await files.syncDirectory(directory);
  }
}
