import { formatMicros, type Micros, parseMicros, US_PER_MS } from '../../base/index.ts';
import { fieldProblem } from '../problem.ts';

/** Times that the API talks about: from 1900 to before 2200. */
export const EARLIEST_US: Micros = Date.UTC(1900, 0) * US_PER_MS;
export const LATEST_US: Micros = Date.UTC(2200, 0) * US_PER_MS;

/** Reads `from` and `to`, half-open; what is absent is open on that side. */
export function readTimeRange(query: { readonly from?: string; readonly to?: string }): {
  readonly fromUs: Micros;
  readonly toUs: Micros;
} {
  const fromUs = query.from === undefined ? EARLIEST_US : readTime(query.from, '/from');
  const toUs = query.to === undefined ? LATEST_US : readTime(query.to, '/to');
  if (fromUs <= toUs) return { fromUs, toUs };
  throw fieldProblem(
    '/from',
    'bad_range',
    `from (${formatMicros(fromUs)}) lies after to (${formatMicros(toUs)}); a range is half-open [from, to).`,
  );
}

/** Reads a time of a query. @throws ProblemError 400 */
export function readTime(text: string, pointer: string): Micros {
  const us = /^-?\d{5,14}$/.test(text) ? Number(text) * US_PER_MS : parseMicros(text);
  if (us !== undefined && us >= EARLIEST_US && us < LATEST_US) return us;
  throw fieldProblem(
    pointer,
    'bad_time',
    'A time is RFC 3339 (2026-01-30T08:15:00Z), a date, or epoch milliseconds, from 1900 to 2199.',
  );
}
