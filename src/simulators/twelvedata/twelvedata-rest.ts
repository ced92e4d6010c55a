import { parseMicros, TickloomError, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE } from '../../base/index.ts';
import { ZoneClock } from '../../calendar/index.ts';
import { headerText } from '../json-frame.ts';
import type { RestAnswer, RestRequest, SimulatedWorld } from '../provider.ts';
import type { BarStep, HistoryBar } from '../tape-history.ts';
import { civilDate, civilTime, decimalText, wholeSeconds } from '../wire-format.ts';
import { instrumentFields } from './twelvedata-instrument.ts';

const INTERVALS_US: Readonly<Record<string, number>> = {
  '1min': US_PER_MINUTE,
  '5min': 5 * US_PER_MINUTE,
  '15min': 15 * US_PER_MINUTE,
  '30min': 30 * US_PER_MINUTE,
  '45min': 45 * US_PER_MINUTE,
  '1h': US_PER_HOUR,
  '2h': 2 * US_PER_HOUR,
  '4h': 4 * US_PER_HOUR,
  '1day': US_PER_DAY,
  '1week': 7 * US_PER_DAY,
};
const MOST_ROWS = 5_000;
const DEFAULT_ROWS = 30;
const MOST_SYMBOLS = 120;
const CREDITS_PER_MINUTE = 8;
const EXCHANGE_ZONE = 'America/New_York';

interface Failure {
  readonly code: number;
  readonly message: string;
  readonly status: 'error';
}

/** `/time_series`, `/quote`, `/price`, `/eod`, `/earliest_timestamp` and `/api_usage` from the tape. */
export class TwelvedataRest {
  private readonly world: SimulatedWorld;
  private readonly zones = new Map<string, ZoneClock>();
  private credits = 0;

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  answer(request: RestRequest): RestAnswer | undefined {
    const one = this.endpoint(request.path);
    const isUsage = request.path === '/api_usage';
    if (one === undefined && !isUsage) return undefined;
    const key = keyOf(request);
    if (!this.world.keys.accepts(key)) {
      const message =
        '**apikey** parameter is incorrect or not specified. You can get your free API key instantly following this link: https://twelvedata.com/pricing.';
      return this.give(failure(401, message));
    }
    if (isUsage) {
      const timestamp = civilTime(this.world.stampUs());
      return this.give({
        timestamp,
        current_usage: this.credits,
        plan_limit: CREDITS_PER_MINUTE,
        plan_category: 'basic',
      });
    }
    const texts = (request.query.get('symbol') ?? '').split(',').filter((each) => each !== '');
    if (texts.length === 0) return this.give(failure(400, '**symbol** or **figi** parameter is missing or invalid.'));
    if (texts.length > MOST_SYMBOLS) return this.give(failure(414, 'The parameter **symbol** is too long.'));
    this.credits += texts.length;
    const answers = texts.map((text) => this.ofSymbol(text, request.query, one as Endpoint));
    if (texts.length === 1) return this.give(answers[0] as object);
    const batch = Object.fromEntries(texts.map((text, i) => [text, answers[i]]));
    return { status: 200, body: batch, headers: { ...this.headers(), is_batch: 'true' } };
  }

  private endpoint(path: string): Endpoint | undefined {
    if (path === '/time_series') return (symbol, text, query) => this.series(symbol, text, query);
    if (path === '/quote') return (symbol, text) => this.quote(symbol, text);
    if (path === '/price') return (symbol) => this.price(symbol);
    if (path === '/eod') return (symbol, text) => this.eod(symbol, text);
    return path === '/earliest_timestamp' ? (symbol, _text, query) => this.earliest(symbol, query) : undefined;
  }

  private ofSymbol(text: string, query: URLSearchParams, endpoint: Endpoint): object {
    const symbol = this.world.symbols.find(text);
    if (symbol !== undefined) return endpoint(symbol, text, query);
    return failure(
      404,
      `**symbol** not found: ${text.slice(0, 40)}. Please specify it correctly according to API Documentation.`,
    );
  }

  private series(symbol: number, text: string, query: URLSearchParams): object {
    const interval = query.get('interval') ?? '';
    const lengthUs = INTERVALS_US[interval];
    if (lengthUs === undefined) {
      return failure(
        400,
        `Invalid **interval** provided: ${interval.slice(0, 20)}. Supported intervals: ${Object.keys(INTERVALS_US).join(', ')}`,
      );
    }
    const zone = this.zoneOf(symbol, query.get('timezone') ?? 'Exchange');
    if (zone === undefined) return failure(400, 'Invalid **timezone** provided.');
    const [start, end] = [query.get('start_date'), query.get('end_date')];
    const [fromUs, toUs] = [readTime(start, zone, 0), readTime(end, zone, Number.MAX_SAFE_INTEGER)];
    if (fromUs === undefined || toUs === undefined)
      return failure(400, 'Invalid **start_date** or **end_date** provided.');
    const step: BarStep = { lengthUs, ...(lengthUs >= US_PER_DAY ? { zone: this.exchangeZone(symbol) } : {}) };
    const bars = this.world.history.barsOf(symbol, step, fromUs, toUs);
    if (bars.length === 0) {
      return failure(400, 'No data is available on the specified dates. Try setting different start/end dates.');
    }
    const isDated = start !== null || end !== null;
    const most = Math.min(MOST_ROWS, Number(query.get('outputsize') ?? (isDated ? MOST_ROWS : DEFAULT_ROWS)));
    const newest = bars.slice(-most);
    const isDaily = lengthUs >= US_PER_DAY;
    const values = newest.map((bar) => this.value(symbol, bar, zone, isDaily));
    if (query.get('order') !== 'asc') values.reverse();
    const fields = instrumentFields(this.world, symbol);
    const exchange = this.world.symbols.isPair(symbol) ? {} : { exchange_timezone: EXCHANGE_ZONE };
    return { meta: { symbol: text, interval, ...fields, ...exchange }, values, status: 'ok' };
  }

