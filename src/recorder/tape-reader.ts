import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { type FileSystem, nodeFileSystem } from '../host/index.ts';
import { EventBatch, type Universe } from '../model/index.ts';
import { EventBlockDecoder } from './event-block.ts';
import { type Frame, readFrames } from './frame-block.ts';
import { SegmentScan } from './segment-scan.ts';
import { listSegments, type SegmentInfo, storageError, type TapeHole, tapeDirectory } from './tape-directory.ts';
import { BLOCK_CAPACITY, BlockType, decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from './tape-format.ts';
import { TableReader } from './tape-tables.ts';

export interface TapeReadOptions {
  readonly dataDir: string;
  /** Receives the instruments and texts of the tape; events come in its ids. */
  readonly universe: Universe;
  /** First and last sequence number wanted; everything by default. */
  readonly fromSeq?: number;
  readonly toSeq?: number;
  /** Told of every range that is missing or unreadable. Without it such a range is an error. */
  readonly onHole?: (hole: TapeHole) => void;
  readonly onProgress?: (progress: { readonly bytes: number; readonly totalBytes: number }) => void;
  readonly files?: FileSystem;
}

/** The digest of a run's outputs after the event `seq`. */
export interface TapeMark {
  readonly runId: string;
  readonly seq: number;
  readonly digest: string;
}

/**
 * The recorded events in order, as batches that are valid until the next one is asked for. May be read while another
 * process writes; what is not complete yet at the end of the newest segment is left out.
 * @throws TickloomError `tape-hole` at a hole when there is no `onHole`, `storage` when a file cannot be read.
 */
export async function* readTape(options: TapeReadOptions): AsyncGenerator<EventBatch> {
  const batch = new EventBatch(BLOCK_CAPACITY);
  const decoder = new EventBlockDecoder(BLOCK_CAPACITY);
  const { universe, fromSeq = 1, toSeq = Number.POSITIVE_INFINITY } = options;
  for await (const { segment, item, tables, hole } of walk(options, universe)) {
    if (item.type !== BlockType.Events) continue;
    const { firstSeq, count } = item;
    if (firstSeq + count <= fromSeq || firstSeq > toSeq) continue;
    if (batch.length + count > batch.capacity) {
      yield batch;
      batch.clear();
    }
    const start = batch.length;
    try {
      decoder.decode(item.payload, count, firstSeq, tables, batch);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      hole({ segment, ...item, fromSeq: firstSeq, toSeq: firstSeq + count - 1, reason: `undecodable: ${reason}` });
      continue;
    }
    trim(batch, start, fromSeq, toSeq);
  }
  if (batch.length > 0) yield batch;
}

/** Leaves only the wanted sequence numbers of the rows from `start` on. */
function trim(batch: EventBatch, start: number, fromSeq: number, toSeq: number): void {
  const end = batch.length;
  let from = start;
  let to = end;
  while (from < end && (batch.seq[from] as number) < fromSeq) from++;
  while (to > from && (batch.seq[to - 1] as number) > toSeq) to--;
  if (from === start) {
    batch.length = to;
    if (to < end) {
      if (batch.idText.length > to) batch.idText.length = to;
      if (batch.payload.length > to) batch.payload.length = to;
    }
    return;
  }
  const kept = new EventBatch(Math.max(1, to - from));
  kept.copyRows(batch, from, to);
  batch.length = start;
  if (batch.idText.length > start) batch.idText.length = start;
  if (batch.payload.length > start) batch.payload.length = start;
  batch.copyRows(kept, 0, kept.length);
}

/** The digest marks in a range of the tape, in order. */
export async function* readMarks(options: Omit<TapeReadOptions, 'universe'>): AsyncGenerator<TapeMark> {
  const { fromSeq = 1, toSeq = Number.POSITIVE_INFINITY } = options;
  for await (const { item } of walk(options, undefined)) {
    if (item.type !== BlockType.Mark) continue;
    const mark = JSON.parse(new TextDecoder().decode(item.payload)) as TapeMark;
    if (mark.seq >= fromSeq && mark.seq <= toSeq) yield mark;
  }
}

/** The raw provider frames in a range of the tape, in order; `source` is a text. */
export async function* readTapeFrames(options: TapeReadOptions): AsyncGenerator<Frame> {
  const { universe } = options;
  for await (const { item, tables } of walk(options, universe)) {
    if (item.type !== BlockType.Frames) continue;
    for (const frame of readFrames(item.payload, item.firstSeq)) {
      yield { ...frame, source: universe.sources.text(tables.sources[frame.sourceId] ?? 0) };
    }
  }
}

interface Walked {
  readonly segment: string;
  readonly item: {
    readonly type: number;
    readonly firstSeq: number;
    readonly count: number;
    readonly payload: Uint8Array;
    readonly offset: number;
    readonly bytes: number;
  };
  readonly tables: TableReader;
  readonly hole: (hole: TapeHole) => void;
}

/** All sound blocks of the segments that can hold the wanted range; checks that sequence numbers have no hole. */
async function* walk(
  options: Omit<TapeReadOptions, 'universe'>,
  universe: Universe | undefined,
): AsyncGenerator<Walked> {
  const { files = nodeFileSystem, fromSeq = 1, toSeq = Number.POSITIVE_INFINITY } = options;
  const directory = tapeDirectory(options.dataDir);
  const tables = new TableReader(universe);
  const hole = options.onHole ?? refuseHole;
  const segments = await wantedSegments(files, directory, fromSeq);
  const totalBytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let bytesDone = 0;
  let nextSeq: number | undefined;
  for (const { number, bytes } of segments) {
    const segment = segmentName(number);
    const scan = new SegmentScan(files, join(directory, segment));
    tables.restart();
    let damage: { readonly offset: number; readonly bytes: number } | undefined;
    try {
      for await (const items of scan.items()) {
        for (const item of items) {
          if (item.kind === 'damage') {
            damage = { offset: item.offset, bytes: item.bytes };
            continue;
          }
          const { type, firstSeq, count } = item.header;
          if (firstSeq > toSeq) return;
          const expected = nextSeq ?? options.fromSeq;
          if (expected !== undefined && (nextSeq === undefined ? firstSeq > expected : firstSeq !== expected)) {
            const where = damage ?? { offset: item.offset, bytes: 0 };
            if (firstSeq < expected) {
              hole({ segment, ...where, fromSeq: firstSeq, toSeq: expected - 1, reason: 'repeated' });
            } else if (firstSeq > fromSeq) {
              const reason = damage === undefined ? 'missing' : 'damaged';
              hole({ segment, ...where, fromSeq: Math.max(expected, fromSeq), toSeq: firstSeq - 1, reason });
            }
          }
          damage = undefined;
          nextSeq = firstSeq + (type === BlockType.Events ? count : 0);
          if (type === BlockType.Tables) {
            tables.define(item.payload);
            continue;
          }
          const { payload, offset } = item;
          yield { segment, item: { type, firstSeq, count, payload, offset, bytes: payload.length }, tables, hole };
        }
        options.onProgress?.({ bytes: bytesDone, totalBytes });
      }
    } catch (error) {
      throw storageError('read', join(directory, segment), error);
    }
    bytesDone += bytes;
    options.onProgress?.({ bytes: bytesDone, totalBytes });
  }
  const end = nextSeq ?? fromSeq;
  if (toSeq !== Number.POSITIVE_INFINITY && end <= toSeq) {
    const last = segmentName(segments.at(-1)?.number ?? 0);
    hole({ segment: last, offset: 0, bytes: 0, fromSeq: Math.max(end, fromSeq), toSeq, reason: 'missing' });
  }
}

function refuseHole(hole: TapeHole): never {
  throw new TickloomError(
    'tape-hole',
    `The tape has a hole: events ${hole.fromSeq} to ${hole.toSeq ?? 'the end'} are ${hole.reason} (${hole.segment}, byte ${hole.offset}).`,
    { subject: hole.segment },
  );
}

/** Leaves out the segments that end before `fromSeq`, as the header of the one after says. */
async function wantedSegments(files: FileSystem, directory: string, fromSeq: number): Promise<SegmentInfo[]> {
  const segments = await listSegments(files, directory);
  if (fromSeq <= 1) return segments;
  let first = segments.length - 1;
  while (first > 0) {
    const seq = await firstSeqOf(files, join(directory, segmentName((segments[first] as SegmentInfo).number)));
    if (seq !== undefined && seq <= fromSeq) break;
    first--;
  }
  return segments.slice(Math.max(0, first));
}

async function firstSeqOf(files: FileSystem, path: string): Promise<number | undefined> {
  const file = await files.open(path, 'read');
  try {
    const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
    const got = await file.read(bytes, 0);
    const header = decodeSegmentHeader(bytes.subarray(0, got));
    return header.state === 'ok' ? header.firstSeq : undefined;
  } finally {
    await file.close();
  }
}
