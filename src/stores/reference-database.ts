import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Micros, TickloomError } from '../base/index.ts';
import type { ActionKind, CorporateAction } from '../model/index.ts';
import { explained, openForReading } from './sqlite-database.ts';

/** Version of the tables (`PRAGMA user_version`). */
const VERSION = 1;

const TABLES = `
  CREATE TABLE actions (
    symbol TEXT NOT NULL, kind TEXT NOT NULL, ex INTEGER NOT NULL, id TEXT NOT NULL, known INTEGER NOT NULL,
    value REAL NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (symbol, ex, kind, id, known)
  ) STRICT, WITHOUT ROWID;
`;

const PUT_ACTION = `
  INSERT INTO actions (symbol, kind, ex, id, known, value, source) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, source = excluded.source
  WHERE value <> excluded.value OR source <> excluded.source
`;

/**
 * Facts about instruments with the time at which they became known, in an SQLite file of their own: they come from
 * files and providers, not from the tape, so nothing builds this file again. Every announcement stays beside the one it
 * replaces: what was known at a time can be told for ever.
 */
export class ReferenceDatabase {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly bySymbol: StatementSync;

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.database = database;
    this.bySymbol = database.prepare('SELECT * FROM actions WHERE symbol = ? ORDER BY ex, kind, id, known');
  }

  /** Opens or creates the file. @throws TickloomError `reference-unusable`, `store-locked`, `store-full`, … */
  static open(path: string): ReferenceDatabase {
    return sound(path, () => {
      const database = new DatabaseSync(path, { timeout: 5_000 });
      try {
        // Not to be had again from the tape: a commit is on the disk when it returns.
        database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
        migrate(database, path);
        return new ReferenceDatabase(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /** Opens an existing file to read it. @throws TickloomError as {@link open}. */
  static openForReading(path: string): ReferenceDatabase {
    return sound(path, () => {
      const database = openForReading(path);
      try {
        return new ReferenceDatabase(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /** Keeps announcements, all or none; the same ones again change nothing. Gives how many were news. */
  putActions(actions: readonly CorporateAction[]): number {
    return explained(this.path, () => {
      const put = this.database.prepare(PUT_ACTION);
      let news = 0;
      this.database.exec('BEGIN IMMEDIATE');
      try {
        for (const { symbol, kind, exUs, id, knownUs, value, source } of actions) {
          news += Number(put.run(symbol, kind, exUs, id, knownUs, value, source).changes);
        }
        this.database.exec('COMMIT');
      } catch (error) {
        this.database.exec('ROLLBACK');
        throw error;
      }
      return news;
    });
  }

  /** Every announcement about a symbol, by ex-day and then by the time it became known. */
  actions(symbol: string): readonly CorporateAction[] {
    return explained(this.path, () => this.bySymbol.all(symbol)).map((row) => ({
      symbol,
      kind: row['kind'] as ActionKind,
      exUs: row['ex'] as Micros,
      value: row['value'] as number,
      knownUs: row['known'] as Micros,
      id: row['id'] as string,
      source: row['source'] as string,
    }));
  }

  close(): void {
    this.database.close();
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (found > VERSION) {
    throw new TickloomError(
      'store-newer',
      `${path} has tables of version ${found}; this program knows up to ${VERSION}. Use the newer program.`,
      { subject: path },
    );
  }
  if (found === VERSION) return;
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
}

/** Other remedies than for files that the tape makes again. */
function sound<Value>(path: string, body: () => Value): Value {
  try {
    return explained(path, body);
  } catch (cause) {
    if (!(cause instanceof TickloomError) || cause.code !== 'store-corrupt') throw cause;
    throw new TickloomError(
      'reference-unusable',
      `${path} is damaged or no SQLite database. Move it away and import the files of splits and dividends again.`,
      { subject: path, cause },
    );
  }
}
