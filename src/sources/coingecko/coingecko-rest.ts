import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_MS, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, PollProtocol, Refusal, RowOutlet } from '../adapter.ts';
import { errorBody, isObject, readBody, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const PREFIX = '/api/v3';
/** Candles have the length that their stretch has; it always ends now. */
const DAYS: readonly (readonly [lengthUs: number, days: number])[] = [
  [30 * US_PER_MINUTE, 1],
  [4 * US_PER_HOUR, 30],
  [4 * US_PER_DAY, 365],
];

/** Prices of many coins in one request, and candles of the last day, month or year. */
export class CoingeckoRest implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = DAYS.map(([lengthUs]) => lengthUs);
  /** Prices are made anew once a minute. */
  readonly everyMs = 60_000;
  readonly maxSymbols = 100;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(rows: ProviderRows, symbols: SymbolMap, headers: Readonly<Record<string, string>>) {
    this.rows = rows;
    this.symbols = symbols;
    this.headers = headers;
  }

  /** The order of the names stays the same from round to round: an identical address is answered from a cache. */
  query(symbols: readonly string[]): HistoryQuery {
    const pairs = symbols.map((symbol) => this.symbols.provider(symbol).split('/') as [string, string]);
    const ids = [...new Set(pairs.map(([id]) => id))];
    const query = {
      ids: ids.join(','),
      vs_currencies: [...new Set(pairs.map(([, currency]) => currency))].join(','),
      include_last_updated_at: 'true',
      precision: 'full',
    };
    return {
      request: { path: `${PREFIX}/simple/price`, query, headers: this.headers },
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body !== undefined) for (const [id, currency] of pairs) this.price(id, currency, body[id], recvUs, out);
        return undefined;
      },
    };
  }

  /** A price as a print of no size. An id that is not there is unknown. */
  private price(id: string, currency: string, values: unknown, recvUs: number, out: RowOutlet): void {
    if (values === undefined) {
      const message = `${id} is not listed`;
      out.control({ type: 'error', code: 'not found', message, remedy: 'symbol' });
      return;
    }
    if (!isObject(values)) {
      out.reject('bad-row', 'price', JSON.stringify(values));
      return;
    }
    // No price of a coin that nobody traded.
    if (values[currency] === null || values[currency] === undefined) return;
    const price = numberOf(values[currency]);
    const tsUs = numberOf(values.last_updated_at) * US_PER_SECOND;
    if (Number.isNaN(price + tsUs)) {
      out.reject('bad-row', 'price', JSON.stringify(values));
      return;
    }
    out.batch().addTrade(this.rows.instrument(`${id}/${currency}`), this.rows.sourceId, tsUs, recvUs, price, 0);
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const days = DAYS.find(([length]) => length === lengthUs)?.[1];
    if (days === undefined) {
      throw new UsageError(`coingecko has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const theirs = this.symbols.provider(range.symbol);
    const [id = '', currency = ''] = theirs.split('/');
    const query = { vs_currency: currency, days, precision: 'full' };
    return {
      request: { path: `${PREFIX}/coins/${encodeURIComponent(id)}/ohlc`, query, headers: this.headers },
      read: (answer, recvUs, out) => {
        const rows = readBody(answer, out);
        if (Array.isArray(rows)) this.candles(theirs, rows as readonly unknown[], lengthUs, recvUs, out);
        else if (rows !== undefined) out.reject('unknown-shape', 'candles that are no list', answer.text);
        return undefined;
      },
    };
  }

  /** Candles bear the time of their end, and have no volume. One whose end is off the step is still open. */
  private candles(theirs: string, rows: readonly unknown[], lengthUs: number, recvUs: number, out: RowOutlet): void {
    const symbol = this.rows.instrument(theirs);
    for (const row of rows) {
      const [end, open, high, low, close] = (Array.isArray(row) ? row : []).map(numberOf) as number[];
      const endUs = (end ?? Number.NaN) * US_PER_MS;
      if (endUs % Math.min(lengthUs, US_PER_DAY) !== 0 && !Number.isNaN(endUs)) continue;
      const prices = {
        open: open ?? Number.NaN,
        high: high ?? Number.NaN,
        low: low ?? Number.NaN,
        close: close ?? Number.NaN,
      };
      const missing = { volume: Number.NaN, vwap: Number.NaN, trades: Number.NaN };
      const bar = { startUs: endUs - lengthUs, lengthUs, ...prices, ...missing };
      if (!this.rows.bar(out, symbol, bar, recvUs)) out.reject('bad-row', 'candle', JSON.stringify(row));
    }
  }
}

/** Codes that concern the key or the host that it is for. */
const KEY_CODES = new Set([10_002, 10_010, 10_011]);
/** Codes of data that this plan does not have. */
const PLAN_CODES = new Set([10_005, 10_012]);

/** One thing in three shapes: `error` as text, `error.status`, or `status` at the top. */
export function coingeckoRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  const error = body?.error;
  const status = isObject(error) ? error.status : body?.status;
  const text = isObject(status) ? status.error_message : error;
  const message = typeof text === 'string' ? text : undefined;
  const code = isObject(status) ? numberOf(status.error_code) : answer.status;
  if (answer.status === 200 && message === undefined) {
    const isPage = answer.text.trimStart().startsWith('<');
    return isPage ? { code: '200', message: 'a page in place of an answer', remedy: 'wait' } : undefined;
  }
  const said = { code: String(code), message: message ?? `HTTP ${answer.status}` };
  if (KEY_CODES.has(code)) return { ...said, remedy: 'stop' };
  if (PLAN_CODES.has(code)) return { ...said, remedy: 'symbol' };
  if (code === 429 || answer.status === 429) {
    const refusal = refusalOfStatus({ ...answer, status: 429 }, message);
    // A pause of zero, or none, means a minute.
    return refusal.retryAfterMs ? refusal : { ...refusal, retryAfterMs: 60_000 };
  }
  if (answer.status === 403) return { ...said, remedy: 'wait' };
  return refusalOfStatus(answer, message, said.code);
}
