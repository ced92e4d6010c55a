import { TickloomError } from '../base/index.ts';
import { type EventBatch, Universe } from '../model/index.ts';
import { readText } from './byte-source.ts';
import { CsvCursor } from './csv-cursor.ts';
import type { InputFile } from './input-file.ts';
import { CursorMerge, type MergeInput } from './merge-cursors.ts';
import { ParquetCursor } from './parquet-cursor.ts';
import type { RowCursor } from './row-cursor.ts';

export interface ReadFilesOptions {
  readonly files: readonly InputFile[];
  /** Receives instruments and texts; what it knows already is not guessed again. */
  readonly universe: Universe;
  readonly onProgress?: (progress: ReadProgress) => void;
}

export interface ReadProgress {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly events: number;
}

/** Files probed at the start stay open up to this number; further ones are opened again when their time comes. */
const KEPT_OPEN = 32;

/**
 * The rows of the files as events, in order of (receive time, position of the file, row). Rows that cannot be read
 * come as Malformed events; damage that makes a file untrustworthy ends the stream with an error. What was given out
 * before then came from sound bytes, but is not the whole: run {@link verifyFiles} first where that must not be seen.
 */
export async function* readFiles(options: ReadFilesOptions): AsyncGenerator<EventBatch> {
  const { files, universe, onProgress } = options;
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const inputs: MergeInput[] = [];
  const kept = new Set<RowCursor>();
  try {
    for (const file of files) {
      const input = await probe(file, universe, kept);
      if (input !== undefined) inputs.push(input);
    }
    const merge = new CursorMerge(inputs);
    let events = 0;
    for await (const batch of merge.batches()) {
      events += batch.length;
      yield batch;
      onProgress?.({ bytes: Math.min(merge.bytesRead, totalBytes), totalBytes, events });
    }
  } finally {
    for (const cursor of kept) await cursor.close();
  }
}

/** Reads the first rows of a file to know when it begins. */
async function probe(file: InputFile, universe: Universe, kept: Set<RowCursor>): Promise<MergeInput | undefined> {
  const cursor = await openCursor(file, universe);
  if (!(await cursor.load())) {
    await cursor.close();
    return undefined;
  }
  const firstRecvUs = cursor.batch.tsRecvUs[0] as number;
  if (kept.size < KEPT_OPEN) {
    kept.add(cursor);
    return {
      firstRecvUs,
      open: async () => {
        kept.delete(cursor);
        return cursor;
      },
    };
  }
  await cursor.close();
  return { firstRecvUs, open: () => reopen(file, universe) };
}

async function reopen(file: InputFile, universe: Universe): Promise<RowCursor> {
  const cursor = await openCursor(file, universe);
  if (await cursor.load()) return cursor;
  await cursor.close();
  throw new TickloomError('bad-file', `${file.path} changed while it was read.`, { subject: file.path });
}

function openCursor(file: InputFile, universe: Universe): Promise<RowCursor> {
  return file.format === 'parquet' ? ParquetCursor.open(file, universe) : CsvCursor.open(file, universe);
}

/**
 * Looks at every file before anything is done with the first: headers and, for packed files, every byte down to the
 * checksum, so that a damaged file is found while nothing is imported yet. Costs one unpacking.
 * @throws TickloomError `bad-file`, `bad-header` or `storage` naming the file; UsageError where a flag is missing.
 */
export async function verifyFiles(
  files: readonly InputFile[],
  onProgress?: (progress: { readonly bytes: number; readonly totalBytes: number }) => void,
): Promise<void> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  for (const file of files) {
    const cursor = await openCursor(file, new Universe());
    await cursor.close();
    if (file.format === 'csv.gz') {
      const count = { bytes: 0 };
      for await (const _chunk of readText(file, count)) onProgress?.({ bytes: before + count.bytes, totalBytes });
    }
    before += file.bytes;
    onProgress?.({ bytes: before, totalBytes });
  }
}
