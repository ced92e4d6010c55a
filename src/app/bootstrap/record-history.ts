import { type Log, systemClock } from '../../host/index.ts';
import { EventBatch, EventKind } from '../../model/index.ts';
import { type OpenRun, openRun } from '../live/open-run.ts';
import { writeRunSnapshot } from '../live/run-snapshot.ts';
import type { ActionContext } from '../options.ts';
import { type BootstrapReport, makeReport } from './bootstrap-report.ts';
import { type HistoryWork, type OpenProvider, startsOf } from './history-job.ts';
import { type Woven, weaveBars } from './weave-bars.ts';

export interface RecordedHistory {
  readonly woven: Woven;
  readonly report: BootstrapReport;
}

/** Takes fetched bars in, as a run of its own: onto the tape, through the engine, into the stores. */
export async function recordHistory(
  context: ActionContext,
  work: HistoryWork,
  providers: readonly OpenProvider[],
  log: Log,
  onBars: (bars: number) => void,
): Promise<RecordedHistory> {
  const run = await openRun(context, log);
  try {
    const refused = new Map<string, Set<number>>();
    run.attach({
      onReject: (batch, row) => {
        if (batch.kind[row] !== EventKind.SourceBar) return;
        const symbol = run.universe.symbol(batch.symbol[row] as number);
        const starts = refused.get(symbol) ?? new Set<number>();
        starts.add(batch.tsEventUs[row] as number);
        refused.set(symbol, starts);
      },
    });
    for (const { adapter } of providers) for (const each of adapter.instruments()) run.universe.add(each);
    const files = work.staged.list();
    const stored = startsOf((query) => run.history.read('bars', query));
    const woven = await weaveBars({
      engine: run.pipeline.engine,
      settings: run.settings,
      universe: run.universe,
      calendars: run.pipeline.engine.parts.calendars,
      stores: run.stores,
      staged: work.staged,
      stored,
      take: async (batch) => {
        if (run.recorder?.isFull === true) await run.recorder.ready();
        if (run.stores.isBehind) await run.stores.drain();
        run.recorder?.append(batch);
        run.meter.receive(batch);
        run.pipeline.engine.handle(batch);
      },
      signal: context.stop,
      onBars,
    });
    if (!context.stop.aborted) letTimePass(run, work.job.toUs);
    await run.recorder?.flush();
    await run.stores.flush();
    if (!context.stop.aborted) for (const file of files) work.staged.remove(file);
    return { woven, report: await makeReport(work, stored, refused, woven) };
  } finally {
    await endRun(run);
  }
}

/** The coarser bars that ended with the history close on time, which passes by an event. */
function letTimePass(run: OpenRun, toUs: number): void {
  const { engine } = run.pipeline;
  const atUs = toUs + engine.parts.closeDelayUs;
  if (engine.nowUs >= atUs) return;
  const tick = new EventBatch(1);
  tick.begin(EventKind.Tick, -1, engine.universe.sources.intern('host'), atUs, atUs);
  run.recorder?.append(tick);
  run.meter.receive(tick);
  engine.handle(tick);
}

/** Ends a run that had no source: the tape first, then the stores, a snapshot, and the mark that it ended. */
async function endRun({ id, recorder, pipeline, stores, meter }: OpenRun): Promise<void> {
  try {
    if (recorder === undefined || recorder.isHalted) return;
    const digest = pipeline.digest.hex();
    recorder.mark(id, digest);
    await recorder.flush();
    await stores.flush();
    await recorder.snapshot(recorder.lastSeq, writeRunSnapshot(pipeline.engine, meter));
    recorder.cover(recorder.lastSeq);
    await recorder.runs.end(id, { endedUs: systemClock.nowUs(), lastSeq: recorder.lastSeq, digest });
  } finally {
    await stores.close();
    await recorder?.close();
  }
}
