import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TickloomError, UsageError } from '../base/index.ts';
import type { EngineSettings } from '../engine/index.ts';
import { nodeFileSystem } from '../host/index.ts';
import { type EventSource, type Instrument, Universe } from '../model/index.ts';
import {
  type RunRecord,
  RunsCatalogue,
  readTape,
  SnapshotStore,
  type TapeHole,
  tapeDirectory,
} from '../recorder/index.ts';
import { findInputFiles, type InputFile, readFiles, verifyFiles } from '../replay/index.ts';
import type { ProgressState } from './cli/progress.ts';
import { shortCount } from './cli/progress.ts';
import type { TickloomConfig } from './config/index.ts';
import { configuredUniverse, engineSettings } from './engine-config.ts';
import type { InputOptions } from './options.ts';

/** Something that can be pushed through the engine, as often as wanted. */
export interface ReplayInput {
  /** `files`: a tape that was not a live run, whose open bars close at its end. */
  readonly kind: 'files' | 'run' | 'tape';
  readonly settings: EngineSettings;
  /** Snapshot that the engine starts from. */
  readonly start: Uint8Array | undefined;
  readonly run: RunRecord | undefined;
  newUniverse(): Universe;
  /** @param onHole told of what is missing in a tape; without it a hole is an error. */
  open(universe: Universe, onProgress?: (state: ProgressState) => void, onHole?: (hole: TapeHole) => void): EventSource;
  /** Looks at everything before anything is done. @throws where the input is damaged. */
  check(): Promise<void>;
}

const RUN_PREFIX = 'run:';

/** Understands the paths of a replay: files and folders, `run:ID`, or the folder of a tape. */
export async function replayInput(
  paths: readonly string[],
  config: TickloomConfig,
  hints: InputOptions,
): Promise<ReplayInput> {
  const [first] = paths;
  if (first === undefined) throw new UsageError('a path is needed: a file, a folder, or run:ID.', { subject: 'path' });
  const single = paths.length === 1;
  if (first.startsWith(RUN_PREFIX)) {
    if (!single) throw new UsageError(`${first}: a recorded run is replayed alone.`, { subject: first });
    return runInput(config.data_dir, first.slice(RUN_PREFIX.length));
  }
  const tape = paths.map(tapeRoot).find((root) => root !== undefined);
  if (tape !== undefined) {
    if (!single) throw new UsageError(`${tape}: a tape is replayed alone.`, { subject: tape });
    return tapeInput(tape, config);
  }
  return filesInput(await findInputFiles(paths, hints), config);
}

/** The data directory of a path that is one with a tape, or the tape's own folder. */
function tapeRoot(path: string): string | undefined {
  if (!existsSync(path) || !statSync(path).isDirectory()) return undefined;
  if (existsSync(tapeDirectory(path))) return path;
  const isTape = basename(path) === 'tape' && readdirSync(path).some((name) => name.endsWith('.tape'));
  return isTape ? dirname(path) : undefined;
}

function filesInput(files: readonly InputFile[], config: TickloomConfig): ReplayInput {
  if (files.length === 0) throw new UsageError('no CSV, CSV.gz or Parquet file was found there.', { subject: 'path' });
  return {
    kind: 'files',
    settings: engineSettings(config),
    start: undefined,
    run: undefined,
    newUniverse: () => configuredUniverse(config),
    open: (universe, onProgress) =>
      readFiles({
        files,
        universe,
        onProgress: ({ bytes, totalBytes, events }) =>
          onProgress?.({ fraction: totalBytes === 0 ? 1 : bytes / totalBytes, detail: `${shortCount(events)} events` }),
      }),
    check: () => verifyFiles(files),
  };
}

/** @throws UsageError when there is no such run. */
export async function findRun(dataDir: string, id: string): Promise<RunRecord> {
  const runs = new RunsCatalogue(nodeFileSystem, tapeDirectory(dataDir));
  if (id !== 'latest' && id !== '') {
    return runs.get(id).catch((error: unknown) => {
      if (!(error instanceof TickloomError) || error.code !== 'unknown-run') throw error;
      throw new UsageError(error.message, { subject: 'run', cause: error });
    });
  }
  const latest = (await runs.list()).at(-1);
  if (latest === undefined) {
    throw new UsageError(`${dataDir} holds no recorded run; start one with: tickloom start --data-dir ${dataDir}`, {
      subject: 'run',
    });
  }
  return latest;
}

async function runInput(dataDir: string, id: string): Promise<ReplayInput> {
  const run = await findRun(dataDir, id);
  const { settings, instruments } = run.engine as { settings: EngineSettings; instruments: readonly Instrument[] };
  const snapshots = new SnapshotStore(nodeFileSystem, tapeDirectory(dataDir));
  const start = run.startSnapshot === undefined ? undefined : (await snapshots.read(run.startSnapshot)).bytes;
  return {
    kind: 'run',
    settings,
    start,
    run,
    newUniverse: () => {
      const universe = new Universe();
      for (const instrument of instruments) universe.add(instrument);
      return universe;
    },
    open: (universe, onProgress, onHole) =>
      readTape({
        dataDir,
        universe,
        fromSeq: run.firstSeq,
        ...(run.lastSeq === undefined ? {} : { toSeq: run.lastSeq }),
        onProgress: progressOf(onProgress),
        ...(onHole === undefined ? {} : { onHole }),
      }),
    check: async () => undefined,
  };
}

function tapeInput(dataDir: string, config: TickloomConfig): ReplayInput {
  return {
    kind: 'tape',
    settings: engineSettings(config),
    start: undefined,
    run: undefined,
    newUniverse: () => configuredUniverse(config),
    open: (universe, onProgress) => readTape({ dataDir, universe, onProgress: progressOf(onProgress) }),
    check: async () => undefined,
  };
}

function progressOf(onProgress: ((state: ProgressState) => void) | undefined) {
  return ({ bytes, totalBytes }: { readonly bytes: number; readonly totalBytes: number }): void =>
    onProgress?.({ fraction: totalBytes === 0 ? 1 : bytes / totalBytes, detail: `${shortCount(bytes)} bytes` });
}

/** Where the lake and the other stores of a replay lie. */
export function storePath(dataDir: string): string {
  return join(dataDir, 'tickloom.db');
}
