import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import { headerText } from '../json-frame.ts';
import type { RestAnswer, RestRequest, SimulatedWorld, SimulatorDefinition } from '../provider.ts';
import { wholeMillis, wholeSeconds } from '../wire-format.ts';

/** Ids of the coins of which a tape may have events. */
const COIN_IDS: Readonly<Record<string, string>> = {
  BTC: 'bitcoin',
  ETH: 'ethereum',
  SOL: 'solana',
  XRP: 'ripple',
  ADA: 'cardano',
  DOGE: 'dogecoin',
  LTC: 'litecoin',
  BNB: 'binancecoin',
  DOT: 'polkadot',
  AVAX: 'avalanche-2',
  LINK: 'chainlink',
  MATIC: 'matic-network',
  BCH: 'bitcoin-cash',
};
const LIMIT_TEXT =
  "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing to subscribe to our API plans for higher rate limits.";

interface Coin {
  readonly id: string;
  readonly ticker: string;
  readonly symbol: number;
}

/** CoinGecko v3: prices, candles and charts of coins; keyless or with a key. */
export const coingeckoSimulator: SimulatorDefinition = {
  name: 'coingecko',
  summary: 'CoinGecko: simple/price, ohlc, market_chart',
  hasStream: false,
  needsKey: false,
  create: (world) => {
    const coins = new CoinTable(world);
    return {
      answer: (request) => answer(world, coins, request),
      refusal: (kind) =>
        kind === 'server'
          ? { error: 'Internal server error' }
          : { status: { error_code: 429, error_message: LIMIT_TEXT } },
    };
  },
};

/** The coins of a tape under their ids; a coin without a known one has its ticker in lower case. */
class CoinTable {
  readonly coins: readonly Coin[];

  constructor({ symbols }: SimulatedWorld) {
    this.coins = symbols.all().map((symbol) => {
      const ticker = symbols.joined(symbol, '/').split('/')[0] as string;
      return { id: COIN_IDS[ticker] ?? ticker.toLowerCase(), ticker: ticker.toLowerCase(), symbol };
    });
  }

  find(id: string): Coin | undefined {
    return this.coins.find((coin) => coin.id === id);
  }
}

function answer(world: SimulatedWorld, coins: CoinTable, request: RestRequest): RestAnswer | undefined {
  const { query, headers } = request;
  const key =
    headerText(headers['x-cg-demo-api-key']) ??
    headerText(headers['x-cg-pro-api-key']) ??
    query.get('x_cg_demo_api_key') ??
    query.get('x_cg_pro_api_key') ??
    'keyless';
  if (!world.keys.accepts(key)) {
    const status = {
      timestamp: new Date(wholeMillis(world.stampUs())).toISOString(),
      error_code: 10_002,
      error_message: 'API Key Missing',
    };
    return { status: 401, body: { error: { status } } };
  }
  const path = request.path.replace(/^\/api\/v3/, '');
  if (path === '/ping') return ok({ gecko_says: '(V3) To the Moon!' });
  if (path === '/coins/list') return ok(coins.coins.map(({ id, ticker }) => ({ id, symbol: ticker, name: id })));
  if (path === '/simple/price') return simplePrice(world, coins, query);
  const match = /^\/coins\/([^/]+)\/(ohlc|market_chart)(\/range)?$/.exec(path);
  if (match === null) return undefined;
  const coin = coins.find(decodeURIComponent(match[1] as string));
  if (coin === undefined) return { status: 404, body: { error: 'coin not found' } };
  const span = match[3] === undefined ? daysSpan(world, query) : rangeSpan(query);
  if (span === undefined) return { status: 422, body: { error: 'Invalid days, from or to' } };
  return match[2] === 'ohlc' ? candles(world, coin, span) : chart(world, coin, span);
}

