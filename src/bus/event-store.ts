import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { TickloomError } from '../base/index.ts';
import type { BusEvent, EventDraft, EventQuery } from './event-draft.ts';
import { CHAIN_START, type ChainLink } from './signal-chain.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, channel TEXT NOT NULL, type TEXT NOT NULL, symbol TEXT, timeframe TEXT, at INTEGER NOT NULL,
  statement INTEGER, pattern TEXT, status TEXT, level TEXT, origin TEXT NOT NULL, identity TEXT NOT NULL,
  body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS events_by_channel ON events (channel, id);
CREATE INDEX IF NOT EXISTS events_by_symbol ON events (symbol, channel, id);
CREATE INDEX IF NOT EXISTS events_by_statement ON events (statement, type);
CREATE TABLE IF NOT EXISTS signal_chain (
  seq INTEGER PRIMARY KEY, event INTEGER NOT NULL, record TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;
const VERSION = 1;
/** The file has one writer, which can not wait long for whoever looks into it with a tool. */
const BUSY_MS = 250;

/** Rows above the bound at which the oldest go: one deletion for many events. */
const SLACK = 1_000;

export interface EventStoreOptions {
  /** Folder and name of the file, for example `<data>/events.db`; `:memory:` keeps nothing. */
  readonly path: string;
  /** Events kept (policy `drop-oldest`, counted). The chained signal log is never cut. */
  readonly maxEvents: number;
}

/** An event with what it is filed under, ready to be written. */
export interface EventRecord {
  readonly id: number;
  readonly draft: EventDraft;
  readonly origin: string;
  readonly text: string;
  readonly link: ChainLink | undefined;
}

interface Row {
  readonly id: number;
  readonly channel: string;
  readonly type: string;
  readonly symbol: string | null;
  readonly timeframe: string | null;
  readonly at: number;
  readonly pattern: string | null;
  readonly status: string | null;
  readonly level: string | null;
  readonly body: string;
}

const COLUMNS = 'id, channel, type, symbol, timeframe, at, pattern, status, level, body';

/**
 * The persisted event log in one SQLite file (WAL). It is written on the caller's thread, one transaction for all that
 * was published since the last: an event is in the file before a client reads it, so that a killed process has
 * told nobody what it would tell again under another id.
 */
export class EventStore {
  private readonly database: DatabaseSync;
  private readonly maxEvents: number;
  private readonly insertEvent: StatementSync;
  private readonly insertLink: StatementSync;
  private readonly byStatement: StatementSync;
  private count: number;
  private droppedCount = 0;

  /** @throws TickloomError `events-unusable`, `events-newer` */
  constructor(options: EventStoreOptions) {
    this.maxEvents = options.maxEvents;
    this.database = open(options.path);
    this.insertEvent = this.database.prepare('INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)');
    this.insertLink = this.database.prepare('INSERT INTO signal_chain VALUES (?,?,?,?)');
    this.byStatement = this.database.prepare(
      'SELECT id, origin, identity FROM events WHERE statement = ? AND type = ? ORDER BY id DESC LIMIT 1',
    );
    this.count = this.number('SELECT COUNT(*) AS value FROM events');
  }

  /** Opens an existing file to read it beside its writer. */
  static openForReading(path: string): DatabaseSync {
    return explained(path, () => {
      const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
      try {
        database.prepare('SELECT seq FROM signal_chain LIMIT 1').get();
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  get size(): number {
    return this.count;
  }

  /** Events that went because the bound was reached. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** Id of the newest event; 0 for none. */
  get lastId(): number {
    return this.number('SELECT COALESCE(MAX(id), 0) AS value FROM events');
  }

  /** The highest statement that was published; 0 for none. */
  get lastStatement(): number {
    return this.number('SELECT COALESCE(MAX(statement), 0) AS value FROM events');
  }

  /** The least id from which on nothing is missing. */
  get completeFromId(): number {
    return Number(this.meta('complete_from') ?? 0);
  }

  /** The last link of the signal log. */
  lastLink(): { readonly seq: number; readonly hash: string } {
    const row = this.database.prepare('SELECT seq, hash FROM signal_chain ORDER BY seq DESC LIMIT 1').get();
    return row === undefined ? { seq: 0, hash: CHAIN_START } : { seq: Number(row['seq']), hash: String(row['hash']) };
  }

  meta(key: string): string | undefined {
    const row = this.database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? undefined : String(row['value']);
  }

  setMeta(key: string, value: string): void {
    this.database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }

  /** The newest event of a statement. */
  find(
    statement: number,
    type: string,
  ): { readonly id: number; readonly origin: string; readonly identity: string } | undefined {
    return this.byStatement.get(statement, type) as { id: number; origin: string; identity: string } | undefined;
  }

  /** Ids of the newest events that are statements, by type and identity. */
  newestIdentities(limit: number): Map<string, number> {
    const sql = 'SELECT id, type, identity FROM events WHERE statement IS NOT NULL ORDER BY id DESC LIMIT ?';
    const rows = this.database.prepare(sql).all(limit) as unknown as { id: number; type: string; identity: string }[];
    return new Map(rows.reverse().map(({ id, type, identity }) => [`${type} ${identity}`, id]));
  }

  /** Writes all of them or none. */
  write(records: readonly EventRecord[]): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      for (const record of records) this.insert(record);
      this.database.exec('COMMIT');
    } catch (error) {
      // A full disk can end the transaction by itself; a second ROLLBACK would hide the first error.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
    this.count += records.length;
    if (this.count > this.maxEvents + Math.min(SLACK, this.maxEvents)) this.prune();
  }

  private insert({ id, draft, origin, text, link }: EventRecord): void {
    this.insertEvent.run(
      id,
      draft.channel,
      draft.type,
      draft.symbol ?? null,
      draft.timeframe ?? null,
      draft.atUs,
      draft.statement ?? null,
      draft.pattern ?? null,
      draft.status ?? null,
      draft.level ?? null,
      origin,
      draft.identity,
      text,
    );
    if (link !== undefined) this.insertLink.run(link.seq, id, link.record, link.hash);
  }

  private prune(): void {
    const surplus = this.count - this.maxEvents;
    const lastGone = this.number(`SELECT id AS value FROM events ORDER BY id LIMIT 1 OFFSET ${surplus - 1}`);
    this.setMeta('complete_from', String(lastGone + 1));
    this.database.prepare('DELETE FROM events WHERE id <= ?').run(lastGone);
    this.count -= surplus;
    this.droppedCount += surplus;
  }

  /** Events of some channels with an id above `id`, ascending. */
  readAfter(id: number, channels: readonly string[], limit: number): BusEvent[] {
    return eventsAfter(this.database, id, channels, limit);
  }

  /** Newest first. */
  read(query: EventQuery): BusEvent[] {
    const conditions = ['channel = ?'];
    const values: (string | number)[] = [query.channel];
    const add = (condition: string, value: string | number | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    add('symbol = ?', query.symbol);
    add('timeframe = ?', query.timeframe);
    add('pattern = ?', query.pattern);
    add('status = ?', query.status);
    add('level = ?', query.level);
    add('at >= ?', query.fromUs);
    add('at < ?', query.toUs);
    add('id < ?', query.beforeId);
    const sql = `SELECT ${COLUMNS} FROM events WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
    return (this.database.prepare(sql).all(...values, query.limit) as unknown as Row[]).map(busEvent);
  }

  /** One event by its id, or the newest of a statement by its number. */
  event(id: number): BusEvent | undefined {
    return eventOf(this.database, id);
  }

  links(): Iterable<ChainLink> {
    return chainLinks(this.database);
  }

  close(): void {
    this.database.close();
  }

  private number(sql: string): number {
    return Number(this.database.prepare(sql).get()?.['value'] ?? 0);
  }
}

/** One event by its id, or the newest of a statement by its number. Numbers of statements are far below event ids. */
export function eventOf(database: DatabaseSync, id: number): BusEvent | undefined {
  const sql = `SELECT ${COLUMNS} FROM events WHERE id = ? OR statement = ? ORDER BY id DESC LIMIT 1`;
  const row = database.prepare(sql).get(id, id) as unknown as Row | undefined;
  return row === undefined ? undefined : busEvent(row);
}

/** Events of some channels with an id above `id`, ascending. */
export function eventsAfter(
  database: DatabaseSync,
  id: number,
  channels: readonly string[],
  limit: number,
): BusEvent[] {
  const marks = channels.map(() => '?').join(', ');
  const sql = `SELECT ${COLUMNS} FROM events WHERE id > ? AND channel IN (${marks}) ORDER BY id LIMIT ?`;
  return (database.prepare(sql).all(id, ...channels, limit) as unknown as Row[]).map(busEvent);
}

/** The links of the signal log in order. */
export function chainLinks(database: DatabaseSync): Iterable<ChainLink> {
  const statement = database.prepare('SELECT seq, record, hash FROM signal_chain ORDER BY seq');
  return statement.iterate() as unknown as Iterable<ChainLink>;
}

function busEvent(row: Row): BusEvent {
  return {
    id: row.id,
    channel: row.channel,
    type: row.type,
    symbol: row.symbol ?? undefined,
    timeframe: row.timeframe ?? undefined,
    atUs: row.at,
    pattern: row.pattern ?? undefined,
    status: row.status ?? undefined,
    level: row.level ?? undefined,
    text: row.body,
  };
}

function open(path: string): DatabaseSync {
  return explained(path, () => {
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (found > VERSION) {
        const message = `${path} has tables of version ${found}; this program knows up to ${VERSION}. Use the newer program.`;
        throw new TickloomError('events-newer', message, { subject: path });
      }
      database.exec(TABLES);
      database.exec(`PRAGMA user_version = ${VERSION}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function explained<Value>(path: string, body: () => Value): Value {
  try {
    return body();
  } catch (cause) {
    if (cause instanceof TickloomError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${path}: the event log can not be used (${detail}). Move it away to begin a new one; its signal log goes with it.`;
    throw new TickloomError('events-unusable', message, { subject: path, cause });
  }
}
