import { parseMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_MS, US_PER_SECOND } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import { headerText } from '../json-frame.ts';
import type { RestAnswer, RestRequest, SimulatedWorld } from '../provider.ts';
import type { BarStep } from '../tape-history.ts';
import { wholeMillis } from '../wire-format.ts';
import { PolygonMessages } from './polygon-messages.ts';

const NEW_YORK = 'America/New_York';
const SPANS_US: Readonly<Record<string, number>> = {
  second: US_PER_SECOND,
  minute: US_PER_MINUTE,
  hour: US_PER_HOUR,
  day: US_PER_DAY,
  week: 7 * US_PER_DAY,
};
const DEFAULT_BARS = 5_000;
const DEFAULT_TICKS = 1_000;
const MOST_ROWS = 50_000;

/** `/v2/aggs`, `/v3/trades`, `/v3/quotes`, `/v3/snapshot` and `/v1/marketstatus` from the tape. */
export class PolygonRest {
  private readonly world: SimulatedWorld;
  private readonly messages: PolygonMessages;
  private nextRequest = 1;

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.messages = new PolygonMessages(world.tape);
  }

  answer(request: RestRequest): RestAnswer | undefined {
    const bearer = /^Bearer (.+)$/i.exec(headerText(request.headers['authorization']) ?? '')?.[1];
    if (!this.world.keys.accepts(bearer ?? request.query.get('apiKey') ?? undefined)) {
      return json(401, { status: 'ERROR', request_id: this.requestId(), error: 'Unknown API Key' });
    }
    const parts = request.path.split('/').slice(1).map(decodeURIComponent);
    const [version, kind] = parts;
    if (version === 'v2' && kind === 'aggs' && parts[2] === 'ticker' && parts[3] !== undefined) {
      if (parts[4] === 'range') return this.aggregates(request, parts[3], parts.slice(5));
      return parts[4] === 'prev' ? this.previous(parts[3]) : undefined;
    }
    if (version === 'v3' && (kind === 'trades' || kind === 'quotes') && parts[2] !== undefined) {
      return this.ticks(request, kind, parts[2]);
    }
    if (request.path === '/v3/snapshot') return this.snapshot(request.query);
    return request.path === '/v1/marketstatus/now'
      ? json(200, {
          market: 'open',
          serverTime: new Date(wholeMillis(this.world.stampUs())).toISOString(),
          exchanges: { nasdaq: 'open', nyse: 'open', otc: 'open' },
          currencies: { crypto: 'open', fx: 'open' },
        })
      : undefined;
  }

  private aggregates(request: RestRequest, ticker: string, rest: readonly string[]): RestAnswer {
    const [multiplier = '', span = '', from = '', to = ''] = rest;
    const spanUs = SPANS_US[span];
    const [fromUs, toUs] = [readTime(from, false), readTime(to, true)];
    if (spanUs === undefined || !/^[1-9]\d{0,4}$/.test(multiplier) || fromUs === undefined || toUs === undefined) {
      return this.failed(400, 'Could not parse the range: multiplier, timespan, from and to are needed.');
    }
    const limit = readLimit(request.query.get('limit'), DEFAULT_BARS);
    if (limit === undefined) return this.failed(400, "'limit' must be from 1 to 50000.");
    const symbol = this.world.symbols.find(ticker);
    const count = Number(multiplier);
    const isDaily = spanUs >= US_PER_DAY;
    const isCrypto = symbol !== undefined && this.world.symbols.assetClass(symbol) !== 'equity';
    const step: BarStep = { lengthUs: spanUs * count, ...(isDaily && !isCrypto ? { zone: NEW_YORK } : {}) };
    const bars =
      symbol === undefined
        ? []
        : this.world.history.barsOf(symbol, step, this.world.history.barStart(fromUs, step), toUs);
    if (request.query.get('sort') === 'desc') bars.reverse();
    const skip = readCursor(request.query.get('cursor'));
    // The limit counts base bars, of which each bar of the answer has as many as the multiplier says.
    const most = Math.max(1, Math.floor(limit / count));
    const page = bars.slice(skip, skip + most);
    const results = page.map((bar) => ({
      v: bar.volume,
      vw: bar.vwap,
      o: bar.open,
      c: bar.close,
      h: bar.high,
      l: bar.low,
      t: wholeMillis(bar.startUs),
      n: bar.trades,
    }));
    const head = {
      ticker,
      queryCount: page.length * count,
      resultsCount: page.length,
      adjusted: request.query.get('adjusted') !== 'false',
    };
    const next = skip + most < bars.length ? { next_url: this.nextUrl(request, skip + most) } : {};
    return json(200, {
      ...head,
      ...(results.length > 0 ? { results } : {}),
      status: 'OK',
      request_id: this.requestId(),
      count: page.length,
      ...next,
    });
  }

  /** What is known of each ticker; one that the tape does not have is named with an error. */
  private snapshot(query: URLSearchParams): RestAnswer {
    const tickers = (query.get('ticker.any_of') ?? '').split(',').filter((each) => each !== '');
    const results = tickers.map((ticker) => {
      const symbol = this.world.symbols.find(ticker);
      if (symbol === undefined) return { ticker, error: 'NOT_FOUND', message: 'Ticker not found.' };
      const last = this.world.history.lastPrice(symbol);
      const type = this.world.symbols.assetClass(symbol) === 'equity' ? 'stocks' : 'crypto';
      const trade = last === undefined ? {} : { last_trade: { price: last.price } };
      return { ticker, type, market_status: 'open', session: {}, ...trade };
    });
    return json(200, { results, status: 'OK', request_id: this.requestId() });
  }

  private previous(ticker: string): RestAnswer {
    const symbol = this.world.symbols.find(ticker);
    const step: BarStep = { lengthUs: US_PER_DAY, zone: NEW_YORK };
    const bars = symbol === undefined ? [] : this.world.history.barsOf(symbol, step, 0, Number.MAX_SAFE_INTEGER);
    const bar = bars.at(-2);
    const results =
      bar === undefined
        ? {}
        : {
            results: [
              {
                T: ticker,
                v: bar.volume,
                vw: bar.vwap,
                o: bar.open,
                c: bar.close,
                h: bar.high,
                l: bar.low,
                t: wholeMillis(bar.startUs),
                n: bar.trades,
              },
            ],
          };
    return json(200, {
      ticker,
      adjusted: true,
      resultsCount: bar === undefined ? 0 : 1,
      ...results,
      status: 'OK',
      request_id: this.requestId(),
    });
  }

  private ticks(request: RestRequest, kind: 'trades' | 'quotes', ticker: string): RestAnswer {
    const { query } = request;
    const range = readTickRange(query);
    const limit = readLimit(query.get('limit'), DEFAULT_TICKS);
    if (range === undefined || limit === undefined) return this.failed(400, 'Invalid timestamp or limit.');
    const symbol = this.world.symbols.find(ticker);
    const eventKind = kind === 'trades' ? EventKind.Trade : EventKind.Quote;
    const rows = symbol === undefined ? [] : this.world.history.rows(symbol, eventKind, range.fromUs, range.toUs);
    // The newest first is the provider's default.
    if (query.get('order') !== 'asc') rows.reverse();
    const skip = readCursor(query.get('cursor'));
    const page = rows.slice(skip, skip + limit);
    const results = page.map((row) =>
      kind === 'trades' ? this.messages.historyTrade(row) : this.messages.historyQuote(row),
    );
    const next = skip + limit < rows.length ? { next_url: this.nextUrl(request, skip + limit) } : {};
    return json(200, { results, status: 'OK', request_id: this.requestId(), ...next });
  }

  /** The same query further on; as the provider's, it does not hold the key. */
  private nextUrl({ origin, path, query }: RestRequest, skip: number): string {
    const next = new URLSearchParams(query);
    next.delete('apiKey');
    next.set('cursor', Buffer.from(`skip=${skip}`).toString('base64url'));
    return `${origin}${path}?${next.toString()}`;
  }

  private failed(code: number, error: string): RestAnswer {
    return json(code, { status: 'ERROR', request_id: this.requestId(), error });
  }

  private requestId(): string {
    return String(this.nextRequest++).padStart(32, '0');
  }
}

