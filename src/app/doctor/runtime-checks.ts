import { formatMicros } from '../../base/index.ts';
import { systemClock } from '../../host/index.ts';
import { isSafeSqlite, MIN_SQLITE_VERSION, sqliteVersion } from '../../stores/index.ts';
import { type Check, type Finding, failed, ok } from './check.ts';

const SECTION = 'runtime';
const OLDEST_NODE = 26;
/** No machine runs this program before it was written. */
const EARLIEST_US = Date.UTC(2026, 0, 1) * 1_000;

/** Local times that follow from rules which a runtime without full time zone data gets wrong. */
const ZONE_FACTS = [
  { zone: 'America/New_York', utc: '2026-01-15T12:00:00Z', local: '07:00' },
  { zone: 'America/New_York', utc: '2026-07-15T12:00:00Z', local: '08:00' },
  { zone: 'Asia/Kolkata', utc: '2026-07-15T12:00:00Z', local: '17:30' },
] as const;

export const RUNTIME_CHECKS: readonly Check[] = [
  { id: 'runtime.node', section: SECTION, look: node },
  { id: 'runtime.sqlite', section: SECTION, look: sqlite },
  { id: 'runtime.time-zones', section: SECTION, look: timeZones },
  { id: 'runtime.clock', section: SECTION, look: clock },
];

function node(): Finding {
  const { node: version } = process.versions;
  const what = `Node ${version} on ${process.platform}-${process.arch}`;
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return ok(what);
  return failed(what, `Install Node ${OLDEST_NODE} or newer, or the optional dependencies (npm install).`);
}

function sqlite(): Finding {
  const version = sqliteVersion();
  if (isSafeSqlite(version)) return ok(`SQLite ${version}`);
  return failed(
    `SQLite ${version} can damage a WAL database`,
    `Use a Node with SQLite ${MIN_SQLITE_VERSION} or newer.`,
  );
}

function timeZones(): Finding {
  for (const { zone, utc, local } of ZONE_FACTS) {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
    const found = format.format(Date.parse(utc));
    if (found === local) continue;
    return failed(`${utc} is ${found} in ${zone}, not ${local}`, 'Use a Node that is built with full ICU data.');
  }
  return ok(`time zone data ${process.versions.tz ?? 'present'}`);
}

function clock(): Finding {
  const nowUs = systemClock.nowUs();
  const now = formatMicros(Math.floor(nowUs / 1_000_000) * 1_000_000);
  if (nowUs < EARLIEST_US) return failed(`the clock says ${now}`, 'Set the clock of this machine (NTP).');
  return ok(now);
}
