import { type FileSystem, type OpenFile, writeFully } from '../host/index.ts';

/** Fills a new file through `write`, whose bytes may be reused after each call. */
export type Produce = (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>;

/** A new file that is written and not yet safe; `finish` syncs and closes it. */
export interface NewFile {
  readonly bytes: number;
  readonly finish: () => Promise<void>;
}

/** Creates a file, synced to the disk but not yet its directory entry. Removes what it began on a failure. */
export async function createDurably(files: FileSystem, path: string, produce: Produce): Promise<number> {
  const file = await createUnsynced(files, path, produce);
  await file.finish();
  return file.bytes;
}

/** The first half of {@link createDurably}, so that the syncs of many files can be under way together. */
export async function createUnsynced(files: FileSystem, path: string, produce: Produce): Promise<NewFile> {
  const file = await files.open(path, 'create');
  let position = 0;
  try {
    await produce(async (bytes) => {
      await writeFully(file, bytes, position);
      position += bytes.length;
    });
  } catch (error) {
    await abandon(files, path, file);
    throw error;
  }
  return { bytes: position, finish: () => finish(files, path, file) };
}

async function finish(files: FileSystem, path: string, file: OpenFile): Promise<void> {
  try {
    await file.datasync();
  } catch (error) {
    await abandon(files, path, file);
    throw error;
  }
  await file.close();
}

async function abandon(files: FileSystem, path: string, file: OpenFile): Promise<void> {
  await file.close().catch(ignoreSecondFailure);
  await files.remove(path).catch(ignoreSecondFailure);
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
