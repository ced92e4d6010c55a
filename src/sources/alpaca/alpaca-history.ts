import { formatMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND, UsageError } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, Refusal, RowOutlet, SymbolQuestion } from '../adapter.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';
import { messageText } from './alpaca-codec.ts';
import type { AlpacaFeed } from './alpaca-feeds.ts';
import type { AlpacaFrames, AlpacaMessage } from './alpaca-frames.ts';

const PAGE = 10_000;
const MINUTES = [1, 5, 15, 30];

/** Reads one row of a page; false when it lacks something. */
type ReadRow = (symbol: number, row: AlpacaMessage, recvUs: number, out: RowOutlet) => boolean;

/** Past trades and bars, in pages. */
export class AlpacaHistory implements HistoryProtocol {
  readonly barLengthsUs = [...MINUTES.map((minutes) => minutes * US_PER_MINUTE), US_PER_HOUR, US_PER_DAY];
  private readonly frames: AlpacaFrames;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly feed: AlpacaFeed;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    frames: AlpacaFrames,
    rows: ProviderRows,
    symbols: SymbolMap,
    feed: AlpacaFeed,
    headers: Readonly<Record<string, string>>,
  ) {
    this.frames = frames;
    this.rows = rows;
    this.symbols = symbols;
    this.feed = feed;
    this.headers = headers;
  }

  /** Trades that were taken back since are left out. */
  trades(range: HistoryRange): HistoryQuery {
    return this.page('trades', range, {}, (symbol, row, recvUs, out) =>
      row.u === 'canceled' || row.u === 'incorrect' ? true : this.frames.trade(symbol, row, recvUs, out),
    );
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    if (!this.barLengthsUs.includes(lengthUs)) {
      throw new UsageError(`alpaca has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const adjustment = this.feed.isCrypto ? {} : { adjustment: 'raw' };
    return this.page('bars', range, { timeframe: timeframeText(lengthUs), ...adjustment }, (symbol, row, recvUs, out) =>
      this.frames.bar(symbol, row, lengthUs, recvUs, out),
    );
  }

  /** Snapshots hold nothing for a symbol that does not exist. The test feed has none at all. */
  listing(symbols: readonly string[]): readonly SymbolQuestion[] {
    const { historyFeed, isCrypto } = this.feed;
    if (!isCrypto && historyFeed === undefined) return [];
    const names = symbols.map((symbol) => this.symbols.provider(symbol)).join(',');
    const query = { symbols: names, ...(historyFeed === undefined ? {} : { feed: historyFeed }) };
    const path = isCrypto ? '/v1beta3/crypto/us/snapshots' : '/v2/stocks/snapshots';
    const read = ({ text }: HttpAnswer): readonly string[] => {
      const body = JSON.parse(text) as JsonObject;
      const known = isObject(body.snapshots) ? body.snapshots : body;
      return symbols.filter((symbol) => !isObject(known[this.symbols.provider(symbol)]));
    };
    return [{ symbols, request: { path, query, headers: this.headers }, read }];
  }

  private page(
    what: 'trades' | 'bars',
    range: HistoryRange,
    extra: Readonly<Record<string, string>>,
    readRow: ReadRow,
    token?: string,
  ): HistoryQuery {
    const theirs = this.symbols.provider(range.symbol);
    const { historyFeed, isCrypto } = this.feed;
    const query = {
      symbols: theirs,
      start: formatMicros(range.fromUs),
      end: lastInstant(range.toUs),
      limit: PAGE,
      sort: 'asc',
      ...extra,
      ...(historyFeed === undefined ? {} : { feed: historyFeed }),
      ...(token === undefined ? {} : { page_token: token }),
    };
    const read = (answer: HttpAnswer, recvUs: number, out: RowOutlet): HistoryQuery | undefined => {
      // Ids of other venues have up to 64 bits.
      const body = readObject(answer, out, what === 'trades' && /\d{16}/.test(answer.text));
      if (body === undefined) return undefined;
      const bySymbol = body[what];
      const rows = isObject(bySymbol) ? bySymbol[theirs] : bySymbol;
      const symbol = this.rows.instrument(theirs);
      for (const row of Array.isArray(rows) ? (rows as readonly unknown[]) : []) {
        if (!isObject(row) || !readRow(symbol, row, recvUs, out)) out.reject('bad-row', what, messageText(row));
      }
      const next = body.next_page_token;
      return typeof next === 'string' && next !== '' && next !== token
        ? this.page(what, range, extra, readRow, next)
        : undefined;
    };
    const path = isCrypto ? `/v1beta3/crypto/us/${what}` : `/v2/stocks/${what}`;
    return { request: { path, query, headers: this.headers }, read };
  }
}

/** The last nanosecond before a time: both ends belong to the provider's range. */
function lastInstant(toUs: number): string {
  const lastUs = toUs - 1;
  const second = formatMicros(lastUs).slice(0, 19);
  return `${second}.${String(lastUs % US_PER_SECOND).padStart(6, '0')}999Z`;
}

function timeframeText(lengthUs: number): string {
  if (lengthUs === US_PER_DAY) return '1Day';
  return lengthUs === US_PER_HOUR ? '1Hour' : `${lengthUs / US_PER_MINUTE}Min`;
}

/** Errors by status; a limit ends at `X-RateLimit-Reset`, read against the answer's own clock. */
export function alpacaRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  const message = typeof body?.message === 'string' ? body.message : undefined;
  if (answer.status === 200) {
    if (message === undefined || body?.bars !== undefined || body?.trades !== undefined) return undefined;
    return { code: String(body?.code ?? 200), message, remedy: 'wait' };
  }
  const refusal = refusalOfStatus(answer, message, body?.code === undefined ? undefined : String(body.code));
  // The key is good, but not for the last quarter of an hour of this feed.
  if (answer.status === 403 && message?.includes('subscription') === true) return { ...refusal, remedy: 'symbol' };
  if (refusal.remedy !== 'wait' || refusal.retryAfterMs !== undefined) return refusal;
  const waitMs = Number(answer.headers['x-ratelimit-reset']) * 1_000 - Date.parse(answer.headers.date ?? '');
  return Number.isFinite(waitMs) && waitMs > 0 ? { ...refusal, retryAfterMs: waitMs } : refusal;
}
