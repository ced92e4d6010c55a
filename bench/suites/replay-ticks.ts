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
  const whole: Taken[] = [];
  const unstored: Taken[] = [];
  const engineOnly: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    whole.push(await runCommand(paths, []));
    unstored.push(await runCommand(paths, ['--no-store']));
    engineOnly.push(await engineRate(paths));
  }
  const unit = 'ticks/s';
  const of = (taken: readonly Taken[], value: (each: Taken) => number): number => median(taken.map(value));
  const goal = 'the first goal, 1 M ticks/s';
  report.more(of(whole, rateOf), unit, `${goal}: CSV.gz to features and stores, wall clock`, GOAL);
  report.more(of(whole, mainRateOf), unit, `${goal}: the same, CPU time of the main thread`, GOAL);
  report.more(of(unstored, rateOf), unit, `${goal}: CSV.gz to features, nothing stored, wall clock`, GOAL);
  report.more(median(engineOnly), unit, `${goal}: engine alone, ticks in memory, CPU time`, GOAL);
  const mainMs = of(whole, ({ cpu }) => cpu.mainMs);
  const allMs = of(whole, ({ cpu }) => cpu.allMs);
  const events = whole[0]?.events ?? 0;
  report.note(
    `${events} ticks with stores: ${Math.round(mainMs)} ms of CPU time on the main thread and ${Math.round(allMs)} ms on all threads, start included`,
  );
  return report;
}

const run = promisify(execFile);

interface Taken {
  readonly events: number;
  readonly wallMs: number;
  readonly cpu: { readonly mainMs: number; readonly allMs: number };
}

function rateOf({ events, wallMs }: Taken): number {
  return (events * 1_000) / wallMs;
}

function mainRateOf({ events, cpu }: Taken): number {
  return (events * 1_000) / cpu.mainMs;
}

async function runCommand(paths: readonly string[], flags: readonly string[]): Promise<Taken> {
  const directory = mkdtempSync(join(tmpdir(), 'tickloom-replay-'));
  try {
    const watch = new URL('../cpu-at-exit.ts', import.meta.url).href;
    const launcher = join(REPOSITORY, 'bin', 'tickloom.mjs');
    const args = ['--import', watch, launcher, 'replay', ...paths, '--data-dir', directory, '--json', ...flags];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: directory });
    const report = JSON.parse(stdout) as { readonly events: number; readonly wall_ms: number };
    const cpu = JSON.parse(/^cpu-at-exit (.*)$/m.exec(stderr)?.[1] ?? '') as Taken['cpu'];
    return { events: report.events, wallMs: report.wall_ms, cpu };
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
