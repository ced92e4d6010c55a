import { normaliseSymbol, parseTimeframe } from '../../model/index.ts';
import type { ApiContext, InstrumentFacts } from '../api-context.ts';
import { fieldProblem, ProblemError } from '../problem.ts';

/** The instrument that a caller means. @throws 400 for no symbol, 404 for one that is not in this run. */
export function findInstrument(context: ApiContext, text: string): InstrumentFacts {
  const symbol = normaliseSymbol(text);
  const instrument = context.instrument(symbol);
  if (instrument !== undefined) return instrument;
  const detail = `${symbol} is not in this run; GET /api/v1/symbols lists what is.`;
  throw new ProblemError(404, 'unknown_symbol', detail, { errors: [{ pointer: '/symbol', detail }] });
}

/** The timeframe that a caller means, canonical. @throws 400 naming the allowed ones. */
export function findTimeframe(text: string | undefined, allowed: readonly string[]): string {
  const timeframe = text === undefined ? defaultTimeframe(allowed) : parseTimeframe(text).text;
  if (allowed.includes(timeframe)) return timeframe;
  const detail = `There are no ${timeframe} data in this run; allowed: ${allowed.join(', ')}.`;
  throw fieldProblem('/timeframe', 'unknown_timeframe', detail);
}

function defaultTimeframe(allowed: readonly string[]): string {
  return allowed.includes('1m') ? '1m' : (allowed[0] ?? '1m');
}
