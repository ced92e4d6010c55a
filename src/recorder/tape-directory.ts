import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { type FileSystem, type OpenFile, systemCode, writeFully } from '../host/index.ts';
import { SegmentScan } from './segment-scan.ts';
import { BlockType, blockBytes, SEGMENT_HEADER_BYTES, segmentName, segmentNumber } from './tape-format.ts';

/** A range of the tape that cannot be read. It is reported, never skipped in silence. */
export interface TapeHole {
  readonly segment: string;
  /** Byte offset in the segment, and how many bytes are unreadable there. */
  readonly offset: number;
  readonly bytes: number;
  /** Sequence numbers that are missing: [fromSeq, toSeq]; toSeq is undefined where nothing follows. */
  readonly fromSeq: number;
  readonly toSeq: number | undefined;
  readonly reason: string;
}

/** Bytes behind the last good block that were never acknowledged: cut at opening, kept beside the tape. */
export interface TornTail {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
  readonly keptIn: string;
}

export interface SegmentInfo {
  readonly number: number;
  bytes: number;
}

/** What opening a tape found. */
export interface TapeOpening {
  readonly segments: SegmentInfo[];
  readonly nextSeq: number;
  readonly torn: readonly TornTail[];
  /** Holes in the newest segment; older segments are checked when they are read. */
  readonly holes: readonly TapeHole[];
}

export function tapeDirectory(dataDir: string): string {
  return join(dataDir, 'tape');
}

export async function listSegments(files: FileSystem, directory: string): Promise<SegmentInfo[]> {
  const segments: SegmentInfo[] = [];
  for (const name of await files.list(directory)) {
    const number = segmentNumber(name);
    if (number !== undefined) segments.push({ number, bytes: (await files.sizeOf(join(directory, name))) ?? 0 });
  }
  return segments;
}

/**
 * Makes a tape ready for writing: finds the last good block, moves what lies behind it to `torn/`, says where the
 * sequence goes on. Changes nothing else. Safe to repeat after a crash at any of its steps.
 */
export async function openTapeDirectory(files: FileSystem, directory: string): Promise<TapeOpening> {
  const segments = await listSegments(files, directory);
  const torn: TornTail[] = [];
  const holes: TapeHole[] = [];
  for (;;) {
    const last = segments.at(-1);
    if (last === undefined) return { segments, nextSeq: 1, torn, holes };
    const found = await examine(files, directory, last);
    holes.push(...found.holes);
    if (found.goodBytes < last.bytes) {
      torn.push(await cut(files, directory, last, found.goodBytes));
      last.bytes = found.goodBytes;
    }
    if (found.nextSeq !== undefined) return { segments, nextSeq: found.nextSeq, torn, holes };
    if (last.bytes === 0 && found.goodBytes === 0) await removeEmpty(files, directory, last);
    segments.pop();
  }
}

interface Examined {
  readonly goodBytes: number;
  readonly nextSeq: number | undefined;
  readonly holes: readonly TapeHole[];
}

/**
 * Tells a torn tail from damage in the middle. Every block says how far its segment was durable when it was made:
 * damage before that point has destroyed stored bytes and is a hole; any other damage hit only bytes that were never
 * acknowledged.
 */
