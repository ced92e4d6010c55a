import { DatabaseSync } from 'node:sqlite';
import { type Micros, TickloomError } from '../base/index.ts';
import type { AlertKind, AlertLevel, AlertMode } from './alert-rule.ts';
import { ALERT_TABLES, TABLES_VERSION } from './outbox-tables.ts';
import type { RuleMemory } from './rule-desk.ts';

/** An alert that a rule made. */
export interface Alert {
  /** The same on each attempt of each webhook: the `webhook-id`. */
  readonly id: string;
  readonly eventId: number;
  readonly rule: string;
  readonly kind: AlertKind | 'test';
  readonly level: AlertLevel;
  readonly symbol: string | undefined;
  /** Engine time. */
  readonly atUs: Micros;
  readonly mode: AlertMode;
  readonly message: string;
  /** What webhooks get, as JSON. */
  readonly body: string;
}

/** `pending`: will be tried (again); `dead`: nobody tries any more; `test`: what the test button sent. */
export type DeliveryState = 'pending' | 'delivered' | 'dead' | 'test';

/** One alert on its way to one webhook. */
export interface Delivery {
  readonly id: number;
  readonly alert: string;
  readonly webhook: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Machine time of the next attempt; of the last one where there is none. */
  readonly nextUs: Micros;
  readonly status: number | null;
  readonly error: string | null;
  readonly latencyMs: number | null;
  readonly madeUs: Micros;
}

/** How one attempt ended and what follows. */
export interface AttemptRecord {
  readonly delivery: number;
  readonly atUs: Micros;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly latencyMs: number;
  readonly state: DeliveryState;
  readonly nextUs: Micros;
}

export interface OutboxOptions {
  /** Folder and name of the file; `:memory:` keeps nothing. */
  readonly path: string;
  /** Alerts kept with their deliveries once none of these is pending (policy `drop-oldest`, counted). */
  readonly maxAlerts: number;
  /** Deliveries that may wait; beyond it the oldest become dead letters (counted). */
  readonly maxPending: number;
}

const SLACK = 100;
const BUSY_MS = 250;
const DELIVERY_COLUMNS =
  'd.id, d.alert, d.webhook, d.state, d.attempts, d.next AS nextUs, d.status, d.error, d.latency AS latencyMs, d.made AS madeUs';

/**
 * Alerts, their deliveries and how far the event log was looked through, in one SQLite file (WAL). An alert and the place
 * in the log behind its event are written in one transaction: a killed process neither loses an alert nor makes it twice.
 */
export class Outbox implements RuleMemory {
  private readonly database: DatabaseSync;
  private readonly options: OutboxOptions;
  private alerts: number;
  /** Alerts that went because the bound was reached. */
  dropped = 0;
  /** Deliveries that became dead letters because too many waited. */
  overflowed = 0;

  /** @throws TickloomError `alerts-unusable`, `alerts-newer` */
  constructor(options: OutboxOptions) {
    this.options = options;
    this.database = open(options.path);
    this.alerts = this.number('SELECT COUNT(*) AS value FROM alerts');
  }

  /** Id of the last event that was looked at; undefined before the first. */
  get cursor(): number | undefined {
    const row = this.database.prepare("SELECT value FROM meta WHERE key = 'cursor'").get();
    return row === undefined ? undefined : Number(row['value']);
  }

  set cursor(eventId: number) {
    this.database.prepare("INSERT OR REPLACE INTO meta VALUES ('cursor', ?)").run(String(eventId));
  }

