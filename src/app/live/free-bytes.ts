import { statfsSync } from 'node:fs';

/** Bytes that are free on the disk of a path; `undefined` where that can not be told. */
export function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // Not every file system tells; the API then says that it does not know.
    return undefined;
  }
}
