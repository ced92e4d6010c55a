import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootstrapFindings, MissingBarsRow } from '../../api/index.ts';
import { formatMicros } from '../../base/index.ts';
import { BarLabels, completenessOf, type MissingBars, type SymbolCompleteness } from '../../collector/index.ts';
import { systemClock } from '../../host/index.ts';
import type { HistoryWork, StoredStarts } from './history-job.ts';
import type { Woven } from './weave-bars.ts';

/** Stretches listed per symbol; what is beyond them is counted in `missing_by_reason` all the same. */
const MAX_LISTED = 1_000;

/** What `tickloom bootstrap --json` prints, what is kept in `bootstrap/report.json` and what the API gives. */
export type BootstrapReport = BootstrapFindings;

/** Reasons that another run may mend. */
const OPEN: ReadonlySet<string> = new Set(['quota-spent', 'failed', 'not-fetched', 'quarantined']);

/** Compares what is stored with what the calendar expects. `refused`: starts of refused bars by symbol. */
export async function makeReport(
  work: HistoryWork,
  stored: StoredStarts,
  refused: ReadonlyMap<string, ReadonlySet<number>>,
  woven: Woven,
): Promise<BootstrapReport> {
  const { job, timeframe, ledger } = work;
  const found: SymbolCompleteness[] = [];
  for (const symbol of work.symbols) {
    const calendar = work.calendarOf(symbol);
    const labels = new BarLabels(calendar, timeframe);
    const finished = ledger.finished(symbol, timeframe.text);
    const failed = work.failed.filter((piece) => piece.symbol === symbol);
    const present = await stored(symbol, timeframe.text, job);
    const quarantined = new Set([...(refused.get(symbol) ?? [])].map((startUs) => labels.of(startUs)));
    const earlier = ledger.failures(symbol, timeframe.text);
    const input = { symbol, calendar, timeframe, range: job, present, quarantined, finished };
    found.push(completenessOf({ ...input, failed: [...earlier, ...failed] }));
  }
  const byReason: Record<string, number> = {};
  for (const { missing } of found) {
    for (const { reason, bars } of missing) byReason[reason] = (byReason[reason] ?? 0) + bars;
  }
  const sum = (of: (each: SymbolCompleteness) => number): number => found.reduce((total, each) => total + of(each), 0);
  const unreadable = work.symbols.flatMap((symbol) => ledger.finished(symbol, timeframe.text));
  return {
    at: formatMicros(systemClock.nowUs()),
    sources: job.sources,
    timeframe: timeframe.text,
    from: formatMicros(job.fromUs),
    to: formatMicros(job.toUs),
    state: Object.keys(byReason).some((reason) => OPEN.has(reason)) ? 'incomplete' : 'complete',
    expected: sum(({ expected }) => expected),
    present: sum(({ present }) => present),
    missing_by_reason: byReason,
    fetched_ranges: work.progress.pieces,
    fetched_bars: work.progress.bars,
    recorded_bars: woven.recorded,
    backfilled_bars: woven.backfilled,
    unreadable_rows: unreadable.reduce((total, piece) => total + piece.unreadable, 0),
    symbols: found.map(({ symbol, expected, present, missing }) => ({
      symbol,
      expected,
      present,
      unlisted: Math.max(0, missing.length - MAX_LISTED),
      missing: missing.slice(0, MAX_LISTED).map(entryOf),
    })),
  };
}

function entryOf({ fromUs, toUs, bars, reason, code, detail }: MissingBars): MissingBarsRow {
  const [from, to] = [formatMicros(fromUs), formatMicros(toUs)];
  return { from, to, bars, reason, code: code ?? null, detail: detail ?? null };
}

function reportPath(dataDir: string): string {
  return join(dataDir, 'bootstrap', 'report.json');
}

export function keepReport(dataDir: string, report: BootstrapReport): void {
  const path = reportPath(dataDir);
  mkdirSync(join(dataDir, 'bootstrap'), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(report));
  renameSync(`${path}.new`, path);
}

/** The newest report, `undefined` before the first. */
export function readReport(dataDir: string): BootstrapReport | undefined {
  const path = reportPath(dataDir);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BootstrapReport) : undefined;
}
