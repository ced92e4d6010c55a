import { formatMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, UsageError } from '../../base/index.ts';
import type { HttpAnswer, HttpRequest } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, PollProtocol, Refusal, RowOutlet } from '../adapter.ts';
import { ExchangeDays } from '../exchange-days.ts';
import { errorBody, isObject, type JsonObject, readObject, refusalOfStatus } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const INTERVALS: readonly (readonly [lengthUs: number, interval: string])[] = [
  [US_PER_MINUTE, '1min'],
  [5 * US_PER_MINUTE, '5min'],
  [15 * US_PER_MINUTE, '15min'],
  [30 * US_PER_MINUTE, '30min'],
  [US_PER_HOUR, '60min'],
];
/** Old names of zones. */
const ZONES: Readonly<Record<string, string>> = { 'US/Eastern': 'America/New_York' };
const NEW_YORK = 'America/New_York';

export interface AlphavantageOptions {
  readonly key: string;
  /** `realtime` or `delayed` where the plan has it. */
  readonly entitlement: string | undefined;
  /** True where rows bear the end of their bar. */
  readonly areEndStamped: boolean;
}

/** Series of bars: the newest hundred again and again, history month by month. Everything is one path. */
export class AlphavantageRest implements HistoryProtocol, PollProtocol {
  readonly barLengthsUs = [...INTERVALS.map(([lengthUs]) => lengthUs), US_PER_DAY];
  readonly everyMs = 60_000;
  readonly maxSymbols = 1;
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly options: AlphavantageOptions;
  private readonly days = new ExchangeDays();

  constructor(rows: ProviderRows, symbols: SymbolMap, options: AlphavantageOptions) {
    this.rows = rows;
    this.symbols = symbols;
    this.options = options;
  }

  query([symbol = '']: readonly string[]): HistoryQuery {
    const theirs = this.symbols.provider(symbol);
    return this.series(theirs, intraday(theirs, '1min', { outputsize: 'compact' }), US_PER_MINUTE, () => undefined);
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const theirs = this.symbols.provider(range.symbol);
    if (lengthUs === US_PER_DAY) {
      const query = { function: 'TIME_SERIES_DAILY', symbol: theirs, outputsize: 'compact' };
      return this.series(theirs, query, lengthUs, () => undefined);
    }
    const interval = INTERVALS.find(([length]) => length === lengthUs)?.[1];
    if (interval === undefined) {
      throw new UsageError(`alphavantage has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const month = this.days.monthOf(range.fromUs, NEW_YORK);
    const query = intraday(theirs, interval, { month: formatMicros(month.firstUs).slice(0, 7), outputsize: 'full' });
    return this.series(theirs, query, lengthUs, () =>
      month.endUs < range.toUs ? this.bars({ ...range, fromUs: month.endUs }, lengthUs) : undefined,
    );
  }

  /** Every request brings a whole month: smaller pieces would ask for the same one again. */
  stretchUs(): number {
    return Number.POSITIVE_INFINITY;
  }

  private series(
    theirs: string,
    query: Readonly<Record<string, string>>,
    lengthUs: number,
    next: () => HistoryQuery | undefined,
  ): HistoryQuery {
    const { key, entitlement } = this.options;
    const request: HttpRequest = {
      path: '/query',
      query: { ...query, ...(entitlement === undefined ? {} : { entitlement }), apikey: key },
    };
    return {
      request,
      read: (answer, recvUs, out) => {
        const body = readObject(answer, out);
        if (body === undefined) return undefined;
        this.readSeries(theirs, body, lengthUs, recvUs, out, answer.text);
        return next();
      },
    };
  }

  /** Rows by their local time; their order in the object means nothing. */
  private readSeries(
    theirs: string,
    body: JsonObject,
    lengthUs: number,
    recvUs: number,
    out: RowOutlet,
    text: string,
  ): void {
    const series = Object.entries(body).find(([name]) => name.includes('Time Series'))?.[1];
    if (!isObject(series)) {
      out.reject('unknown-shape', 'an answer without a series', text);
      return;
    }
    const zone = zoneOf(body['Meta Data']);
    const symbol = this.rows.instrument(theirs);
    for (const [stamp, row] of Object.entries(series).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isObject(row) || !this.bar(symbol, stamp, row, lengthUs, zone, recvUs, out)) {
        out.reject('bad-row', 'series row', `${stamp} ${JSON.stringify(row)}`);
      }
    }
  }

  private bar(
    symbol: number,
    stamp: string,
    row: JsonObject,
    lengthUs: number,
    zone: string,
    recvUs: number,
    out: RowOutlet,
  ): boolean {
    const cells = new Map(Object.entries(row).map(([name, value]) => [name.replace(/^\d+[a-z]?\. /, ''), value]));
    const isShifted = this.options.areEndStamped && lengthUs < US_PER_DAY;
    const bar = {
      startUs: (this.days.instantOf(stamp, zone) as number) - (isShifted ? lengthUs : 0),
      lengthUs,
      open: numberOf(cells.get('open')),
      high: numberOf(cells.get('high')),
      low: numberOf(cells.get('low')),
      close: numberOf(cells.get('close')),
      volume: numberOf(cells.get('volume')),
      vwap: Number.NaN,
      trades: Number.NaN,
    };
    return this.rows.bar(out, symbol, bar, recvUs);
  }
}

function intraday(
  symbol: string,
  interval: string,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { function: 'TIME_SERIES_INTRADAY', symbol, interval, adjusted: 'false', extended_hours: 'true', ...more };
}

/** The zone of the rows; the numbers before the names of the meta data differ from function to function. */
function zoneOf(meta: unknown): string {
  const found = isObject(meta) ? Object.entries(meta).find(([name]) => name.endsWith('Time Zone'))?.[1] : undefined;
  const name = typeof found === 'string' ? found : NEW_YORK;
  const known = ZONES[name] ?? name;
  return known === 'UTC' || known === NEW_YORK ? known : NEW_YORK;
}

/** Refusals have status 200; a good answer is one with data. Their texts may repeat the key. */
export function alphavantageRefusal(answer: HttpAnswer, key: string): Refusal | undefined {
  if (answer.status !== 200) return refusalOfStatus(answer, undefined);
  const body = errorBody(answer);
  if (body === undefined) {
    const isData = answer.text.trimStart().startsWith('{');
    return isData ? undefined : { code: '200', message: 'a page in place of an answer', remedy: 'retry' };
  }
  const found = ['Error Message', 'Note', 'Information'].find((name) => typeof body[name] === 'string');
  if (found === undefined) {
    const isEmpty = Object.keys(body).length === 0;
    return isEmpty ? { code: '200', message: 'an empty answer', remedy: 'retry' } : undefined;
  }
  const text = body[found] as string;
  const message = key === '' ? text : text.replaceAll(key, '…');
  return { code: found, message, ...remedyOf(text) };
}

/** The burst limit speaks of the day limit too, so it is looked for first. */
function remedyOf(text: string): Pick<Refusal, 'remedy' | 'retryAfterMs'> {
  if (/per second|sparingly/i.test(text)) return { remedy: 'wait', retryAfterMs: 2_000 };
  if (/calls? per minute/i.test(text)) return { remedy: 'wait', retryAfterMs: 60_000 };
  if (/per day/i.test(text)) return { remedy: 'spent' };
  if (/apikey is invalid|demo\W* API key/i.test(text)) return { remedy: 'stop' };
  // A premium endpoint or parameter, or a symbol that is not there: the rest is to be had.
  return { remedy: 'symbol' };
}
