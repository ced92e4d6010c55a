import { readReport } from '../bootstrap/bootstrap-report.ts';
import type { ActionContext } from '../options.ts';
import { type Check, type Finding, ok, skipped, warning } from './check.ts';

/** Symbols that are named one by one. */
const MAX_NAMED = 5;

export const HISTORY_CHECKS: readonly Check[] = [{ id: 'history.complete', section: 'history', look: complete }];

/** What the newest look at the stored history found. */
function complete({ config }: ActionContext): Finding {
  const report = readReport(config.data_dir);
  if (report === undefined) return skipped('no history has been fetched yet');
  const { timeframe, from, to, expected, present, missing_by_reason: byReason, symbols, at } = report;
  const reasons = Object.entries(byReason).map(([reason, bars]) => `${reason} ${bars}`);
  const lacking = symbols.filter((each) => each.present < each.expected).map(({ symbol }) => symbol);
  const names = `${lacking.slice(0, MAX_NAMED).join(', ')}${lacking.length > MAX_NAMED ? ', …' : ''}`;
  const missing = reasons.length === 0 ? '' : `; missing: ${reasons.join(', ')} (${names})`;
  const detail = `${present} of ${expected} expected ${timeframe} bars of ${from} to ${to} at ${at}${missing}`;
  if (report.state === 'complete') return ok(detail);
  return warning(detail, 'Run tickloom bootstrap again: it goes on where it was.');
}
