import { existsSync } from 'node:fs';
import { parseMicros } from '../base/index.ts';
import { Calendars } from '../calendar/index.ts';
import { createLog, type Log, systemClock } from '../host/index.ts';
import { SqliteStore } from '../stores/index.ts';
import { type BootstrapReport, keepReport, makeReport } from './bootstrap/bootstrap-report.ts';
import { checkIsBuilt, historyTimeframe } from './bootstrap/history-choice.ts';
import { HistoryWork, type OpenProvider, type StoredStarts, startsOf } from './bootstrap/history-job.ts';
import { recordHistory } from './bootstrap/record-history.ts';
import { Progress, shortCount } from './cli/progress.ts';
import { openDataDirectory } from './data-directory.ts';
import { configuredUniverse, engineSettings } from './engine-config.ts';
import { openProvider } from './live/open-source.ts';
import type { ActionContext, BootstrapOptions } from './options.ts';
import { storePath } from './replay-input.ts';

/**
 * Fetches the history that is missing, stores it and says what is still missing and why. Stopped or killed, the next
 * call goes on where it was. Status 1 where something could not be had that may be had later.
 */
export async function runBootstrap(context: ActionContext, options: BootstrapOptions): Promise<number> {
  const startedMs = systemClock.monotonicMs();
  const log = openLog(context);
  const lock = openDataDirectory(context.config.data_dir);
  let providers: readonly OpenProvider[] = [];
  try {
    const { config } = context;
    const universe = configuredUniverse(config);
    const ids = options.source === undefined ? config.source : options.source.split(',').map((id) => id.trim());
    providers = ids.map((id) => openProvider(context, id, { universe, clock: systemClock, log }));
    const timeframe = historyTimeframe(options.timeframe ?? config.bootstrap.timeframe, providers);
    checkIsBuilt(timeframe, config.bars.timeframes);
    const { calendars } = settingsOf(context);
    const toUs = options.to === undefined ? undefined : parseMicros(options.to);
    const fetching = new Progress('fetch', context.stderr, () => systemClock.monotonicMs());
    const work = new HistoryWork({
      dataDir: config.data_dir,
      providers,
      universe,
      calendars,
      log,
      timeframe,
      days: options.days ?? config.bootstrap.days,
      ...(toUs === undefined ? {} : { toUs }),
      isBackground: false,
      onProgress: (progress) => fetching.update(stateOf(progress)),
    });
    await withStored(config.data_dir, (stored) => work.fetch(stored, context.stop));
    fetching.done(stateOf(work.progress));
    lock.release();
    const report = await takeIn(context, work, providers, log);
    keepReport(config.data_dir, report);
    const wallMs = Math.round(systemClock.monotonicMs() - startedMs);
    context.stdout.write(
      options.json ? `${JSON.stringify({ ...report, wall_ms: wallMs })}\n` : sentences(report, wallMs),
    );
    if (context.stop.aborted) context.stderr.write('stopped before the end; the same command goes on from here\n');
    return report.state === 'complete' ? 0 : 1;
  } finally {
    lock.release();
    for (const { requests } of providers) await requests.close();
  }
}

/** Stores what was fetched; where nothing waits, only looks. */
async function takeIn(
  context: ActionContext,
  work: HistoryWork,
  providers: readonly OpenProvider[],
  log: Log,
): Promise<BootstrapReport> {
  const waiting = work.staged.list();
  if (waiting.length === 0 || context.stop.aborted) {
    return withStored(context.config.data_dir, (stored) =>
      makeReport(work, stored, new Map(), { recorded: 0, backfilled: 0 }),
    );
  }
  const storing = new Progress('store', context.stderr, () => systemClock.monotonicMs());
  const { report } = await recordHistory(context, work, providers, log, (bars) =>
    storing.update({ detail: `${shortCount(bars)} bars` }),
  );
  storing.done({ fraction: 1, detail: `${shortCount(report.recorded_bars + report.backfilled_bars)} bars` });
  return report;
}

function settingsOf(context: ActionContext): { readonly calendars: Calendars } {
  const calendars = new Calendars();
  for (const definition of engineSettings(context.config).calendars) calendars.define(definition, 'calendars');
  return { calendars };
}

/** Reads the stored bars, where there is a database. */
async function withStored<Value>(dataDir: string, work: (stored: StoredStarts) => Promise<Value>): Promise<Value> {
  if (!existsSync(storePath(dataDir))) return work(() => Promise.resolve(new Set()));
  const store = await SqliteStore.open({ path: storePath(dataDir) });
  try {
    return await work(startsOf((query) => store.read('bars', query)));
  } finally {
    await store.close();
  }
}

function stateOf({ pieces, piecesTotal, bars }: HistoryWork['progress']) {
  const fraction = piecesTotal === 0 ? 1 : pieces / piecesTotal;
  return { fraction, detail: `${pieces}/${piecesTotal} ranges, ${shortCount(bars)} bars` };
}

function openLog(context: ActionContext): Log {
  const { level, format } = context.config.log;
  return createLog({
    level: level === 'info' ? 'warn' : level,
    format,
    stream: context.stderr,
    useColour: context.useColour,
    secrets: [...context.secrets.values()].map((secret) => secret.reveal()),
  });
}

/** Symbols that are listed one by one. */
const MAX_LINES = 20;

function sentences(report: BootstrapReport, wallMs: number): string {
  const { sources, timeframe, from, to, expected, present, symbols } = report;
  const lines = [
    `${report.fetched_bars} bars of ${report.fetched_ranges} ranges fetched from ${sources.join(', ')} in ${(wallMs / 1_000).toFixed(1)} s`,
    `${timeframe} bars ${from} to ${to}: ${present} of ${expected} expected bars of ${symbols.length} symbols are stored`,
  ];
  for (const [reason, bars] of Object.entries(report.missing_by_reason)) lines.push(`missing, ${reason}: ${bars}`);
  const lacking = symbols.filter(({ missing }) => missing.length > 0);
  for (const { symbol, missing, unlisted } of lacking.slice(0, MAX_LINES)) {
    const [first] = missing;
    const more = missing.length + unlisted - 1;
    const code = first?.code === null ? '' : ` (${first?.code})`;
    const rest = more > 0 ? `, and ${more} more stretches` : '';
    lines.push(`  ${symbol}: ${first?.from} to ${first?.to}, ${first?.bars} bars, ${first?.reason}${code}${rest}`);
  }
  if (lacking.length > MAX_LINES) lines.push(`  and ${lacking.length - MAX_LINES} more symbols (--json has them all)`);
  return `${lines.join('\n')}\n`;
}
