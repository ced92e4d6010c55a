import { UsageError } from '../base/index.ts';
import { systemClock } from '../host/index.ts';
import { readMarks, type TapeHole } from '../recorder/index.ts';
import { Progress } from './cli/progress.ts';
import { readRunSnapshot } from './live/run-snapshot.ts';
import type { ActionContext, VerifyOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { findRun, type ReplayInput, replayInput } from './replay-input.ts';
import { verifyPrefix } from './verify-prefix.ts';
import { verifySignals } from './verify-signals.ts';

/** Prefixes run on a tape when nothing else is said. */
const PREFIXES = 12;

/** What `tickloom verify --run ID --json` prints. */
interface RunReport {
  readonly run: string;
  readonly events: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly duplicates: number;
  /** Missing or unreadable ranges of the tape; each is named in `hole_ranges`. */
  readonly holes: number;
  readonly hole_ranges: readonly {
    readonly from_seq: number;
    readonly to_seq: number | null;
    readonly reason: string;
  }[];
  readonly digest: string;
  /** Whether the replay came to every digest that the run recorded; a run killed before its first mark recorded none. */
  readonly digest_ok: boolean;
  /** Where the digest was compared: the run's end, or the last mark of a run that was killed; null without any. */
  readonly compared_at_seq: number | null;
  readonly state: string;
}

/** Proves that a recorded run replays to the same outputs, or that no output of a tape depends on its future. */
export async function runVerify(context: ActionContext, options: VerifyOptions): Promise<number> {
  if (options.signals) return verifySignals(context, options);
  if (options.head !== undefined) throw new UsageError('verify: --head goes with --signals.', { subject: '--head' });
  if (options.prefix || options.paths.length > 0) return verifyTape(context, options);
  const report = await verifyRun(context, options.run ?? 'latest');
  const isSound = report.digest_ok && report.duplicates === 0 && report.holes === 0;
  if (options.json) context.stdout.write(`${JSON.stringify(report)}\n`);
  else printRun(context, report);
  return isSound ? 0 : 1;
}

async function verifyRun(context: ActionContext, id: string): Promise<RunReport> {
  const dataDir = context.config.data_dir;
  const run = await findRun(dataDir, id);
  const input = await replayInput([`run:${run.id}`], context.config, {});
  const marks = await marksOf(dataDir, run.id);
  const end =
    run.digest !== undefined && run.lastSeq !== undefined ? { seq: run.lastSeq, digest: run.digest } : marks.at(-1);
  const replayed = await replayRun(context, input, end?.seq);
  return {
    run: run.id,
    ...replayed.counts,
    digest: replayed.digestAtEnd ?? replayed.digest,
    digest_ok: end === undefined || replayed.digestAtEnd === end.digest,
    compared_at_seq: end?.seq ?? null,
    state: run.state,
  };
}

async function marksOf(
  dataDir: string,
  runId: string,
): Promise<readonly { readonly seq: number; readonly digest: string }[]> {
  const marks: { seq: number; digest: string }[] = [];
  for await (const mark of readMarks({ dataDir, onHole: () => undefined })) if (mark.runId === runId) marks.push(mark);
  return marks;
}

interface Replayed {
  readonly counts: Pick<RunReport, 'events' | 'first_seq' | 'last_seq' | 'duplicates' | 'holes' | 'hole_ranges'>;
  readonly digest: string;
  /** The digest right after the event that the run's own digest belongs to. */
  readonly digestAtEnd: string | undefined;
}

async function replayRun(context: ActionContext, input: ReplayInput, endSeq: number | undefined): Promise<Replayed> {
  const universe = input.newUniverse();
  const pipeline = new Pipeline(input.settings, universe);
  if (input.start !== undefined) readRunSnapshot(input.start, pipeline.engine);
  const progress = new Progress('verify', context.stderr, () => systemClock.monotonicMs());
  const holes: Pick<TapeHole, 'fromSeq' | 'toSeq' | 'reason'>[] = [];
  let [events, firstSeq, lastSeq, duplicates] = [0, 0, 0, 0];
  let digestAtEnd: string | undefined =
    endSeq !== undefined && endSeq < (input.run?.firstSeq ?? 0) ? pipeline.digest.hex() : undefined;
  for await (const batch of input.open(
    universe,
    (state) => progress.update(state),
    (hole) => holes.push(hole),
  )) {
    for (let row = 0; row < batch.length; row++) {
      const seq = batch.seq[row] as number;
      if (firstSeq === 0) firstSeq = seq;
      else if (seq <= lastSeq) duplicates++;
      else if (seq > lastSeq + 1 && holes.length === 0) {
        holes.push({ fromSeq: lastSeq + 1, toSeq: seq - 1, reason: 'missing' });
      }
      lastSeq = Math.max(lastSeq, seq);
      events++;
    }
    const cut = endSeq === undefined ? -1 : rowsThrough(batch.seq, batch.length, endSeq);
    if (digestAtEnd !== undefined || cut <= 0 || cut > batch.length || lastSeq < (endSeq as number)) {
      pipeline.engine.handle(batch);
      continue;
    }
    pipeline.engine.handle(batch, 0, cut);
    digestAtEnd = pipeline.digest.hex();
    pipeline.engine.handle(batch, cut);
  }
  progress.done({ fraction: 1, detail: `${events} events` });
  return {
    counts: {
      events,
      first_seq: events === 0 ? null : firstSeq,
      last_seq: events === 0 ? null : lastSeq,
      duplicates,
      holes: holes.length,
      hole_ranges: holes.map(({ fromSeq, toSeq, reason }) => ({ from_seq: fromSeq, to_seq: toSeq ?? null, reason })),
    },
    digest: pipeline.digest.hex(),
    digestAtEnd,
  };
}

/** How many rows at the head of a batch lie at or before a sequence number. */
function rowsThrough(seqs: Float64Array, length: number, endSeq: number): number {
  let rows = 0;
  while (rows < length && (seqs[rows] as number) <= endSeq) rows++;
  return rows;
}

function printRun(context: ActionContext, report: RunReport): void {
  const compared =
    report.compared_at_seq === null ? 'was killed before it recorded a digest' : 'replays to the same outputs';
  const verdict = report.digest_ok ? compared : 'DOES NOT replay to the same outputs';
  context.stdout.write(
    [
      `run ${report.run} (${report.state}): ${report.events} events, seq ${report.first_seq ?? '-'} to ${report.last_seq ?? '-'}`,
      `duplicates ${report.duplicates}, holes ${report.holes}`,
      `${verdict}: digest ${report.digest}, compared at seq ${report.compared_at_seq ?? '-'}`,
      '',
    ].join('\n'),
  );
}

async function verifyTape(context: ActionContext, options: VerifyOptions): Promise<number> {
  if (options.run !== undefined && options.paths.length > 0) {
    throw new UsageError('verify: give paths or --run, not both.', { subject: '--run' });
  }
  const paths = options.paths.length > 0 ? options.paths : [`run:${options.run ?? 'latest'}`];
  const input = await replayInput(paths, context.config, options);
  await input.check();
  const progress = new Progress('verify', context.stderr, () => systemClock.monotonicMs());
  const report = await verifyPrefix(
    { newUniverse: () => input.newUniverse(), open: (universe) => input.open(universe), start: input.start },
    input.settings,
    {
      prefixes: PREFIXES,
      plantLeak: options.plantLeak,
      onProgress: (done, total) => progress.update({ fraction: done / total, detail: `${done}/${total} prefixes` }),
    },
  );
  const holds = report.differing === 0 && report.restoresDiffering === 0;
  progress.done({ fraction: 1, detail: `${report.prefixes}/${report.prefixes} prefixes` });
  const document = {
    prefix_ok: holds,
    events: report.events,
    prefixes: report.prefixes,
    differing: report.differing,
    first_differing_at: report.firstDifferingAt ?? null,
    restores_differing: report.restoresDiffering,
    leak_planted: options.plantLeak,
    digest: report.digest,
  };
  if (options.json) context.stdout.write(`${JSON.stringify(document)}\n`);
  else {
    const verdict = holds ? 'no output depends on what came after it' : 'OUTPUTS DEPEND ON THE FUTURE';
    context.stdout.write(
      `${report.events} events, ${report.prefixes} prefixes and restored snapshots: ${verdict}` +
        ` (${report.differing} prefixes and ${report.restoresDiffering} restored runs differ)\ndigest ${report.digest}\n`,
    );
  }
  return holds ? 0 : 1;
}
