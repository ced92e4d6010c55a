import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ReferenceDatabase } from '../stores/index.ts';

/** The file of splits and dividends in a data directory. */
export function referencePath(dataDir: string): string {
  return join(dataDir, 'reference.db');
}

/** The splits and dividends of a data directory, for reading; `undefined` where none were ever imported. */
export function readReference(dataDir: string): ReferenceDatabase | undefined {
  const path = referencePath(dataDir);
  return existsSync(path) ? ReferenceDatabase.openForReading(path) : undefined;
}
