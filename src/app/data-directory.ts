import { mkdirSync } from 'node:fs';
import { TickloomError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { DataLock } from '../recorder/index.ts';

/**
 * Makes the data directory where it is missing, and keeps every other writer out of it.
 * @throws TickloomError `storage` when it can not be made, `data-dir-locked` when another process writes to it.
 */
export function openDataDirectory(path: string): DataLock {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new TickloomError('storage', `The data directory ${path} can not be made (${systemCode(error)}).`, {
      subject: path,
      cause: error,
    });
  }
  return DataLock.acquire(path);
}
