import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_MS, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer, HttpRequest } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, Refusal, RowOutlet, SymbolQuestion } from '../adapter.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';
import type { PolygonFrames } from './polygon-frames.ts';

const PAGE = 50_000;
/** Tickers in one snapshot. */
const LISTED = 250;
/** Digits of a time in nanoseconds below the millisecond. */
const NS_DIGITS = 6;
const NS_PER_MS = 1_000_000;
/** Corrections of the tape: 7, 8, 10, 11 and 12 are prints that were taken back, and the records that did it. */
const TAKEN_BACK = new Set([7, 8, 10, 11, 12]);
const SPANS: readonly (readonly [lengthUs: number, multiplier: number, span: string])[] = [
  [US_PER_SECOND, 1, 'second'],
  [US_PER_MINUTE, 1, 'minute'],
  [5 * US_PER_MINUTE, 5, 'minute'],
  [15 * US_PER_MINUTE, 15, 'minute'],
  [30 * US_PER_MINUTE, 30, 'minute'],
  [US_PER_HOUR, 1, 'hour'],
  [US_PER_DAY, 1, 'day'],
];

/** Reads one row of a page; false when it lacks something. */
type ReadRow = (symbol: number, row: JsonObject, recvUs: number, out: RowOutlet) => boolean;

/** Past trades and aggregates; the next page is named by a link. */
export class PolygonHistory implements HistoryProtocol {
  readonly barLengthsUs = SPANS.map(([lengthUs]) => lengthUs);
  private readonly frames: PolygonFrames;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    frames: PolygonFrames,
    rows: ProviderRows,
    symbols: SymbolMap,
    headers: Readonly<Record<string, string>>,
  ) {
    this.frames = frames;
    this.rows = rows;
    this.symbols = symbols;
    this.headers = headers;
  }

  /** Times are cut to the milliseconds of the stream: a trade is the same whichever way it comes. */
  trades(range: HistoryRange): HistoryQuery {
    const ticker = this.symbols.provider(range.symbol);
    const query = {
      'timestamp.gte': nanosOf(Math.floor((range.fromUs as number) / US_PER_MS)),
      'timestamp.lt': nanosOf(Math.ceil((range.toUs as number) / US_PER_MS)),
      order: 'asc',
      sort: 'timestamp',
      limit: PAGE,
    };
    const path = `/v3/trades/${encodeURIComponent(ticker)}`;
    return this.pages(ticker, { path, query, headers: this.headers }, true, (symbol, row, recvUs, out) => {
      if (TAKEN_BACK.has(Number(row.correction))) return true;
      const { id, sip_timestamp, price, size, decimal_size, exchange, conditions } = row;
      const tsUs = millisOfNanos(sip_timestamp) * US_PER_MS;
      return this.frames.addTrade(symbol, id, tsUs, price, decimal_size ?? size, exchange, conditions, recvUs, out);
    });
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const found = SPANS.find(([length]) => length === lengthUs);
    if (found === undefined) {
      throw new UsageError(`polygon has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const [, multiplier, span] = found;
    const ticker = this.symbols.provider(range.symbol);
    const fromMs = Math.ceil((range.fromUs as number) / US_PER_MS);
    const toMs = Math.ceil((range.toUs as number) / US_PER_MS) - 1;
    const path = `/v2/aggs/ticker/${encodeURIComponent(ticker)}/range/${multiplier}/${span}/${fromMs}/${toMs}`;
    const query = { adjusted: 'false', sort: 'asc', limit: PAGE };
    return this.pages(ticker, { path, query, headers: this.headers }, false, (symbol, row, recvUs, out) => {
      const bar = {
        startUs: numberOf(row.t) * US_PER_MS,
        lengthUs,
        open: numberOf(row.o),
        high: numberOf(row.h),
        low: numberOf(row.l),
        close: numberOf(row.c),
        volume: numberOf(row.v),
        vwap: numberOf(row.vw),
        trades: numberOf(row.n),
      };
      return this.rows.bar(out, symbol, bar, recvUs);
    });
  }

  /** The universal snapshot says of each ticker that it does not find that it does not. */
  listing(symbols: readonly string[]): readonly SymbolQuestion[] {
    const questions: SymbolQuestion[] = [];
    for (let at = 0; at < symbols.length; at += LISTED) {
      const some = symbols.slice(at, at + LISTED);
      const tickers = some.map((symbol) => this.symbols.provider(symbol));
      const query = { 'ticker.any_of': tickers.join(','), limit: LISTED };
      const request = { path: '/v3/snapshot', query, headers: this.headers };
      questions.push({ symbols: some, request, read: (answer) => this.unlisted(some, answer) });
    }
    return questions;
  }

  private unlisted(symbols: readonly string[], { text }: HttpAnswer): readonly string[] {
    const { results } = JSON.parse(text) as JsonObject;
    const rows = (Array.isArray(results) ? (results as readonly unknown[]) : []).filter(isObject);
    const known = new Set(rows.filter(({ error }) => error === undefined).map(({ ticker }) => ticker));
    return symbols.filter((symbol) => !known.has(this.symbols.provider(symbol)));
  }

  /** @param isExact times are nanoseconds, beyond what a number holds. */
  private pages(ticker: string, request: HttpRequest, isExact: boolean, readRow: ReadRow): HistoryQuery {
    const read = (answer: HttpAnswer, recvUs: number, out: RowOutlet): HistoryQuery | undefined => {
      const body = readObject(answer, out, isExact);
      if (body === undefined) return undefined;
      const symbol = this.rows.instrument(ticker);
      // No list at all means that nothing was found.
      for (const row of Array.isArray(body.results) ? (body.results as readonly unknown[]) : []) {
        if (!isObject(row) || !readRow(symbol, row, recvUs, out)) out.reject('bad-row', 'result', JSON.stringify(row));
      }
      const next = body.next_url;
      if (typeof next !== 'string' || next === '') return undefined;
      return this.pages(ticker, { path: pagePath(next), headers: this.headers }, isExact, readRow);
    };
    return { request, read };
  }
}

/** Links of the provider's two names lead to the configured address; any other link is left for the client to refuse. */
function pagePath(link: string): string {
  const url = URL.parse(link);
  if (url === null) return link;
  return /(^|\.)(polygon\.io|massive\.com)$/.test(url.hostname) ? `${url.pathname}${url.search}` : link;
}

function nanosOf(ms: number): string {
  return `${ms}${'0'.repeat(NS_DIGITS)}`;
}

/** Nanoseconds as a number or, where that would lose digits, as text; cut to milliseconds. */
function millisOfNanos(value: unknown): number {
  if (typeof value === 'number') return Math.floor(value / NS_PER_MS);
  return typeof value === 'string' && /^\d{7,}$/.test(value) ? Number(value.slice(0, -NS_DIGITS)) : Number.NaN;
}

/** Errors by status, or by `status` and `error` in an answer with 200. */
export function polygonRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  const text = body?.error ?? body?.message;
  const message = typeof text === 'string' ? text : undefined;
  if (answer.status === 200) {
    if (body === undefined || body.status === 'OK' || body.status === 'DELAYED' || body.results !== undefined) {
      return undefined;
    }
    if (message === undefined) return undefined;
    const isLimit = /exceeded|per minute/i.test(message);
    return { code: String(body.status ?? 200), message, remedy: isLimit ? 'wait' : 'retry' };
  }
  const refusal = refusalOfStatus(answer, message, typeof body?.status === 'string' ? body.status : undefined);
  // Not entitled to this data; to other data the key may well be.
  return answer.status === 403 ? { ...refusal, remedy: 'symbol' } : refusal;
}
