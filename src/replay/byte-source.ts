import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TickloomError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import type { InputFile } from './input-file.ts';

const CHUNK_BYTES = 524_288;
const BOMB_FROM_BYTES = 64 * 1_024 * 1_024;
const BOMB_RATIO = 100;

/** Bytes read from disk so far, for progress. */
export interface ByteCount {
  bytes: number;
}

/**
 * The text of a CSV file in chunks, unpacked where it is packed. Unpacking runs off this thread, a chunk ahead.
 * @throws TickloomError `bad-file` for a damaged, truncated or implausibly inflating gzip file; `storage` for a failing disk.
 */
export async function* readText(file: InputFile, count: ByteCount): AsyncGenerator<Uint8Array> {
  const raw = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  raw.on('data', (chunk) => {
    count.bytes += chunk.length;
  });
  if (file.format === 'csv') {
    try {
      yield* raw;
    } catch (error) {
      throw readError(file.path, error);
    }
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let unpacked = 0;
  // A failure of either stream destroys the other one and comes out of the loop below.
  pipeline(raw, gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) {
      const bytes = chunk as Uint8Array;
      unpacked += bytes.length;
      if (unpacked > BOMB_FROM_BYTES && unpacked > BOMB_RATIO * count.bytes) throw bombError(file.path);
      yield bytes;
    }
    if (gunzip.bytesWritten < file.bytes) throw trailingError(file.path, file.bytes - gunzip.bytesWritten);
  } catch (error) {
    throw readError(file.path, error);
  } finally {
    raw.destroy();
    gunzip.destroy();
  }
}

function bombError(path: string): TickloomError {
  return new TickloomError(
    'bad-file',
    `${path} inflates more than ${BOMB_RATIO}:1 after ${BOMB_FROM_BYTES / 1_048_576} MiB; it was not read further.`,
    { subject: path },
  );
}

function trailingError(path: string, bytes: number): TickloomError {
  return new TickloomError('bad-file', `${path} has ${bytes} bytes behind the end of its gzip data.`, {
    subject: path,
  });
}

function readError(path: string, error: unknown): TickloomError {
  if (error instanceof TickloomError) return error;
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code?.startsWith('Z_') === true) {
    return new TickloomError('bad-file', `${path} is no sound gzip file: ${message}.`, { subject: path, cause: error });
  }
  return new TickloomError('storage', `${path} cannot be read: ${message}.`, { subject: path, cause: error });
}
