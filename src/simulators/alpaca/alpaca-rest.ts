import { parseMicros, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import { headerText } from '../json-frame.ts';
import type { RestAnswer, RestRequest, SimulatedWorld } from '../provider.ts';
import type { BarStep } from '../tape-history.ts';
import { jsonCodec } from './alpaca-codec.ts';
import { AlpacaMessages } from './alpaca-messages.ts';

const DEFAULT_ROWS = 1_000;
const MOST_ROWS = 10_000;
const NEW_YORK = 'America/New_York';
type Series = 'trades' | 'quotes' | 'bars';

interface Query {
  readonly series: Series;
  readonly isCrypto: boolean;
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
  readonly isDescending: boolean;
  readonly step: BarStep | undefined;
}

/** `/v2/stocks/…` and `/v1beta3/crypto/{location}/…` from the tape. */
export class AlpacaRest {
  private readonly world: SimulatedWorld;
  private readonly stocks: AlpacaMessages;
  private readonly crypto: AlpacaMessages;

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.stocks = new AlpacaMessages(world.tape, false);
    this.crypto = new AlpacaMessages(world.tape, true);
  }

  answer(request: RestRequest): RestAnswer | undefined {
    const match = /^\/(?:v2\/stocks|v1beta3\/crypto\/([\w-]+))\/(.+)$/.exec(request.path);
    if (match === null) return undefined;
    if (!this.isAuthorised(request)) return json(403, { message: 'forbidden.' });
    const isCrypto = match[1] !== undefined;
    const parts = (match[2] as string).split('/').map(decodeURIComponent);
    const single = parts.length > 1 && !isCrypto && !isSeries(parts[0]) ? parts.shift() : undefined;
    const [series, latest] = parts;
    const symbols =
      single === undefined ? (request.query.get('symbols') ?? '').split(',').filter((each) => each !== '') : [single];
    if (series === 'snapshots') return this.snapshots(symbols, isCrypto);
    if (latest === 'latest') return this.latest(series, symbols, isCrypto, single !== undefined);
    if (!isSeries(series)) return undefined;
    if (symbols.length === 0) return json(400, { message: 'symbols is required' });
    const query = this.readQuery(series, isCrypto, request.query);
    if (typeof query === 'string') return json(400, { message: query });
    return this.page(query, symbols, request.query.get('page_token'), single);
  }

  private isAuthorised({ headers }: RestRequest): boolean {
    const bearer = /^Bearer (.+)$/i.exec(headerText(headers['authorization']) ?? '')?.[1];
    if (bearer !== undefined) return this.world.keys.accepts(bearer);
    const basic = /^Basic (.+)$/i.exec(headerText(headers['authorization']) ?? '')?.[1];
    if (basic !== undefined) {
      const [key, secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
      return this.world.keys.accepts(key, secret);
    }
    return this.world.keys.accepts(headerText(headers['apca-api-key-id']), headerText(headers['apca-api-secret-key']));
  }

  private readQuery(series: Series, isCrypto: boolean, query: URLSearchParams): Query | string {
    const start = query.get('start');
    const end = query.get('end');
    const fromUs = start === null ? 0 : parseMicros(start);
    // A date as the end means the whole day.
    const endUs = end === null ? Number.MAX_SAFE_INTEGER : parseMicros(end);
    if (fromUs === undefined) return `invalid start: ${start}`;
    if (endUs === undefined) return `invalid end: ${end}`;
    const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) return 'invalid limit';
    const step = series === 'bars' ? readStep(query.get('timeframe') ?? '', isCrypto) : undefined;
    if (series === 'bars' && step === undefined) return `invalid timeframe: ${query.get('timeframe') ?? ''}`;
    const toUs = end !== null && end.length === 10 ? (endUs as number) + US_PER_DAY - 1 : (endUs as number);
    const isDescending = query.get('sort') === 'desc';
    return { series, isCrypto, fromUs: fromUs as number, toUs, limit, isDescending, step };
  }

  /** A page over all symbols in order: `limit` counts the rows of the page, the token says where the next begins. */
  private page(query: Query, asked: readonly string[], token: string | null, single: string | undefined): RestAnswer {
    const symbols = [...new Set(asked)].sort();
    let [at, skip] = [0, 0];
    if (token !== null) {
      const position = readToken(token);
      const found = position === undefined ? -1 : symbols.indexOf(position.symbol);
      if (position === undefined || found < 0) return json(400, { message: 'invalid page_token' });
      [at, skip] = [found, position.skip];
    }
    const rows: Record<string, unknown[]> = {};
    let left = query.limit;
    let next: string | null = null;
    for (; at < symbols.length; at++, skip = 0) {
      const symbol = symbols[at] as string;
      const all = this.rowsOf(query, symbol);
      if (left === 0) {
        if (all.length === 0) continue;
        next = writeToken(symbol, 0);
        break;
      }
      const part = all.slice(skip, skip + left);
      if (part.length > 0) rows[symbol] = part.map((row) => row());
      left -= part.length;
      if (skip + part.length < all.length) {
        next = writeToken(symbol, skip + part.length);
        break;
      }
    }
    if (single !== undefined)
      return json(200, { [query.series]: rows[single] ?? null, symbol: single, next_page_token: next });
    return json(200, { [query.series]: rows, next_page_token: next });
  }

  /** Each row as a thunk, so that only those of the page are written. */
  private rowsOf(query: Query, text: string): (() => object)[] {
    const { history, symbols } = this.world;
    const symbol = symbols.find(text);
    if (symbol === undefined) return [];
    const messages = query.isCrypto ? this.crypto : this.stocks;
    let found: (() => object)[];
    if (query.step !== undefined) {
      const bars = history.barsOf(symbol, query.step, query.fromUs, query.toUs);
      found = bars.map((bar) => () => messages.bar({ ...bar, startUs: bar.startUs as number }, jsonCodec));
    } else {
      const isTrades = query.series === 'trades';
      const rows = history.rows(symbol, isTrades ? EventKind.Trade : EventKind.Quote, query.fromUs, query.toUs);
      found = rows.map((row) => () => (isTrades ? messages.trade(row, jsonCodec) : messages.quote(row, jsonCodec)));
    }
    return query.isDescending ? found.reverse() : found;
  }

  /** What is known of each symbol of the tape, before its first event too; others are left out. */
  private snapshots(asked: readonly string[], isCrypto: boolean): RestAnswer {
    const parts = { trades: 'latestTrade', quotes: 'latestQuote', bars: 'minuteBar' };
    const found: Record<string, object> = {};
    for (const text of asked) if (this.world.symbols.find(text) !== undefined) found[text] = {};
    for (const [series, name] of Object.entries(parts)) {
      const { body } = this.latest(series, Object.keys(found), isCrypto, false) as { readonly body: string };
      const latest = (JSON.parse(body) as Record<string, Record<string, unknown>>)[series] ?? {};
      for (const [text, value] of Object.entries(latest)) found[text] = { ...found[text], [name]: value };
    }
    return json(200, isCrypto ? { snapshots: found } : found);
  }

  private latest(
    series: string | undefined,
    asked: readonly string[],
    isCrypto: boolean,
    isSingle: boolean,
  ): RestAnswer | undefined {
    if (!isSeries(series)) return undefined;
    const { history, symbols } = this.world;
    const messages = isCrypto ? this.crypto : this.stocks;
    const one = series.slice(0, -1);
    const found: Record<string, unknown> = {};
    for (const text of asked) {
      const symbol = symbols.find(text);
      if (symbol === undefined) continue;
      if (series === 'bars') {
        const bar = history.barsOf(symbol, { lengthUs: US_PER_MINUTE }, 0, Number.MAX_SAFE_INTEGER).at(-1);
        if (bar !== undefined) found[text] = messages.bar({ ...bar, startUs: bar.startUs as number }, jsonCodec);
        continue;
      }
      const row = history.latest(symbol, series === 'trades' ? EventKind.Trade : EventKind.Quote);
      if (row === undefined) continue;
      found[text] = series === 'trades' ? messages.trade(row, jsonCodec) : messages.quote(row, jsonCodec);
    }
    if (!isSingle) return json(200, { [series]: found });
    const [symbol = ''] = asked;
    return found[symbol] === undefined
      ? json(404, { message: `no ${one} found for ${symbol}` })
      : json(200, { symbol, [one]: found[symbol] });
  }
}

