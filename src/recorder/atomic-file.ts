import { dirname } from 'node:path';
import { joinParts, lengthOf } from '../base/index.ts';
import { type FileSystem, writeFully } from '../host/index.ts';

const SMALL_BYTES = 1_048_576;

/**
 * Replaces a file as a whole by pieces one after another: stage beside it, flush, rename, flush the directory. After a crash either the old file
 * or the new one is there. A leftover `.staged` file is overwritten by the next attempt and read by nobody.
 */
export async function writeAtomically(files: FileSystem, path: string, parts: readonly Uint8Array[]): Promise<void> {
  const staged = `${path}.staged`;
  if ((await files.sizeOf(staged)) !== undefined) await files.remove(staged);
  const file = await files.open(staged, 'create');
  try {
    let position = 0;
    for (const part of joined(parts)) {
      await writeFully(file, part, position);
      position += part.length;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.rename(staged, path);
  await files.syncDirectory(dirname(path));
}

/** Small pieces are written as one: each write is a call of its own. */
function joined(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  return lengthOf(parts) <= SMALL_BYTES ? [joinParts(parts)] : parts;
}
