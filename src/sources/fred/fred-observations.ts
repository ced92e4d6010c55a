import type { Micros } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, PollProtocol, Refusal, RowOutlet } from '../adapter.ts';
import { ExchangeDays } from '../exchange-days.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const PATH = '/fred/series/observations';
const ST_LOUIS = 'America/Chicago';
const FIRST_DATE = '1776-07-04';
const LAST_DATE = '9999-12-31';
const PAGE = 100_000;
/** Newest observations of a round of polling. */
const POLLED_ROWS = 10;

/** When a row became known. */
type KnownAt = (row: JsonObject, recvUs: number) => Micros;

/**
 * Values of economic series. A value is a print of no size at the time at which it became known, and its id is the
 * date that it is about and the value: a revision is another print.
 */
export class FredObservations implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = [];
  readonly everyMs = 60_000;
  readonly maxSymbols = 1;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly key: string;
  private readonly days = new ExchangeDays();

  constructor(rows: ProviderRows, symbols: SymbolMap, key: string) {
    this.rows = rows;
    this.symbols = symbols;
    this.key = key;
  }

  /** The newest values. What turns up in an answer is known from its receipt on. */
  query([symbol = '']: readonly string[]): HistoryQuery {
    const query = { sort_order: 'desc', limit: POLLED_ROWS };
    return this.observations(this.symbols.provider(symbol), query, 0, (_row, recvUs) => recvUs);
  }

  /**
   * First releases. The answer gives the day of publication but no hour, so a value counts from the end of that day in
   * St. Louis: never too early.
   */
  trades(range: HistoryRange): HistoryQuery {
    const query = {
      output_type: 4,
      realtime_start: FIRST_DATE,
      realtime_end: LAST_DATE,
      sort_order: 'asc',
      limit: PAGE,
    };
    return this.observations(this.symbols.provider(range.symbol), query, 0, (row) =>
      this.days.endOf(row.realtime_start, ST_LOUIS),
    );
  }

  private observations(
    theirs: string,
    query: Readonly<Record<string, string | number>>,
    offset: number,
    knownAt: KnownAt,
  ): HistoryQuery {
    const paging = offset === 0 ? {} : { offset };
    return {
      request: {
        path: PATH,
        query: { series_id: theirs, file_type: 'json', ...query, ...paging, api_key: this.key },
      },
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body === undefined) return undefined;
        if (!Array.isArray(body.observations)) {
          out.reject('unknown-shape', 'an answer without observations', answer.text);
          return undefined;
        }
        const found = body.observations as readonly unknown[];
        // Ascending whatever was asked for.
        const rows = query.sort_order === 'desc' ? [...found].reverse() : found;
        for (const row of rows) this.row(theirs, row, recvUs, out, knownAt);
        const nextOffset = offset + PAGE;
        const isWhole = query.limit !== PAGE || !(numberOf(body.count) > nextOffset) || found.length === 0;
        return isWhole ? undefined : this.observations(theirs, query, nextOffset, knownAt);
      },
    };
  }

  /** A point stands for a value that is not there: a holiday, or not published yet. */
  private row(theirs: string, row: unknown, recvUs: number, out: RowOutlet, knownAt: KnownAt): void {
    if (isObject(row) && row.value === '.') return;
    const value = isObject(row) ? numberOf(row.value) : Number.NaN;
    const tsUs = isObject(row) && typeof row.date === 'string' ? knownAt(row, recvUs) : Number.NaN;
    if (!isObject(row) || Number.isNaN(value + (tsUs as number))) {
      out.reject('bad-row', 'observation', JSON.stringify(row));
      return;
    }
    const batch = out.batch();
    const at = batch.addTrade(this.rows.instrument(theirs), this.rows.sourceId, tsUs, recvUs, value, 0);
    batch.setId(at, `${row.date}=${row.value}`);
  }
}

/** Errors come as JSON or, whatever was asked for, as XML. The key is only ever in the query. */
export function fredRefusal(answer: HttpAnswer): Refusal | undefined {
  const body = errorBody(answer);
  const xml = /message="([^"]*)"/.exec(answer.text.trimStart().startsWith('<') ? answer.text : '')?.[1];
  const text = body?.error_message ?? body?.message ?? xml;
  const message = typeof text === 'string' ? text : undefined;
  if (answer.status === 200 && body?.error_code === undefined && xml === undefined) {
    return answer.text.trimStart().startsWith('{') ? undefined : { code: '200', message: 'no JSON', remedy: 'retry' };
  }
  const code = String(body?.error_code ?? body?.code ?? answer.status);
  if (message !== undefined && /series does not exist/i.test(message)) return { code, message, remedy: 'symbol' };
  // Seen for good keys under load, too; a person has to look at it all the same.
  if (message !== undefined && /api_key/i.test(message)) return { code, message, remedy: 'stop' };
  if (answer.status === 423) return { code, message: message ?? 'locked', remedy: 'retry', retryAfterMs: 10_000 };
  if (answer.status === 429 || code === '429') return refusalOfStatus({ ...answer, status: 429 }, message, code);
  return refusalOfStatus(answer, message, code);
}
