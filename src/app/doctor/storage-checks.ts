import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatMicros, TickloomError } from '../../base/index.ts';
import { nodeFileSystem, systemClock, systemCode } from '../../host/index.ts';
import { Universe } from '../../model/index.ts';
import { DataLock, RunsCatalogue, readTape, type TapeHole, tapeDirectory } from '../../recorder/index.ts';
import { checkSqliteFile, LakeStore } from '../../stores/index.ts';
import type { ActionContext } from '../options.ts';
import { storePath } from '../replay-input.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './check.ts';

const SECTION = 'storage';
const MIB = 1_048_576;
const LOW_BYTES = 2_048 * MIB;
const FULL_BYTES = 100 * MIB;
/** A stored time this far ahead of the clock is no jitter. */
const SKEW_US = 5_000_000;
const START_FIX = 'Start tickloom once: it recovers by itself.';

export const STORAGE_CHECKS: readonly Check[] = [
  { id: 'storage.directory', section: SECTION, look: directory },
  { id: 'storage.space', section: SECTION, look: space },
  { id: 'storage.in-use', section: SECTION, look: inUse },
  { id: 'storage.tape', section: SECTION, look: tape },
  { id: 'storage.clock', section: SECTION, look: storedTimes },
  { id: 'storage.sqlite', section: SECTION, look: sqlite },
  { id: 'storage.lake', section: SECTION, look: lake },
  { id: 'storage.lake-files', section: SECTION, look: strayFiles },
];

/** The data directory, or the nearest folder above it that exists. */
function nearestFolder(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

async function directory({ config }: ActionContext): Promise<Finding> {
  const path = config.data_dir;
  const folder = nearestFolder(path);
  const isThere = folder === resolve(path);
  const fix = 'Make it writable, or choose another with --data-dir.';
  if (!statSync(folder).isDirectory()) return failed(`${folder} is no folder`, fix);
  try {
    await rmdir(await mkdtemp(join(folder, '.tickloom-doctor-')));
  } catch (error) {
    return failed(`${folder} is not writable (${systemCode(error)})`, fix);
  }
  return ok(isThere ? `${path} is writable` : `${path} will be made at the first start`);
}

function space({ config }: ActionContext): Finding {
  const { bavail, bsize } = statfsSync(nearestFolder(config.data_dir));
  const free = bavail * bsize;
  const detail = `${(free / MIB / 1_024).toFixed(1)} GiB free`;
  if (free < FULL_BYTES) return failed(detail, 'Make room: recording halts when the disk is full.');
  return free < LOW_BYTES ? warning(detail, 'Make room, or set recorder.max_tape_mb.') : ok(detail);
}

function inUse({ config }: ActionContext): Finding {
  if (!existsSync(join(config.data_dir, 'tickloom.lock'))) return skipped('nothing has written to it yet');
  try {
    DataLock.acquire(config.data_dir).release();
    return ok('no other tickloom writes to it');
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    if (error.code === 'data-dir-locked') return ok('a tickloom is running on it');
    return failed(error.message, 'Make the data directory writable, or choose another with --data-dir.');
  }
}

async function tape({ config }: ActionContext): Promise<Finding> {
  const dataDir = config.data_dir;
  if (!existsSync(tapeDirectory(dataDir))) return skipped('no tape is recorded yet');
  const run = (await new RunsCatalogue(nodeFileSystem, tapeDirectory(dataDir)).list()).at(-1);
  if (run === undefined) return skipped('no run is recorded yet');
  const holes: TapeHole[] = [];
  let events = 0;
  const options = { dataDir, universe: new Universe(), fromSeq: run.firstSeq };
  for await (const batch of readTape({ ...options, onHole: (hole) => void holes.push(hole) })) events += batch.length;
  const [hole] = holes;
  const detail = `latest run ${run.id} (${run.state}): ${events} events from ${run.firstSeq}`;
  if (hole === undefined) return ok(`${detail}, no hole`);
  return failed(
    `${detail}; ${holes.length} holes, the first at ${hole.fromSeq} (${hole.segment}: ${hole.reason})`,
    'Restore the segment from a backup if there is one; the rest of the tape is readable.',
  );
}

/** A clock that was set back shows as stored times that lie ahead. */
async function storedTimes({ config }: ActionContext): Promise<Finding> {
  if (!existsSync(tapeDirectory(config.data_dir))) return skipped('no tape to compare the clock with');
  const runs = await new RunsCatalogue(nodeFileSystem, tapeDirectory(config.data_dir)).list();
  const newestUs = Math.max(...runs.map((run) => run.endedUs ?? run.startedUs));
  if (!Number.isFinite(newestUs)) return skipped('no run to compare the clock with');
  const aheadUs = newestUs - systemClock.nowUs();
  if (aheadUs <= SKEW_US) return ok(`the clock is past the last recorded run (${formatMicros(newestUs)})`);
  return warning(
    `the last recorded run is ${Math.round(aheadUs / 1_000_000)} s ahead of the clock`,
    'Set the clock of this machine (NTP), or wait: new events may not go behind recorded ones.',
  );
}

function sqlite({ config }: ActionContext): Finding {
  const path = storePath(config.data_dir);
  if (!existsSync(path)) return skipped('no database yet');
  try {
    checkSqliteFile(path);
    return ok(`${path} is sound (${(statSync(path).size / MIB).toFixed(1)} MiB)`);
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    return failed(error.message, `Move ${path} away. ${START_FIX}`);
  }
}

async function lake({ config }: ActionContext): Promise<Finding> {
  if (!existsSync(join(config.data_dir, 'lake-meta'))) return skipped('no lake yet');
  try {
    const store = await LakeStore.openForReading(config.data_dir);
    try {
      const { manifests, missing } = store.state();
      if (missing[0] !== undefined) {
        return failed(
          `${missing.length} files are missing, the first ${missing[0]}`,
          `Restore them, or move lake and lake-meta away. ${START_FIX}`,
        );
      }
      for (const kind of ['bars', 'trades', 'quotes'] as const) await store.symbols(kind);
      const parts = manifests.reduce((sum, manifest) => sum + manifest.parts.length, 0);
      const rows = manifests.reduce((sum, manifest) => sum + manifest.rows, 0);
      return ok(`${rows} rows in ${parts} files, readable`);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    return failed(error.message, `Restore it, or move lake and lake-meta away. ${START_FIX}`);
  }
}

/** Other programs read the lake's folders as they are: one stray file breaks them. */
function strayFiles({ config }: ActionContext): Finding {
  const root = join(config.data_dir, 'lake');
  if (!existsSync(root)) return skipped('no lake yet');
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const strays = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.parquet'));
  const [stray] = strays;
  if (stray === undefined) return ok('nothing but Parquet files');
  return warning(
    `${strays.length} files that are no Parquet, the first ${join(stray.parentPath, stray.name)}`,
    'Move them out: pandas, polars and DuckDB stumble over them.',
  );
}
