import { formatMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, PollProtocol, Refusal, RowOutlet } from '../adapter.ts';
import { ExchangeDays } from '../exchange-days.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus, retryAfter } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const INTERVALS: readonly (readonly [lengthUs: number, interval: string])[] = [
  [US_PER_MINUTE, '1min'],
  [5 * US_PER_MINUTE, '5min'],
  [15 * US_PER_MINUTE, '15min'],
  [30 * US_PER_MINUTE, '30min'],
  [US_PER_HOUR, '1h'],
  [US_PER_DAY, '1day'],
];
/** Rows of one answer at most. */
const PAGE = 5_000;
/** Minute bars of a round of polling: those that came since the last, with room for a missed round or two. */
const POLLED_ROWS = 5;

/** Bars, of several symbols in one request. */
export class TwelvedataRest implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = INTERVALS.map(([lengthUs]) => lengthUs);
  readonly everyMs = 60_000;
  readonly maxSymbols: number;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly days = new ExchangeDays();

  /** @param maxSymbols of one request, so that its credits do not pass those of a minute. */
  constructor(rows: ProviderRows, symbols: SymbolMap, headers: Readonly<Record<string, string>>, maxSymbols: number) {
    this.rows = rows;
    this.symbols = symbols;
    this.headers = headers;
    this.maxSymbols = maxSymbols;
  }

  /** Walks forward in stretches of as many bars as an answer may hold. */
  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const interval = INTERVALS.find(([length]) => length === lengthUs)?.[1];
    if (interval === undefined) {
      throw new UsageError(`twelvedata has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const theirs = this.symbols.provider(range.symbol);
    const endUs = Math.min(range.toUs as number, (range.fromUs as number) + PAGE * lengthUs);
    const query = {
      symbol: theirs,
      interval,
      start_date: civil(range.fromUs as number),
      end_date: civil(endUs - US_PER_SECOND),
      timezone: 'UTC',
      order: 'asc',
      outputsize: PAGE,
    };
    return {
      request: { path: '/time_series', query, headers: this.headers, cost: 1 },
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body !== undefined) this.series(theirs, body, lengthUs, recvUs, out);
        return endUs < (range.toUs as number) ? this.bars({ ...range, fromUs: endUs }, lengthUs) : undefined;
      },
    };
  }

  query(symbols: readonly string[]): HistoryQuery {
    const theirs = symbols.map((symbol) => this.symbols.provider(symbol));
    const query = {
      symbol: theirs.join(','),
      interval: '1min',
      timezone: 'UTC',
      order: 'asc',
      outputsize: POLLED_ROWS,
    };
    return {
      request: { path: '/time_series', query, headers: this.headers, cost: theirs.length },
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body === undefined) return undefined;
        const [first = ''] = theirs;
        // The shape follows from the number of symbols that were asked for.
        if (theirs.length === 1) this.series(first, body, US_PER_MINUTE, recvUs, out);
        else for (const each of theirs) this.ofBatch(each, body[each], recvUs, out);
        return undefined;
      },
    };
  }

  private ofBatch(theirs: string, part: unknown, recvUs: number, out: RowOutlet): void {
    if (isObject(part)) this.series(theirs, part, US_PER_MINUTE, recvUs, out);
    else out.reject('unknown-shape', 'a batch without one of its symbols', theirs);
  }

  private series(theirs: string, body: JsonObject, lengthUs: number, recvUs: number, out: RowOutlet): void {
    if (isNoData(body)) return;
    const error = refusalOf(body);
    if (error !== undefined) {
      out.control({ type: 'error', ...error });
      return;
    }
    if (!Array.isArray(body.values)) {
      out.reject('unknown-shape', 'a series without values', JSON.stringify(body));
      return;
    }
    const symbol = this.rows.instrument(theirs);
    const values = body.values as readonly unknown[];
    values.forEach((value, i) => {
      const next = values[i + 1];
      // A date that comes twice near the turn of a session: the newer row counts.
      if (isObject(value) && isObject(next) && value.datetime === next.datetime) return;
      if (!isObject(value) || !this.bar(symbol, value, lengthUs, recvUs, out)) {
        out.reject('bad-row', 'value', JSON.stringify(value));
      }
    });
  }

  private bar(symbol: number, value: JsonObject, lengthUs: number, recvUs: number, out: RowOutlet): boolean {
    const { universe } = this.rows;
    const zone = lengthUs === US_PER_DAY ? this.days.zoneOf(universe.instrument(symbol)) : 'UTC';
    const bar = {
      startUs: this.days.instantOf(value.datetime, zone),
      lengthUs,
      open: numberOf(value.open),
      high: numberOf(value.high),
      low: numberOf(value.low),
      close: numberOf(value.close),
      volume: numberOf(value.volume),
      vwap: Number.NaN,
      trades: Number.NaN,
    };
    return this.rows.bar(out, symbol, bar, recvUs);
  }
}

function civil(us: number): string {
  return formatMicros(us).slice(0, 19).replace('T', ' ');
}

/** Nothing in the asked stretch: an empty answer, not a failure. */
function isNoData(body: JsonObject): boolean {
  return body.code === 400 && typeof body.message === 'string' && body.message.startsWith('No data is available');
}

/** Errors are told in the body, with the status or with 200; names of parameters stand between stars. */
function refusalOf(body: JsonObject): Refusal | undefined {
  if (typeof body.code !== 'number' || body.status !== 'error') return undefined;
  const code = String(body.code);
  const message = String(body.message ?? '').replaceAll('**', '');
  if (body.code === 429) return { code, message, remedy: /\bday\b|daily/i.test(message) ? 'spent' : 'wait' };
  if (body.code === 401) return { code, message, remedy: 'stop' };
  if (body.code >= 500) return { code, message, remedy: 'retry' };
  return { code, message, remedy: body.code === 404 || body.code === 403 ? 'symbol' : 'stop' };
}

export function twelvedataRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  if (body !== undefined && isNoData(body)) return undefined;
  const refusal = body === undefined ? undefined : refusalOf(body);
  if (refusal !== undefined) return refusal.remedy === 'wait' ? { ...refusal, ...untilNextMinute(answer) } : refusal;
  return answer.status === 200 ? undefined : refusalOfStatus(answer, undefined);
}

/** Credits come back with the minute of the clock. */
function untilNextMinute(answer: HttpAnswer): { readonly retryAfterMs?: number } {
  const nowMs = Date.parse(answer.headers.date ?? '');
  if (answer.headers['retry-after'] !== undefined || Number.isNaN(nowMs)) return retryAfter(answer);
  return { retryAfterMs: 60_000 - (nowMs % 60_000) };
}
