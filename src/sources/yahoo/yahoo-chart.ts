import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, PollProtocol, Refusal, RowOutlet } from '../adapter.ts';
import { ExchangeDays } from '../exchange-days.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

/** Intervals, and the longest stretch that one request may name. */
const INTERVALS: readonly (readonly [lengthUs: number, interval: string, spanUs: number])[] = [
  [US_PER_MINUTE, '1m', 7 * US_PER_DAY],
  [5 * US_PER_MINUTE, '5m', 59 * US_PER_DAY],
  [15 * US_PER_MINUTE, '15m', 59 * US_PER_DAY],
  [30 * US_PER_MINUTE, '30m', 59 * US_PER_DAY],
  [US_PER_HOUR, '1h', 729 * US_PER_DAY],
  [US_PER_DAY, '1d', Number.POSITIVE_INFINITY],
];
/** Requests of programs that name themselves as such are refused. */
const HEADERS = { 'user-agent': 'Mozilla/5.0 (compatible; tickloom)' };
const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** One symbol's chart: the day so far again and again, history in stretches. */
export class YahooChart implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = INTERVALS.map(([lengthUs]) => lengthUs);
  readonly everyMs = 1_000;
  readonly maxSymbols = 1;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly days = new ExchangeDays();

  constructor(rows: ProviderRows, symbols: SymbolMap) {
    this.rows = rows;
    this.symbols = symbols;
  }

  query([symbol = '']: readonly string[]): HistoryQuery {
    const query = { range: '1d', interval: '1m', includePrePost: 'true' };
    return this.chart(this.symbols.provider(symbol), query, US_PER_MINUTE, () => undefined);
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const found = INTERVALS.find(([length]) => length === lengthUs);
    if (found === undefined) {
      throw new UsageError(`yahoo has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const [, interval, spanUs] = found;
    const endUs = Math.min(range.toUs as number, (range.fromUs as number) + spanUs);
    const query = {
      period1: Math.floor((range.fromUs as number) / US_PER_SECOND),
      period2: Math.ceil(endUs / US_PER_SECOND),
      interval,
      includePrePost: 'true',
    };
    return this.chart(this.symbols.provider(range.symbol), query, lengthUs, () =>
      endUs < (range.toUs as number) ? this.bars({ ...range, fromUs: endUs }, lengthUs) : undefined,
    );
  }

  stretchUs(lengthUs: number): number {
    return INTERVALS.find(([length]) => length === lengthUs)?.[2] ?? Number.POSITIVE_INFINITY;
  }

  private chart(
    theirs: string,
    query: Readonly<Record<string, string | number>>,
    lengthUs: number,
    next: () => HistoryQuery | undefined,
  ): HistoryQuery {
    return {
      request: { path: `/v8/finance/chart/${encodeURIComponent(theirs)}`, query, headers: HEADERS },
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body === undefined) return undefined;
        const results = isObject(body.chart) ? body.chart.result : undefined;
        const result: unknown = Array.isArray(results) ? results[0] : undefined;
        if (isObject(result)) this.candles(theirs, result, lengthUs, recvUs, out, answer.text);
        else out.reject('unknown-shape', 'a chart without a result', answer.text);
        return next();
      },
    };
  }

  private candles(
    theirs: string,
    result: JsonObject,
    lengthUs: number,
    recvUs: number,
    out: RowOutlet,
    text: string,
  ): void {
    // Nothing in the range: no stamps at all.
    if (result.timestamp === undefined) return;
    const stamps = result.timestamp as readonly unknown[];
    const quotes = isObject(result.indicators) ? result.indicators.quote : undefined;
    const quote: unknown = Array.isArray(quotes) ? quotes[0] : undefined;
    const columns = COLUMNS.map((name) => (isObject(quote) ? quote[name] : undefined)) as readonly unknown[][];
    if (!Array.isArray(stamps) || columns.some((column) => !Array.isArray(column) || column.length !== stamps.length)) {
      out.reject('unknown-shape', 'a chart whose columns differ in length', text);
      return;
    }
    const lastTradeUs = isObject(result.meta) ? numberOf(result.meta.regularMarketTime) * US_PER_SECOND : Number.NaN;
    let previousUs = Number.NaN;
    for (let i = 0; i < stamps.length; i++) {
      const cells = columns.map((column) => numberOf(column[i]));
      // A candle with a null is none: a halt, a thin symbol, a minute that is not over.
      if (cells.slice(0, 4).some(Number.isNaN)) continue;
      const startUs = this.startOf(theirs, numberOf(stamps[i]) * US_PER_SECOND, lengthUs);
      const isRunning = i === stamps.length - 1 && lastTradeUs >= startUs && lastTradeUs < startUs + lengthUs;
      // The last row may be the running bar, stamped with the last trade; of a day it may come a second time.
      if (startUs === previousUs || (isRunning && lengthUs < US_PER_DAY)) continue;
      previousUs = startUs;
      this.bar(theirs, cells, startUs, lengthUs, recvUs, out);
    }
  }

  private bar(
    theirs: string,
    [open, high, low, close, volume]: readonly number[],
    startUs: number,
    lengthUs: number,
    recvUs: number,
    out: RowOutlet,
  ): void {
    const prices = { open: open as number, high: high as number, low: low as number, close: close as number };
    const bar = { startUs, lengthUs, ...prices, volume: volume as number, vwap: Number.NaN, trades: Number.NaN };
    const isRow = this.rows.bar(out, this.rows.instrument(theirs), bar, recvUs);
    if (!isRow) out.reject('bad-row', 'candle', JSON.stringify(bar));
  }

  /** Start of the bar of a stamp: days are stamped with their opening, the running bar with the last trade. */
  private startOf(theirs: string, stampUs: number, lengthUs: number): number {
    if (lengthUs < US_PER_DAY) return Math.floor(stampUs / lengthUs) * lengthUs;
    const instrument = this.rows.universe.instrument(this.rows.instrument(theirs));
    return this.days.startOf(instrument, stampUs) as number;
  }
}

/** Errors stand in `chart.error`, whatever the status; blocks and limits come as plain text or pages. */
export function yahooRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  const part = body?.chart ?? body?.finance;
  const error = isObject(part) ? part.error : undefined;
  if (isObject(error)) {
    const code = String(error.code);
    const message = String(error.description ?? code);
    if (/not found|unprocessable/i.test(code)) return { code, message, remedy: 'symbol' };
    if (/unauthorized/i.test(code)) return { code, message, remedy: 'stop' };
    return answer.status >= 500 ? { code, message, remedy: 'retry' } : { code, message, remedy: 'symbol' };
  }
  if (answer.status === 429 || answer.text.includes('Too Many Requests')) {
    const refusal = refusalOfStatus({ ...answer, status: 429 }, 'Too Many Requests');
    // Blocks of an address last for minutes and longer.
    return refusal.retryAfterMs === undefined ? { ...refusal, retryAfterMs: 300_000 } : refusal;
  }
  if (answer.status === 200) {
    const isData = answer.text.trimStart().startsWith('{');
    return isData ? undefined : { code: '200', message: 'a page in place of an answer', remedy: 'wait' };
  }
  return refusalOfStatus(answer, undefined);
}
