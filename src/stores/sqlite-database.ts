import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TickloomError } from '../base/index.ts';
import { migrate } from './sqlite-schema.ts';

/** The version of SQLite in this runtime. */
export function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  const version = database.prepare('SELECT sqlite_version() AS version').get()?.['version'];
  database.close();
  return String(version);
}

/**
 * Opens the database for writing: WAL, synchronous NORMAL (the rows are derived and can be rebuilt from the tape; a
 * process kill loses nothing committed, a power cut at most the last commits). A file that was not closed properly is
 * checked before it is used.
 * @throws TickloomError `store-locked`, `store-corrupt`, `store-readonly`, `store-full`, `store-newer`.
 */
export function openForWriting(path: string, busyTimeoutMs: number): DatabaseSync {
  return explained(path, () => {
    const wasUnclean = existsSync(`${path}-wal`);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384');
      if (wasUnclean) requireSound(database, path, 'quick_check');
      migrate(database, path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Opens the database for reading beside its writer. */
export function openForReading(path: string): DatabaseSync {
  return explained(path, () => new DatabaseSync(path, { readOnly: true, timeout: 5_000 }));
}

/**
 * Checks the whole file (`PRAGMA integrity_check`), as the doctor does.
 * @throws TickloomError `store-corrupt` and the others of {@link openForWriting}.
 */
export function checkSqliteFile(path: string): void {
  explained(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      requireSound(database, path, 'integrity_check');
    } finally {
      database.close();
    }
  });
}

function requireSound(database: DatabaseSync, path: string, check: 'quick_check' | 'integrity_check'): void {
  const verdict = database.prepare(`PRAGMA ${check}(1)`).get()?.[check];
  if (verdict === 'ok') return;
  throw new TickloomError('store-corrupt', `${path} is damaged: ${String(verdict)}. ${REBUILD}`, { subject: path });
}

const REBUILD = 'Move it away; it is built again from the tape at the next start.';
const BUSY = 5;
const READ_ONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** Runs `body` and turns SQLite's failures into coded errors that name the file and what to do. */
export function explained<Value>(path: string, body: () => Value): Value {
  try {
    return body();
  } catch (cause) {
    const extended = (cause as { errcode?: unknown } | null)?.errcode;
    if (typeof extended !== 'number') throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    const fail = (code: string, message: string): never => {
      throw new TickloomError(code, message, { subject: path, cause });
    };
    switch (extended & 255) {
      case BUSY:
        return fail(
          'store-locked',
          `${path} is locked: another program writes to it. Stop that one, or use another --data-dir.`,
        );
      case READ_ONLY:
        return fail('store-readonly', `${path} can not be written: the file or its folder is read-only.`);
      case CORRUPT:
      case NOT_A_DATABASE:
        return fail('store-corrupt', `${path} is damaged or no SQLite database (${detail}). ${REBUILD}`);
      case FULL:
        return fail('store-full', `${path} can not grow: the disk is full.`);
      case CANT_OPEN:
        return fail('store-readonly', `${path} can not be opened: the folder is missing or not writable.`);
      case IO:
        return fail('store-io', `${path}: the disk reports a failure (${detail}).`);
      default:
        return fail('store-failed', `${path}: ${detail}.`);
    }
  }
}

export type { DatabaseSync, StatementSync };