/** A day (from its begin, or to its end) or milliseconds. */
function readTime(text: string, isEnd: boolean): number | undefined {
  if (/^\d{10,16}$/.test(text)) return Number(text) * US_PER_MS + (isEnd ? US_PER_MS - 1 : 0);
  const dayUs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseMicros(text) : undefined;
  if (dayUs === undefined) return undefined;
  // The days are those of New York, whose midnight lies four or five hours after that of UTC.
  return (dayUs as number) + (isEnd ? US_PER_DAY + 5 * US_PER_HOUR - 1 : 0);
}

function readTickRange(query: URLSearchParams): { readonly fromUs: number; readonly toUs: number } | undefined {
  let fromUs = 0;
  let toUs = Number.MAX_SAFE_INTEGER;
  for (const [name, text] of query) {
    const operator = /^timestamp(?:\.(gte?|lte?))?$/.exec(name);
    if (operator === null) continue;
    const at = readTick(text);
    if (at === undefined) return undefined;
    // The tape has microseconds: the bounds are the first and the last of them within the range.
    const [floorUs, ceilUs] = at;
    if (operator[1] === undefined) [fromUs, toUs] = [ceilUs, text.length === 10 ? floorUs + US_PER_DAY - 1 : floorUs];
    else if (operator[1] === 'gte') fromUs = ceilUs;
    else if (operator[1] === 'gt') fromUs = floorUs + 1;
    else toUs = operator[1] === 'lte' ? floorUs : ceilUs - 1;
  }
  return { fromUs, toUs };
}

/** Nanoseconds, a date or RFC 3339: the whole microseconds at or before it, and at or after it. */
function readTick(text: string): readonly [number, number] | undefined {
  if (/^\d{1,19}$/.test(text)) {
    const ns = BigInt(text);
    return [Number(ns / 1_000n), Number((ns + 999n) / 1_000n)];
  }
  const us = parseMicros(text) as number | undefined;
  return us === undefined ? undefined : [us, us];
}

function readLimit(text: string | null, fallback: number): number | undefined {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) && value >= 1 && value <= MOST_ROWS ? value : undefined;
}

function readCursor(cursor: string | null): number {
  const text = cursor === null ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
  return Number(/^skip=(\d+)$/.exec(text)?.[1] ?? 0);
}

function json(status: number, value: unknown): RestAnswer {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}
