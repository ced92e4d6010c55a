import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { DataLock } from '../recorder/index.ts';

/**
 * Makes the data directory where it is missing, and keeps every other writer out of it.
 * @throws TickloomError `storage` when it can not be made, `data-dir-locked` when another process writes to it.
 */
export function openDataDirectory(path: string): DataLock {
  makeDataDirectory(path);
  return DataLock.acquire(path);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
  ENOENT: 'this file system takes no folders',
};

/**
 * Folder by folder, because a recursive `mkdir` says ENOENT for a read-only disk and never ends below `/proc`.
 * @throws TickloomError `storage` saying why it can not be made.
 */
export function makeDataDirectory(path: string): void {
  const missing: string[] = [];
  try {
    for (let folder = resolve(path); statSync(folder, { throwIfNoEntry: false }) === undefined; ) {
      missing.push(folder);
      folder = dirname(folder);
    }
    for (const folder of missing.reverse()) makeFolder(folder);
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'EEXIST' });
  } catch (error) {
    const code = systemCode(error);
    const reason = (code === undefined ? undefined : REASONS[code]) ?? String(error);
    throw new TickloomError(
      'storage',
      `The data directory ${path} can not be made: ${reason} (${code ?? 'unknown'}).`,
      {
        subject: path,
        cause: error,
      },
    );
  }
}

/** Another process may make it at the same moment. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