  /** Runs writes that belong together; all of them are kept or none. */
  together(body: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      body();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The rules that there are now: one that is new is about events behind `sinceId` only, one that went is forgotten. */
  keepRules(names: readonly string[], sinceId: number): void {
    this.together(() => {
      const marks = names.map(() => '?').join(', ');
      this.database.prepare(`DELETE FROM rules WHERE name NOT IN (${marks})`).run(...names);
      this.database.prepare(`DELETE FROM cool_downs WHERE rule NOT IN (${marks})`).run(...names);
      const insert = this.database.prepare('INSERT OR IGNORE INTO rules VALUES (?, ?)');
      for (const name of names) insert.run(name, sinceId);
    });
  }

  /** The event behind which a rule looks. */
  ruleSince(name: string): number {
    return Number(this.database.prepare('SELECT since FROM rules WHERE name = ?').get(name)?.['since'] ?? 0);
  }

  lastFiredUs(rule: string, subject: string): Micros | undefined {
    const row = this.database.prepare('SELECT at FROM cool_downs WHERE rule = ? AND subject = ?').get(rule, subject);
    return row === undefined ? undefined : Number(row['at']);
  }

  hasFired(rule: string, eventId: number): boolean {
    return this.database.prepare('SELECT 1 FROM alerts WHERE event = ? AND rule = ?').get(eventId, rule) !== undefined;
  }

  /** The alert itself is the note that a rule fired on an event. */
  fired(rule: string, subject: string, atUs: Micros): void {
    this.database.prepare('INSERT OR REPLACE INTO cool_downs VALUES (?, ?, ?)').run(rule, subject, atUs);
  }

  /** Puts an alert in, to be sent to some webhooks from `nowUs` on. One with a known id is left as it is. */
  add(alert: Alert, webhooks: readonly string[], nowUs: Micros, state: DeliveryState = 'pending'): void {
    const { id, eventId, rule, kind, level, symbol, atUs, mode, message, body } = alert;
    const insert = this.database.prepare('INSERT OR IGNORE INTO alerts VALUES (?,?,?,?,?,?,?,?,?,?,?)');
    const { changes } = insert.run(id, eventId, rule, kind, level, symbol ?? null, atUs, mode, message, body, nowUs);
    if (changes === 0) return;
    this.alerts += 1;
    const deliver = this.database.prepare(
      'INSERT INTO deliveries (alert, webhook, state, attempts, next, made) VALUES (?, ?, ?, 0, ?, ?)',
    );
    for (const webhook of webhooks) deliver.run(id, webhook, state, nowUs, nowUs);
  }

  /** Holds both bounds. */
  trim(): void {
    const surplus = this.pending - this.options.maxPending;
    if (surplus > 0) {
      const sql =
        "UPDATE deliveries SET state = 'dead', error = 'too many deliveries waited' WHERE id IN " +
        "(SELECT id FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT ?)";
      this.database.prepare(sql).run(surplus);
      this.overflowed += surplus;
    }
    if (this.alerts <= this.options.maxAlerts + SLACK) return;
    const sql =
      'DELETE FROM alerts WHERE rowid IN (SELECT a.rowid FROM alerts a WHERE NOT EXISTS ' +
      "(SELECT 1 FROM deliveries d WHERE d.alert = a.id AND d.state = 'pending') ORDER BY a.rowid LIMIT ?)";
    this.together(() => {
      const { changes } = this.database.prepare(sql).run(this.alerts - this.options.maxAlerts);
      this.database.exec('DELETE FROM deliveries WHERE alert NOT IN (SELECT id FROM alerts)');
      this.alerts -= Number(changes);
      this.dropped += Number(changes);
    });
  }

  /** Deliveries of a webhook that are due, oldest first. */
  due(webhook: string, nowUs: Micros, limit: number): { readonly delivery: Delivery; readonly body: string }[] {
    const sql =
      `SELECT ${DELIVERY_COLUMNS}, a.body FROM deliveries d JOIN alerts a ON a.id = d.alert ` +
      "WHERE d.state = 'pending' AND d.webhook = ? AND d.next <= ? ORDER BY d.next, d.id LIMIT ?";
    const rows = this.database.prepare(sql).all(webhook, nowUs, limit) as unknown as (Delivery & { body: string })[];
    return rows.map(({ body, ...delivery }) => ({ delivery, body }));
  }

  /** Notes how an attempt ended. */
  record(attempt: AttemptRecord): void {
    const { delivery, atUs, status, error, latencyMs, state, nextUs } = attempt;
    const values = [status ?? null, error ?? null, latencyMs] as const;
    this.together(() => {
      this.database
        .prepare(
          'UPDATE deliveries SET state = ?, attempts = attempts + 1, next = ?, status = ?, error = ?, latency = ? WHERE id = ?',
        )
        .run(state, nextUs, ...values, delivery);
      this.database.prepare('INSERT INTO attempts VALUES (?, ?, ?, ?, ?)').run(delivery, atUs, ...values);
    });
  }

  /** Makes dead letters of what waits for a webhook that is gone. */
  giveUp(webhook: string, error: string): void {
    this.database
      .prepare("UPDATE deliveries SET state = 'dead', error = ? WHERE webhook = ? AND state = 'pending'")
      .run(error, webhook);
  }

  /** A dead letter is tried again, under the id that it had. Returns whether there is one of that number. */
  revive(delivery: number, nowUs: Micros): boolean {
    const sql = "UPDATE deliveries SET state = 'pending', attempts = 0, next = ? WHERE id = ? AND state = 'dead'";
    return this.database.prepare(sql).run(nowUs, delivery).changes > 0;
  }

  get pending(): number {
    return this.number("SELECT COUNT(*) AS value FROM deliveries WHERE state = 'pending'");
  }

  /** Deliveries newest first, with numbers below `beforeId`. */
  deliveries(filter: {
    readonly state?: DeliveryState;
    readonly webhook?: string;
    readonly beforeId?: number;
    readonly limit: number;
  }): (Delivery & Pick<Alert, 'rule' | 'message'>)[] {
    const sql =
      `SELECT ${DELIVERY_COLUMNS}, a.rule, a.message FROM deliveries d JOIN alerts a ON a.id = d.alert ` +
      'WHERE (? IS NULL OR d.state = ?) AND (? IS NULL OR d.webhook = ?) AND d.id < ? ORDER BY d.id DESC LIMIT ?';
    const { state, webhook, beforeId, limit } = filter;
    return this.database
      .prepare(sql)
      .all(...twice(state), ...twice(webhook), beforeId ?? Number.MAX_SAFE_INTEGER, limit) as unknown as (Delivery &
      Pick<Alert, 'rule' | 'message'>)[];
  }

  /** The attempts of a delivery, in order. */
  attempts(delivery: number): {
    readonly atUs: Micros;
    readonly status: number | null;
    readonly error: string | null;
    readonly latencyMs: number;
  }[] {
    return this.database
      .prepare('SELECT at AS atUs, status, error, latency AS latencyMs FROM attempts WHERE delivery = ? ORDER BY rowid')
      .all(delivery) as unknown as {
      atUs: number;
      status: number | null;
      error: string | null;
      latencyMs: number;
    }[];
  }

  /** What rules made, by rule: how often, and when last (engine time). */
  firedByRule(): Map<string, { readonly count: number; readonly lastUs: Micros }> {
    const rows = this.database
      .prepare("SELECT rule, COUNT(*) AS count, MAX(at) AS lastUs FROM alerts WHERE kind <> 'test' GROUP BY rule")
      .all() as unknown as { rule: string; count: number; lastUs: number }[];
    return new Map(rows.map(({ rule, count, lastUs }) => [rule, { count, lastUs }]));
  }

  close(): void {
    this.database.close();
  }

  private number(sql: string): number {
    return Number(this.database.prepare(sql).get()?.['value'] ?? 0);
  }
}

/** For a condition that holds where nothing is asked for. */
function twice(value: string | undefined): readonly [string | null, string | null] {
  return [value ?? null, value ?? null];
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > TABLES_VERSION) {
      throw new TickloomError('alerts-newer', `${path} was written by a newer version of this program.`, {
        subject: path,
      });
    }
    database.exec(`${ALERT_TABLES}; PRAGMA user_version = ${TABLES_VERSION}`);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof TickloomError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TickloomError('alerts-unusable', `${path} can not be used: ${detail}.`, { subject: path, cause });
  }
}