  private value(symbol: number, bar: HistoryBar, zone: ZoneClock, isDaily: boolean): object {
    const offsetUs = zone.offsetUs(bar.startUs);
    const datetime = isDaily ? civilDate(bar.startUs, offsetUs) : civilTime(bar.startUs, offsetUs);
    const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(decimalText);
    const volume = this.world.symbols.isPair(symbol) ? {} : { volume: decimalText(bar.volume) };
    return { datetime, open, high, low, close, ...volume };
  }

  private quote(symbol: number, text: string): object {
    const zone = this.exchangeZone(symbol);
    const days = this.world.history.barsOf(symbol, { lengthUs: US_PER_DAY, zone }, 0, Number.MAX_SAFE_INTEGER);
    const last = this.world.history.lastPrice(symbol);
    const day = days.at(-1);
    if (day === undefined || last === undefined) return failure(404, `**symbol** not found: ${text}.`);
    const before = days.at(-2)?.close ?? day.open;
    const [open, high, low, close, volume] = [day.open, day.high, day.low, day.close, day.volume].map(decimalText);
    return {
      symbol: text,
      name: text,
      ...instrumentFields(this.world, symbol),
      datetime: civilDate(day.startUs, this.zone(zone).offsetUs(day.startUs)),
      timestamp: wholeSeconds(day.startUs),
      last_quote_at: Math.floor(wholeSeconds(last.tsUs) / 60) * 60,
      open,
      high,
      low,
      close,
      volume,
      previous_close: decimalText(before),
      change: decimalText(day.close - before),
      percent_change: decimalText((100 * (day.close - before)) / before),
      is_market_open: true,
    };
  }

  private price(symbol: number): object {
    const last = this.world.history.lastPrice(symbol);
    return last === undefined ? failure(404, '**symbol** not found.') : { price: decimalText(last.price) };
  }

  private eod(symbol: number, text: string): object {
    const zone = this.exchangeZone(symbol);
    const day = this.world.history.barsOf(symbol, { lengthUs: US_PER_DAY, zone }, 0, Number.MAX_SAFE_INTEGER).at(-1);
    if (day === undefined) return failure(404, `**symbol** not found: ${text}.`);
    const datetime = civilDate(day.startUs, this.zone(zone).offsetUs(day.startUs));
    return { symbol: text, ...instrumentFields(this.world, symbol), datetime, close: decimalText(day.close) };
  }

  private earliest(symbol: number, query: URLSearchParams): object {
    const lengthUs = INTERVALS_US[query.get('interval') ?? '1day'] ?? US_PER_DAY;
    const first = this.world.history.barsOf(symbol, { lengthUs }, 0, Number.MAX_SAFE_INTEGER)[0];
    if (first === undefined) return failure(404, '**symbol** not found.');
    return { datetime: civilTime(first.startUs), unix_time: wholeSeconds(first.startUs) };
  }

  private give(answer: object): RestAnswer {
    const code = 'code' in answer && typeof answer.code === 'number' ? answer.code : 200;
    return { status: code, body: answer, headers: this.headers() };
  }

  private headers(): Record<string, string> {
    const left = Math.max(0, CREDITS_PER_MINUTE - this.credits);
    return { 'api-credits-used': String(this.credits), 'api-credits-left': String(left) };
  }

  private exchangeZone(symbol: number): string {
    return this.world.symbols.isPair(symbol) ? 'UTC' : EXCHANGE_ZONE;
  }

  private zoneOf(symbol: number, asked: string): ZoneClock | undefined {
    try {
      return this.zone(/^exchange$/i.test(asked) ? this.exchangeZone(symbol) : asked);
    } catch (error) {
      if (error instanceof TickloomError) return undefined;
      throw error;
    }
  }

  private zone(name: string): ZoneClock {
    let zone = this.zones.get(name);
    if (zone === undefined) {
      zone = new ZoneClock(name);
      this.zones.set(name, zone);
    }
    return zone;
  }
}

type Endpoint = (symbol: number, text: string, query: URLSearchParams) => object;

export function keyOf({ query, headers }: RestRequest): string | undefined {
  const header = /^apikey (.+)$/i.exec(headerText(headers['authorization']) ?? '')?.[1];
  return header ?? headerText(headers['x-twelvedata-api-key']) ?? query.get('apikey') ?? undefined;
}

function readTime(text: string | null, zone: ZoneClock, fallback: number): number | undefined {
  if (text === null) return fallback;
  const local = parseMicros(text.length === 10 ? text : `${text.replace(' ', 'T')}Z`);
  return local === undefined ? undefined : (zone.instantOf(local as number) as number);
}

export function failure(code: number, message: string): Failure {
  return { code, message, status: 'error' };
}
