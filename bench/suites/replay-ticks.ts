import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_ENGINE_SETTINGS, DigestSink, Engine, fanOut } from '../../src/engine/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { findInputFiles, readFiles } from '../../src/replay/index.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { median, threadCpuMs } from '../measure.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const FOLDERS = ['IBM', 'BAC', 'SPY'];
const GOAL = 1e6;
const ROUNDS = 3;

/** Recorded trades and quotes from CSV.gz through the whole pipeline and into the stores, by the command people use. */
export async function replayTicks(): Promise<SuiteResult> {
  const report = new Report('replay.ticks');
  const data = resolve(REPOSITORY, process.env['TICKLOOM_TEST_DATA'] ?? '../shared/data');
  const paths = FOLDERS.map((folder) => join(data, 'ticks', folder));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) {
    report.skip(`no recorded ticks: ${missing} does not exist (TICKLOOM_TEST_DATA names the folder)`);
    return report;
  }
  const whole: number[] = [];
  const unstored: number[] = [];
  const engineOnly: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    whole.push(await runCommand(paths, []));
    unstored.push(await runCommand(paths, ['--no-store']));
    engineOnly.push(await engineRate(paths));
  }
  const unit = 'ticks/s';
  report.more(median(whole), unit, 'the first goal, 1 M ticks/s: CSV.gz to features and stores, wall clock', GOAL);
  report.more(median(unstored), unit, 'the same without stores, wall clock', GOAL);
  report.more(median(engineOnly), unit, 'the same from memory through the engine, CPU time of its thread', GOAL);
  return report;
}

const run = promisify(execFile);

async function runCommand(paths: readonly string[], flags: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'tickloom-replay-'));
  try {
    const launcher = join(REPOSITORY, 'bin', 'tickloom.mjs');
    const args = [launcher, 'replay', ...paths, '--data-dir', directory, '--json', ...flags];
    const { stdout } = await run(process.execPath, args, { cwd: directory });
    return (JSON.parse(stdout) as { readonly events_per_s: number }).events_per_s;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function engineRate(paths: readonly string[]): Promise<number> {
  const universe = new Universe();
  const batches: EventBatch[] = [];
  let events = 0;
  for await (const batch of readFiles({ files: await findInputFiles(paths), universe })) {
    const kept = new EventBatch(batch.length);
    kept.copyRows(batch, 0, batch.length);
    batches.push(kept);
    events += batch.length;
  }
  const engine = new Engine(DEFAULT_ENGINE_SETTINGS, universe, {});
  const { timeframes, plan } = engine.parts;
  const names = timeframes.map((timeframe) => timeframe.text);
  engine.sink = fanOut([new DigestSink(universe, names, plan.names.length)]);
  const before = threadCpuMs();
  for (const batch of batches) engine.handle(batch);
  engine.finish();
  return (events * 1_000) / (threadCpuMs() - before);
}
