import type { BootstrapStatus } from '../../api/index.ts';
import { type Log, systemClock } from '../../host/index.ts';
import { type EventBatch, EventKind } from '../../model/index.ts';
import type { OpenRun } from '../live/open-run.ts';
import type { ActionContext } from '../options.ts';
import { keepReport, makeReport, readReport } from './bootstrap-report.ts';
import { checkIsBuilt, historyTimeframe } from './history-choice.ts';
import { HistoryWork, type OpenProvider, startsOf } from './history-job.ts';
import { type Woven, weaveBars } from './weave-bars.ts';

export interface LiveBootstrapParts {
  readonly context: ActionContext;
  readonly run: OpenRun;
  readonly providers: readonly OpenProvider[];
  readonly log: Log;
  /** Records a batch and gives it to the engine. */
  take(batch: EventBatch): Promise<void>;
  /** Ends the run: an event could not be recorded or handled. */
  fail(error: unknown): void;
}

/**
 * History for a run that collects: what is missing is fetched beside the live events, with the part of the plan that
 * they leave. A first start waits a little, so that the bars that have come by then warm its features up; the others go
 * to the stores. What a provider refuses is told and does not end the run.
 */
export class LiveBootstrap {
  private readonly parts: LiveBootstrapParts;
  private readonly refused = new Map<string, Set<number>>();
  private work: HistoryWork | undefined;
  private fetching: Promise<void> = Promise.resolve();
  private state: BootstrapStatus['state'] = 'off';
  private error: string | null = null;
  private woven: Woven = { recorded: 0, backfilled: 0 };
  private done: Promise<void> = Promise.resolve();
  private report: BootstrapStatus['report'] | undefined;

  constructor(parts: LiveBootstrapParts) {
    this.parts = parts;
  }

  /** Starts fetching where it is wanted; on a first start brings what comes soon to the engine, before the live events. */
  async begin(signal: AbortSignal): Promise<void> {
    const { context, providers } = this.parts;
    const { bootstrap, clock } = context.config;
    // Where the clock follows the events, the machine's present means nothing.
    if (!bootstrap.on_start || clock !== 'wall') return;
    const able = providers.filter(({ adapter }) => adapter.history?.bars !== undefined);
    if (able.length === 0) return;
    await this.guarded(async () => {
      const waited = new AbortController();
      // Where something is refused, waiting would only put off what the live stream has to say about it.
      this.work = this.plan(able, () => waited.abort());
      this.state = 'fetching';
      const { run } = this.parts;
      const isFirst = run.pipeline.engine.events === 0;
      this.fetching = this.work.fetch(this.stored(), signal);
      // Noted here; told where it is waited for.
      this.fetching.catch(() => undefined);
      if (!isFirst) return;
      const sleeping = systemClock.sleep(bootstrap.wait_s * 1_000, AbortSignal.any([signal, waited.signal]));
      await Promise.race([this.fetching, sleeping]);
      waited.abort();
      await this.weave(signal);
    });
  }

  /** Goes on beside the live events until all is there or `signal` is aborted. */
  goOn(signal: AbortSignal): void {
    const { work } = this;
    if (work === undefined || this.state === 'failed') return;
    this.done = this.guarded(async () => {
      await this.fetching;
      if (signal.aborted) return;
      this.state = 'storing';
      await this.weave(signal);
      await this.parts.run.stores.flush();
      const report = await makeReport(work, this.stored(), this.refused, this.woven);
      keepReport(this.parts.context.config.data_dir, report);
      this.report = report;
      this.state = 'done';
      const { expected, present } = report;
      this.parts.log.info('history_done', `history: ${present} of ${expected} expected bars are stored`, {
        missing: report.missing_by_reason,
      });
    });
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    await this.done;
    await this.fetching.catch(() => undefined);
  }

  status(): BootstrapStatus {
    const { progress } = this.work ?? {};
    this.report ??= readReport(this.parts.context.config.data_dir) ?? null;
    return {
      state: this.state,
      error: this.error,
      ranges_done: progress?.pieces ?? 0,
      ranges_total: progress?.piecesTotal ?? 0,
      bars: progress?.bars ?? 0,
      report: this.report,
    };
  }

  private plan(providers: readonly OpenProvider[], onFailed: () => void): HistoryWork {
    const { context, run, log } = this.parts;
    const { config } = context;
    const timeframe = historyTimeframe(config.bootstrap.timeframe, providers);
    checkIsBuilt(timeframe, config.bars.timeframes);
    return new HistoryWork({
      dataDir: config.data_dir,
      providers,
      universe: run.universe,
      calendars: run.pipeline.engine.parts.calendars,
      log,
      timeframe,
      days: config.bootstrap.days,
      isBackground: true,
      onFailed,
    });
  }

  private stored() {
    const { history } = this.parts.run;
    return startsOf((query) => history.read('bars', query));
  }

  /** Takes in what has been fetched so far. */
  private async weave(signal: AbortSignal): Promise<void> {
    const { work } = this;
    if (work === undefined || signal.aborted) return;
    const { run, take, fail } = this.parts;
    const files = work.staged.list();
    if (files.length === 0) return;
    const { recorded, backfilled } = await weaveBars({
      engine: run.pipeline.engine,
      settings: run.settings,
      universe: run.universe,
      calendars: run.pipeline.engine.parts.calendars,
      stores: run.stores,
      staged: work.staged,
      stored: this.stored(),
      take: async (batch) => {
        const { nowUs } = run.pipeline.engine;
        for (let row = 0; row < batch.length; row++) {
          if ((batch.tsRecvUs[row] as number) < nowUs) batch.tsRecvUs[row] = nowUs;
        }
        await take(batch).catch((error: unknown) => {
          fail(error);
          throw error;
        });
      },
      onReject: (batch, row) => this.noteRefused(batch, row),
      signal,
    });
    this.woven = { recorded: this.woven.recorded + recorded, backfilled: this.woven.backfilled + backfilled };
    await run.recorder?.flush();
    await run.stores.flush();
    if (!signal.aborted) for (const file of files) work.staged.remove(file);
  }

  private noteRefused(batch: EventBatch, row: number): void {
    if (batch.kind[row] !== EventKind.SourceBar) return;
    const symbol = this.parts.run.universe.symbol(batch.symbol[row] as number);
    const starts = this.refused.get(symbol) ?? new Set<number>();
    starts.add(batch.tsEventUs[row] as number);
    this.refused.set(symbol, starts);
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.state = 'failed';
      this.error = error instanceof Error ? error.message : String(error);
      this.parts.log.warn('history_failed', this.error, { component: 'bootstrap' });
    }
  }
}
