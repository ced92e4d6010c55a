import type { DatabaseSync } from 'node:sqlite';
import { TickloomError } from '../base/index.ts';
import { type ColumnSpec, type DataKind, type DataSet, dataSets } from './data-sets.ts';

export const SQLITE_KINDS = ['bars', 'quarantine', 'gaps'] as const satisfies readonly DataKind[];

/** Version of the tables (`PRAGMA user_version`). */
const SCHEMA_VERSION = 1;

/** The oldest SQLite without the WAL-reset race that could corrupt a database. */
export const MIN_SQLITE_VERSION = '3.51.3';

/** Whether a SQLite version (`3.51.3`) is new enough. */
export function isSafeSqlite(version: string): boolean {
  const have = version.split('.').map(Number);
  const need = MIN_SQLITE_VERSION.split('.').map(Number);
  for (let i = 0; i < need.length; i++) {
    const difference = (have[i] ?? 0) - (need[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Steps from one version of the tables to the next; each runs in the transaction that opens the store. */
const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [createFirstTables];

function createFirstTables(database: DatabaseSync): void {
  const schemas = dataSets([]);
  for (const kind of SQLITE_KINDS) database.exec(tableOf(schemas[kind]));
  database.exec('CREATE INDEX quarantine_by_time ON quarantine (ts)');
  database.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
}

/**
 * Brings the tables to this version.
 * @throws TickloomError `store-newer` when the file was written by a later version of the program.
 */
export function migrate(database: DatabaseSync, path: string): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (found > SCHEMA_VERSION) {
    throw new TickloomError(
      'store-newer',
      `${path} has tables of version ${found}; this program knows up to ${SCHEMA_VERSION}. Use the newer program.`,
      { subject: path },
    );
  }
  if (found === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (let version = found; version < SCHEMA_VERSION; version++) MIGRATIONS[version]?.(database);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Keyed rows live in the key's own B-tree (WITHOUT ROWID), symbol first, so that a chart's range is one stretch of it;
 * batches are sorted by the same key before they are written, which is what keeps that order cheap.
 */
function tableOf(dataSet: DataSet): string {
  const columns = dataSet.columns.map(
    (spec) => `${quoted(spec.name)} ${sqlType(spec)}${spec.isOptional ? '' : ' NOT NULL'}`,
  );
  if (dataSet.hasTimeframe) columns.push('timeframe TEXT NOT NULL');
  if (dataSet.key.length === 0) return `CREATE TABLE ${dataSet.kind} (${columns.join(', ')}) STRICT`;
  const key = dataSet.hasTimeframe ? ['symbol', 'timeframe', ...dataSet.key.slice(1)] : dataSet.key;
  return `CREATE TABLE ${dataSet.kind} (${columns.join(', ')}, PRIMARY KEY (${key.map(quoted).join(', ')})) STRICT, WITHOUT ROWID`;
}

function sqlType(spec: ColumnSpec): string {
  if (spec.type === 'text' || spec.type === 'id') return 'TEXT';
  return spec.type === 'double' ? 'REAL' : 'INTEGER';
}

/** Quotes a column name of our own schemas (`from`, `end` are SQL words). */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
