/** Version of the tables, in the file's `user_version`. */
export const TABLES_VERSION = 1;

/** Times are microseconds since 1970: `at` of alerts and cool-downs engine time, all others the machine's. */
export const ALERT_TABLES = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (name TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cool_downs (
  rule TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (rule, subject)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
  id TEXT NOT NULL UNIQUE, event INTEGER NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL,
  symbol TEXT, at INTEGER NOT NULL, mode TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL,
  made INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS alerts_by_event ON alerts (event, rule);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY, alert TEXT NOT NULL, webhook TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
  next INTEGER NOT NULL, status INTEGER, error TEXT, latency REAL, made INTEGER NOT NULL,
  UNIQUE (alert, webhook)) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, webhook, next);
CREATE TABLE IF NOT EXISTS attempts (
  delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, at INTEGER NOT NULL, status INTEGER,
  error TEXT, latency REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS attempts_by_delivery ON attempts (delivery)
`;
