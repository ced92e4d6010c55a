import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer, HttpRequest } from '../../host/index.ts';
import type {
  HistoryProtocol,
  HistoryQuery,
  HistoryRange,
  PollProtocol,
  Refusal,
  RowOutlet,
  SymbolQuestion,
} from '../adapter.ts';
import { ExchangeDays } from '../exchange-days.ts';
import { errorBody, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const RESOLUTIONS: readonly (readonly [lengthUs: number, resolution: string])[] = [
  [US_PER_MINUTE, '1'],
  [5 * US_PER_MINUTE, '5'],
  [15 * US_PER_MINUTE, '15'],
  [30 * US_PER_MINUTE, '30'],
  [US_PER_HOUR, '60'],
  [US_PER_DAY, 'D'],
];
/** Span of one request, where minutes are limited to about a month. */
const SPAN_US = 28 * US_PER_DAY;
const PREFIX = '/api/v1';

/** Candles and the last price. */
export class FinnhubRest implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = RESOLUTIONS.map(([lengthUs]) => lengthUs);
  readonly everyMs = 1_000;
  readonly maxSymbols = 1;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly days = new ExchangeDays();

  constructor(rows: ProviderRows, symbols: SymbolMap, headers: Readonly<Record<string, string>>) {
    this.rows = rows;
    this.symbols = symbols;
    this.headers = headers;
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const resolution = RESOLUTIONS.find(([length]) => length === lengthUs)?.[1];
    if (resolution === undefined) {
      throw new UsageError(`finnhub has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const theirs = this.symbols.provider(range.symbol);
    const endUs = Math.min(range.toUs as number, (range.fromUs as number) + SPAN_US);
    const kind = theirs.startsWith('BINANCE:') ? 'crypto' : theirs.startsWith('OANDA:') ? 'forex' : 'stock';
    const from = Math.floor((range.fromUs as number) / US_PER_SECOND);
    const to = Math.ceil(endUs / US_PER_SECOND) - 1;
    const query = { symbol: theirs, resolution, from, to };
    return {
      request: { path: `${PREFIX}/${kind}/candle`, query, headers: this.headers },
      read: (answer, recvUs, out) => {
        this.readCandles(theirs, answer, lengthUs, recvUs, out);
        return endUs < (range.toUs as number) ? this.bars({ ...range, fromUs: endUs }, lengthUs) : undefined;
      },
    };
  }

  /** Columns run parallel; without data they are missing or null. */
  private readCandles(theirs: string, answer: HttpAnswer, lengthUs: number, recvUs: number, out: RowOutlet): void {
    const body = readObject(answer, out);
    if (body === undefined || body.s === 'no_data') return;
    const columns = [body.t, body.o, body.h, body.l, body.c, body.v];
    const [t, o, h, l, c, v] = columns as readonly unknown[][];
    const count = Array.isArray(t) ? t.length : -1;
    if (columns.some((column) => !Array.isArray(column) || column.length !== count)) {
      out.reject('unknown-shape', 'candles whose columns differ in length', answer.text);
      return;
    }
    const symbol = this.rows.instrument(theirs);
    for (let i = 0; i < count; i++) {
      const stampUs = numberOf(t?.[i]) * US_PER_SECOND;
      const bar = {
        // Days bear midnight UTC of their date.
        startUs: lengthUs === US_PER_DAY ? this.days.startOf(this.rows.universe.instrument(symbol), stampUs) : stampUs,
        lengthUs,
        open: numberOf(o?.[i]),
        high: numberOf(h?.[i]),
        low: numberOf(l?.[i]),
        close: numberOf(c?.[i]),
        volume: numberOf(v?.[i]),
        vwap: Number.NaN,
        trades: Number.NaN,
      };
      if (!this.rows.bar(out, symbol, bar, recvUs)) out.reject('bad-row', 'candle', JSON.stringify(bar));
    }
  }

  /** Shares that have no quote; coins and currencies have none on every plan, whatever the stream brings. */
  listing(symbols: readonly string[]): readonly SymbolQuestion[] {
    const shares = symbols.filter((symbol) => !this.symbols.provider(symbol).includes(':'));
    return shares.map((symbol) => ({
      symbols: [symbol],
      request: this.quoteRequest(symbol),
      read: ({ text }) => {
        const { c, t } = JSON.parse(text) as JsonObject;
        return c === 0 && t === 0 ? [symbol] : [];
      },
    }));
  }

  private quoteRequest(symbol: string): HttpRequest {
    return { path: `${PREFIX}/quote`, query: { symbol: this.symbols.provider(symbol) }, headers: this.headers };
  }

  /** The last price as a print of no size; an unknown symbol has zeros for everything. */
  query([symbol = '']: readonly string[]): HistoryQuery {
    const theirs = this.symbols.provider(symbol);
    return {
      request: this.quoteRequest(symbol),
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body === undefined) return undefined;
        const price = numberOf(body.c);
        const tsUs = numberOf(body.t) * US_PER_SECOND;
        if (tsUs === 0) {
          const message = `${theirs} has no quote`;
          out.control({ type: 'error', code: 'not found', message, remedy: 'symbol' });
        } else if (Number.isNaN(price + tsUs)) out.reject('bad-row', 'quote', answer.text);
        else out.batch().addTrade(this.rows.instrument(theirs), this.rows.sourceId, tsUs, recvUs, price, 0);
        return undefined;
      },
    };
  }
}

/** Errors by status, by an `error` in an answer with 200, or by a redirect to a page. */
export function finnhubRefusal(answer: HttpAnswer): Refusal | undefined {
  const text = errorBody(answer)?.error;
  const message = typeof text === 'string' ? text : undefined;
  if (answer.status === 200 && message === undefined) return undefined;
  const isLimit = message !== undefined && /limit reached/i.test(message);
  if (isLimit && /sign up/i.test(message)) return { code: '429', message, remedy: 'stop' };
  if (answer.status === 429 || isLimit) {
    const refusal = refusalOfStatus({ ...answer, status: 429 }, message);
    const resetMs = Number(answer.headers['x-ratelimit-reset']) * 1_000 - Date.parse(answer.headers.date ?? '');
    return refusal.retryAfterMs === undefined && resetMs > 0 ? { ...refusal, retryAfterMs: resetMs } : refusal;
  }
  // This endpoint or symbol needs another plan; the key is good for others.
  if (answer.status === 403) return { code: '403', message: message ?? 'HTTP 403', remedy: 'symbol' };
  if (answer.status === 200) return { code: '200', message: message ?? '', remedy: 'retry' };
  return refusalOfStatus(answer, message);
}