function isSeries(text: string | undefined): text is Series {
  return text === 'trades' || text === 'quotes' || text === 'bars';
}

function readStep(text: string, isCrypto: boolean): BarStep | undefined {
  const match = /^(\d{1,2})(Min|T|Hour|H|Day|D|Week|W)$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  const unit = (match[2] as string)[0];
  if (unit === 'M' || unit === 'T') return count >= 1 && count <= 59 ? { lengthUs: count * US_PER_MINUTE } : undefined;
  if (unit === 'H') return count >= 1 && count <= 23 ? { lengthUs: count * US_PER_HOUR } : undefined;
  if (count !== 1) return undefined;
  const lengthUs = unit === 'W' ? 7 * US_PER_DAY : US_PER_DAY;
  return { lengthUs, ...(isCrypto ? {} : { zone: NEW_YORK }) };
}

function writeToken(symbol: string, skip: number): string {
  return Buffer.from(`${symbol}|${skip}`).toString('base64url');
}

function readToken(token: string): { readonly symbol: string; readonly skip: number } | undefined {
  const [symbol, skip] = Buffer.from(token, 'base64url').toString('utf8').split('|');
  return symbol === undefined || skip === undefined || !/^\d+$/.test(skip) ? undefined : { symbol, skip: Number(skip) };
}

function json(status: number, value: unknown): RestAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-ratelimit-limit': '10000' };
  return { status, body: JSON.stringify(value), headers };
}
