import { US_PER_MS } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import type { RestAnswer, RestRequest, SimulatedWorld } from '../provider.ts';
import { isSellerTaker } from '../tape-history.ts';
import { decimalText, integerJson, wholeMillis } from '../wire-format.ts';
import { BINANCE_INTERVALS_US } from './binance-stream.ts';

const WEIGHTS: Readonly<Record<string, number>> = {
  klines: 2,
  aggTrades: 4,
  trades: 25,
  historicalTrades: 25,
  exchangeInfo: 20,
};
const MOST_ROWS = 1_000;
const DEFAULT_ROWS = 500;

/** `/api/v3/…` from the tape. */
export class BinanceRest {
  private readonly world: SimulatedWorld;
  private weight = 0;

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  answer(request: RestRequest): RestAnswer | undefined {
    const name = /^\/api\/v3\/(.+)$/.exec(request.path)?.[1];
    if (name === undefined) return undefined;
    this.weight += WEIGHTS[name] ?? 1;
    const answer = this.route(name, request);
    if (answer === undefined) return undefined;
    const headers = { 'x-mbx-used-weight-1m': String(this.weight), 'content-type': 'application/json;charset=UTF-8' };
    return { ...answer, headers };
  }

  private route(name: string, request: RestRequest): RestAnswer | undefined {
    const { query } = request;
    const inMicros = /^micro/i.test(String(request.headers['x-mbx-time-unit'] ?? ''));
    const time = (us: number): number => (inMicros ? us : wholeMillis(us));
    if (name === 'ping') return ok({});
    if (name === 'time') return ok({ serverTime: time(this.world.stampUs() as number) });
    if (name === 'exchangeInfo') return this.exchangeInfo(query, time);
    const text = query.get('symbol');
    if (text === null) return failed(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    if (!/^[A-Z0-9_.-]{1,20}$/.test(text))
      return failed(-1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
    const symbol = this.world.symbols.find(text);
    if (symbol === undefined) return failed(-1121, 'Invalid symbol.');
    if (name === 'klines') return this.klines(symbol, query, time);
    if (name === 'aggTrades') return this.trades(symbol, query, (row) => this.aggregate(row, time), true);
    if (name === 'trades' || name === 'historicalTrades') {
      return this.trades(symbol, query, (row) => this.trade(row, time), name === 'historicalTrades');
    }
    if (name === 'ticker/price') return this.price(symbol, text);
    return name === 'ticker/bookTicker' ? this.book(symbol, text) : undefined;
  }

  private klines(symbol: number, query: URLSearchParams, time: (us: number) => number): RestAnswer {
    const interval = query.get('interval');
    const lengthUs = BINANCE_INTERVALS_US[interval ?? ''];
    if (lengthUs === undefined) return failed(-1120, 'Invalid interval.');
    const range = readRange(query);
    if (range === undefined) return failed(-1100, 'Illegal characters found in a parameter.');
    const bars = this.world.history.barsOf(symbol, { lengthUs }, range.fromUs, range.toUs);
    const page = query.has('startTime') ? bars.slice(0, range.limit) : bars.slice(-range.limit);
    return ok(
      page.map((bar) => {
        const startUs = bar.startUs as number;
        const value = decimalText(bar.vwap * bar.volume);
        const taker = [decimalText(bar.takerBuyVolume), decimalText(bar.takerBuyVolume * bar.vwap)];
        const prices = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(decimalText);
        return [time(startUs), ...prices, time(startUs + lengthUs - US_PER_MS), value, bar.trades, ...taker, '0'];
      }),
    );
  }

  /** Trades by id from `fromId`, by time, or the newest. */
  private trades(
    symbol: number,
    query: URLSearchParams,
    form: (row: number) => object,
    hasFromId: boolean,
  ): RestAnswer {
    const { history, tape } = this.world;
    const range = readRange(query);
    const fromId = query.get('fromId');
    if (range === undefined || (fromId !== null && !/^\d{1,18}$/.test(fromId))) {
      return failed(-1100, 'Illegal characters found in a parameter.');
    }
    const rows = history.rows(symbol, EventKind.Trade, range.fromUs, range.toUs);
    rows.sort((a, b) => compareIds(tape.tradeId(a), tape.tradeId(b)));
    if (fromId !== null && hasFromId) {
      const first = rows.findIndex((row) => compareIds(tape.tradeId(row), fromId) >= 0);
      return ok(first < 0 ? [] : rows.slice(first, first + range.limit).map(form));
    }
    const page = query.has('startTime') ? rows.slice(0, range.limit) : rows.slice(-range.limit);
    return ok(page.map(form));
  }

  private aggregate(row: number, time: (us: number) => number): object {
    const { tape } = this.world;
    const id = integerJson(tape.tradeId(row));
    return {
      a: id,
      p: decimalText(tape.p0[row] as number),
      q: decimalText(tape.p1[row] as number),
      f: id,
      l: id,
      T: time(tape.tsEventUs[row] as number),
      m: isSellerTaker(tape.conditionText(row)),
      M: true,
    };
  }

  private trade(row: number, time: (us: number) => number): object {
    const { tape } = this.world;
    const price = tape.p0[row] as number;
    const size = tape.p1[row] as number;
    return {
      id: integerJson(tape.tradeId(row)),
      price: decimalText(price),
      qty: decimalText(size),
      quoteQty: decimalText(price * size),
      time: time(tape.tsEventUs[row] as number),
      isBuyerMaker: isSellerTaker(tape.conditionText(row)),
      isBestMatch: true,
    };
  }

  private price(symbol: number, text: string): RestAnswer {
    const last = this.world.history.lastPrice(symbol);
    return last === undefined ? failed(-1121, 'Invalid symbol.') : ok({ symbol: text, price: decimalText(last.price) });
  }

  private book(symbol: number, text: string): RestAnswer {
    const { history, tape } = this.world;
    const row = history.latest(symbol, EventKind.Quote);
    const columns = [tape.p0, tape.p1, tape.p2, tape.p3];
    const [bidPrice, bidQty, askPrice, askQty] = columns.map((column) =>
      row === undefined || Number.isNaN(column[row]) ? '0.00000000' : decimalText(column[row] as number),
    );
    return ok({ symbol: text, bidPrice, bidQty, askPrice, askQty });
  }

  private exchangeInfo(query: URLSearchParams, time: (us: number) => number): RestAnswer {
    const { symbols } = this.world;
    const asked = query.has('symbols')
      ? (query.get('symbols') as string).replace(/[[\]"]/g, '').split(',')
      : query.has('symbol')
        ? [query.get('symbol') as string]
        : symbols.all().map((id) => symbols.text(id));
    if (asked.some((text) => symbols.find(text) === undefined)) return failed(-1121, 'Invalid symbol.');
    return ok({
      timezone: 'UTC',
      serverTime: time(this.world.stampUs() as number),
      rateLimits: [
        { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
        { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61000 },
      ],
      exchangeFilters: [],
      symbols: asked.map((symbol) => {
        const [baseAsset, quoteAsset = ''] = symbols.joined(symbols.find(symbol) as number, '/').split('/');
        const filters = [
          { filterType: 'PRICE_FILTER', minPrice: '0.00000001', maxPrice: '1000000.00000000', tickSize: '0.00000001' },
          { filterType: 'LOT_SIZE', minQty: '0.00000001', maxQty: '9000000.00000000', stepSize: '0.00000001' },
        ];
        return { symbol, status: 'TRADING', baseAsset, quoteAsset, isSpotTradingAllowed: true, filters };
      }),
    });
  }
}

interface Range {
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

/** Times come in milliseconds or, from clients of that unit, in microseconds. */
function readRange(query: URLSearchParams): Range | undefined {
  const read = (name: string, fallback: number): number => {
    const text = query.get(name);
    if (text === null) return fallback;
    const value = Number(text);
    return value > 1e14 ? value : value * US_PER_MS;
  };
  const fromUs = read('startTime', 0);
  const toUs = read('endTime', Number.MAX_SAFE_INTEGER - US_PER_MS) + (query.has('endTime') ? US_PER_MS - 1 : 0);
  const limit = Math.min(MOST_ROWS, Number(query.get('limit') ?? DEFAULT_ROWS));
  return Number.isFinite(fromUs) && Number.isFinite(toUs) && limit >= 1 ? { fromUs, toUs, limit } : undefined;
}

/** Order of ids of decimal digits without leading zeros. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function ok(value: unknown): RestAnswer {
  return { status: 200, body: JSON.stringify(value) };
}

function failed(code: number, msg: string): RestAnswer {
  return { status: 400, body: JSON.stringify({ code, msg }) };
}