async function examine(files: FileSystem, directory: string, segment: SegmentInfo): Promise<Examined> {
  const name = segmentName(segment.number);
  const scan = new SegmentScan(files, join(directory, name));
  let nextSeq: number | undefined;
  let goodBytes = 0;
  /** Damage that no block has vouched for yet. */
  let suspects: { readonly offset: number; readonly nextSeq: number | undefined }[] = [];
  let damage: { readonly offset: number; readonly bytes: number } | undefined;
  const holes: TapeHole[] = [];
  for await (const items of scan.items()) {
    for (const item of items) {
      if (item.kind === 'damage') {
        damage = { offset: item.offset, bytes: item.bytes };
        suspects.push({ offset: item.offset, nextSeq });
        continue;
      }
      const { header } = item;
      if (suspects.length > 0) suspects = suspects.filter(({ offset }) => offset >= header.durableBytes);
      if (damage !== undefined) {
        const fromSeq = nextSeq ?? firstSeqOf(scan) ?? header.firstSeq;
        holes.push({ segment: name, ...damage, fromSeq, toSeq: header.firstSeq - 1, reason: 'damaged' });
        damage = undefined;
      }
      nextSeq = header.firstSeq + (header.type === BlockType.Events ? header.count : 0);
      goodBytes = item.offset + blockBytes(header.payloadBytes);
    }
  }
  const torn = suspects[0];
  if (torn !== undefined) {
    goodBytes = torn.nextSeq === undefined && firstSeqOf(scan) === undefined ? 0 : torn.offset;
    nextSeq = torn.nextSeq;
  }
  if (scan.header.state === 'newer') {
    throw new TickloomError(
      'tape-newer',
      `${name} is a tape of version ${scan.header.version}; this program reads version 1. Use the newer program.`,
      { subject: name },
    );
  }
  const kept = holes.filter((hole) => hole.offset < goodBytes);
  if (nextSeq === undefined && firstSeqOf(scan) !== undefined) {
    return { goodBytes: Math.min(SEGMENT_HEADER_BYTES, segment.bytes), nextSeq: firstSeqOf(scan), holes: kept };
  }
  return { goodBytes, nextSeq, holes: kept };
}

function firstSeqOf(scan: SegmentScan): number | undefined {
  return scan.header.state === 'ok' ? scan.header.firstSeq : undefined;
}

async function cut(files: FileSystem, directory: string, segment: SegmentInfo, length: number): Promise<TornTail> {
  const name = segmentName(segment.number);
  const path = join(directory, name);
  const tornDirectory = join(directory, 'torn');
  await files.makeDirectory(tornDirectory);
  const bytes = segment.bytes - length;
  const keptIn = join(tornDirectory, `${name}.${length}-${segment.bytes}`);
  if ((await files.sizeOf(keptIn)) !== undefined) await files.remove(keptIn);
  const from = await files.open(path, 'write');
  try {
    const to = await files.open(keptIn, 'create');
    try {
      await copyBytes(from, length, to, bytes);
      await to.datasync();
    } finally {
      await to.close();
    }
    await files.syncDirectory(tornDirectory);
    if (length > 0) {
      await from.truncate(length);
      await from.datasync();
    }
  } finally {
    await from.close();
  }
  if (length === 0) {
    await files.remove(path);
    await files.syncDirectory(directory);
  }
  return { segment: name, offset: length, bytes, keptIn };
}

/** A crash between creating a segment and writing its header leaves an empty file. */
async function removeEmpty(files: FileSystem, directory: string, segment: SegmentInfo): Promise<void> {
  const path = join(directory, segmentName(segment.number));
  if ((await files.sizeOf(path)) === undefined) return;
  await files.remove(path);
  await files.syncDirectory(directory);
}

async function copyBytes(from: OpenFile, start: number, to: OpenFile, length: number): Promise<void> {
  const buffer = new Uint8Array(Math.min(length, 1_048_576));
  let done = 0;
  while (done < length) {
    const got = await from.read(buffer.subarray(0, Math.min(buffer.length, length - done)), start + done);
    if (got === 0) return;
    await writeFully(to, buffer.subarray(0, got), done);
    done += got;
  }
}

/** Names in a directory, none where it does not exist. */
export async function listDirectory(files: FileSystem, path: string): Promise<readonly string[]> {
  return files.list(path).catch((error: unknown) => {
    throw storageError('list', path, error);
  });
}

/** A failed file operation as a coded error for people: what was tried, on which file, what the system said. */
export function storageError(what: string, path: string, cause: unknown): TickloomError {
  if (cause instanceof TickloomError) return cause;
  const code = systemCode(cause);
  const hints: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full; free some space',
    EDQUOT: 'the disk quota is used up; free some space',
    EACCES: 'the directory may not be written by this user',
    EPERM: 'the directory may not be written by this user',
    EROFS: 'the file system is read-only; choose another --data-dir',
    ENOTDIR: 'a part of the path is a file, not a directory',
    EEXIST: 'a file is in the way',
    EIO: 'the disk reports an input/output error',
  };
  const hint =
    (code === undefined ? undefined : hints[code]) ?? (cause instanceof Error ? cause.message : String(cause));
  return new TickloomError('storage', `Cannot ${what} ${path}: ${hint}${code === undefined ? '' : ` (${code})`}.`, {
    subject: path,
    cause,
  });
}
