import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TickloomError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { storageError } from './tape-directory.ts';

/** A process that was just killed may hold its lock for a moment longer. */
const WAIT_MS = 2_000;

/**
 * Keeps a data directory to one writing process. The lock is an operating-system lock on `tickloom.lock` (an empty
 * SQLite database held in an exclusive transaction), so that it ends with its process however that ends; a number in
 * a file would outlive a killed process and, in a container where every process is number 1, never look stale.
 * `tickloom.pid` only tells people who holds it.
 */
export class DataLock {
  private readonly database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** @throws TickloomError `data-dir-locked` naming the holder, `storage` when the directory cannot be written. */
  static acquire(dataDir: string): DataLock {
    const path = join(dataDir, 'tickloom.lock');
    const pidPath = join(dataDir, 'tickloom.pid');
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(dataDir, { recursive: true });
      database = new DatabaseSync(path);
      database.exec(`PRAGMA busy_timeout = ${WAIT_MS}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE`);
      writeFileSync(pidPath, `${process.pid}\n`);
      return new DataLock(database);
    } catch (error) {
      database?.close();
      if (isBusy(error)) throw lockedError(dataDir, pidPath, error);
      throw storageError('lock', path, systemReason(dataDir, error));
    }
  }

  release(): void {
    if (this.database.isOpen) this.database.close();
  }
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === 5;
}

function lockedError(dataDir: string, pidPath: string, cause: unknown): TickloomError {
  let holder = '';
  try {
    holder = ` (process ${readFileSync(pidPath, 'utf8').trim()})`;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') holder = ' (its process number cannot be read)';
  }
  return new TickloomError(
    'data-dir-locked',
    `The data directory ${dataDir} is in use by another tickloom${holder}. Stop it, or choose another --data-dir.`,
    { subject: dataDir, cause },
  );
}

/**
 * SQLite hides why a file cannot be opened; a system call on a file beside it says so. On the lock file itself it would
 * do harm: closing any handle of a file ends all locks that the process holds on it.
 */
function systemReason(dataDir: string, error: unknown): unknown {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return error;
  const probe = join(dataDir, 'tickloom.lock.probe');
  try {
    writeFileSync(probe, '');
    unlinkSync(probe);
    return error;
  } catch (reason) {
    return reason;
  }
}
