import { type FileSystem, writeFully } from '../host/index.ts';

/** Creates a file with `bytes`, synced to the disk but not yet its directory entry. Removes what it began on a failure. */
export async function createDurably(
  files: FileSystem,
  path: string,
  produce: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<number> {
  const file = await files.open(path, 'create');
  let position = 0;
  try {
    await produce(async (bytes) => {
      await writeFully(file, bytes, position);
      position += bytes.length;
    });
    await file.datasync();
  } catch (error) {
    await file.close().catch(ignoreSecondFailure);
    await files.remove(path).catch(ignoreSecondFailure);
    throw error;
  }
  await file.close();
  return position;
}

/** Replaces a small file as a whole: temporary file in `staging`, fsync, rename, fsync of the directory. */
export async function replaceDurably(
  files: FileSystem,
  staging: string,
  directory: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = `${staging}/${name}.new`;
  if ((await files.sizeOf(temporary)) !== undefined) await files.remove(temporary);
  await createDurably(files, temporary, (write) => write(bytes));
  await files.rename(temporary, `${directory}/${name}`);
  await files.syncDirectory(directory);
}

/** For cleaning up behind a failure: the first error is the one to tell, and what stays is removed at the next open. */
function ignoreSecondFailure(): void {}
