import { dirname } from 'node:path';
import { type FileSystem, writeFully } from '../host/index.ts';

/**
 * Replaces a file as a whole: stage beside it, flush, rename, flush the directory. After a crash either the old file
 * or the new one is there. A leftover `.staged` file is overwritten by the next attempt and read by nobody.
 */
export async function writeAtomically(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const staged = `${path}.staged`;
  if ((await files.sizeOf(staged)) !== undefined) await files.remove(staged);
  const file = await files.open(staged, 'create');
  try {
    await writeFully(file, bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.rename(staged, path);
  await files.syncDirectory(dirname(path));
}