function simplePrice(world: SimulatedWorld, coins: CoinTable, query: URLSearchParams): RestAnswer {
  const currencies = (query.get('vs_currencies') ?? '').split(',').filter((each) => each !== '');
  if (currencies.length === 0) return { status: 422, body: { error: 'Missing parameter vs_currencies' } };
  const found: Record<string, Record<string, number | null>> = {};
  for (const id of (query.get('ids') ?? '').split(',')) {
    const coin = coins.find(id);
    const last = coin === undefined ? undefined : world.history.lastPrice(coin.symbol);
    if (coin === undefined || last === undefined) continue;
    const values: Record<string, number | null> = {};
    for (const currency of currencies) {
      values[currency] = last.price;
      const day = dayBefore(world, coin, last.tsUs as number);
      if (query.get('include_market_cap') === 'true') values[`${currency}_market_cap`] = null;
      if (query.get('include_24hr_vol') === 'true') values[`${currency}_24h_vol`] = day.value;
      if (query.get('include_24hr_change') === 'true')
        values[`${currency}_24h_change`] = 100 * (last.price / day.open - 1);
    }
    if (query.get('include_last_updated_at') === 'true') values['last_updated_at'] = wholeSeconds(last.tsUs);
    found[id] = values;
  }
  return ok(found);
}

/** Value traded in the 24 hours before a time, and the price at their begin. */
function dayBefore(world: SimulatedWorld, coin: Coin, toUs: number): { readonly value: number; readonly open: number } {
  const bars = world.history.barsOf(coin.symbol, { lengthUs: US_PER_HOUR }, toUs - US_PER_DAY, toUs);
  const value = bars.reduce((sum, bar) => sum + bar.volume * bar.vwap, 0);
  return { value, open: bars[0]?.open ?? Number.NaN };
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Candles bear their closing time and have no volume. */
function candles(world: SimulatedWorld, coin: Coin, { fromUs, toUs }: Span): RestAnswer {
  const days = (toUs - fromUs) / US_PER_DAY;
  const lengthUs = days <= 2 ? 30 * US_PER_MINUTE : days <= 30 ? 4 * US_PER_HOUR : 4 * US_PER_DAY;
  const bars = world.history.barsOf(coin.symbol, { lengthUs }, fromUs, toUs);
  return ok(
    bars.map((bar) => [wholeMillis((bar.startUs as number) + lengthUs), bar.open, bar.high, bar.low, bar.close]),
  );
}

/** Points, not bars; volumes are those of the 24 hours before each. */
function chart(world: SimulatedWorld, coin: Coin, { fromUs, toUs }: Span): RestAnswer {
  const days = (toUs - fromUs) / US_PER_DAY;
  const lengthUs = days <= 1 ? 5 * US_PER_MINUTE : days <= 90 ? US_PER_HOUR : US_PER_DAY;
  const bars = world.history.barsOf(coin.symbol, { lengthUs }, fromUs, toUs);
  const stamps = bars.map((bar) => wholeMillis(bar.startUs));
  return ok({
    prices: bars.map((bar, i) => [stamps[i], bar.open]),
    market_caps: bars.map((_bar, i) => [stamps[i], null]),
    total_volumes: bars.map((bar, i) => [stamps[i], dayBefore(world, coin, bar.startUs as number).value]),
  });
}

function daysSpan(world: SimulatedWorld, query: URLSearchParams): Span | undefined {
  const text = query.get('days') ?? '';
  const toUs = (world.nowUs() as number) + US_PER_MINUTE;
  if (text === 'max') return { fromUs: 0, toUs };
  const days = Number(text);
  return days > 0 ? { fromUs: Math.max(0, toUs - days * US_PER_DAY), toUs } : undefined;
}

function rangeSpan(query: URLSearchParams): Span | undefined {
  const [from, to] = [Number(query.get('from') ?? Number.NaN), Number(query.get('to') ?? Number.NaN)];
  return from >= 0 && to >= from ? { fromUs: from * US_PER_SECOND, toUs: to * US_PER_SECOND } : undefined;
}

function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}
