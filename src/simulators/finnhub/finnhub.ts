import { US_PER_DAY, US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import { headerText } from '../json-frame.ts';
import type { RestAnswer, RestRequest, SimulatedWorld, SimulatorDefinition } from '../provider.ts';
import type { BarStep } from '../tape-history.ts';
import { wholeSeconds } from '../wire-format.ts';
import { FinnhubSession } from './finnhub-stream.ts';

const LIMIT_TEXT = { error: 'API limit reached. Please try again later. Remaining Limit: 0' };
const DAY: BarStep = { lengthUs: US_PER_DAY, zone: 'America/New_York' };

/** Finnhub: trades stream, quote and candles. */
export const finnhubSimulator: SimulatorDefinition = {
  name: 'finnhub',
  summary: 'Finnhub: trades stream, REST quote and candles',
  hasStream: true,
  needsKey: true,
  create: (world) => ({
    answer: (request) => answer(world, request),
    connect: (peer) => new FinnhubSession(world, peer),
    refuseHandshake(request) {
      if (!world.keys.accepts(tokenOf(request))) return { status: 401, body: { error: 'Invalid API key.' } };
      return world.hasRoom() ? undefined : { status: 429, body: LIMIT_TEXT };
    },
    refusal: (kind) => (kind === 'server' ? { error: 'Internal server error' } : LIMIT_TEXT),
    unknownShapes: [
      { type: 'novelty', data: { a: [1, 2] } },
      { type: 'trade', data: { p: 1 } },
      { type: 'trade', data: [{ price: 'one', symbol: 'AAPL' }] },
      [],
      42,
    ],
  }),
};

function tokenOf({ query, headers }: RestRequest): string | undefined {
  return headerText(headers['x-finnhub-token']) ?? query.get('token') ?? undefined;
}

function answer(world: SimulatedWorld, request: RestRequest): RestAnswer | undefined {
  const path = request.path.replace(/^\/api\/v1/, '');
  const token = tokenOf(request);
  if (!world.keys.accepts(token)) {
    return {
      status: 401,
      body: { error: token === undefined || token === '' ? 'Please use an API key.' : 'Invalid API key.' },
    };
  }
  if (path === '/quote') return { status: 200, body: quote(world, request.query.get('symbol') ?? '') };
  if (/^\/(stock|crypto|forex)\/candle$/.test(path)) return candles(world, request.query);
  if (path === '/stock/market-status') {
    const t = wholeSeconds(world.stampUs());
    const exchange = request.query.get('exchange') ?? 'US';
    return {
      status: 200,
      body: { exchange, holiday: null, isOpen: true, session: 'regular', t, timezone: 'America/New_York' },
    };
  }
  return undefined;
}

/** Unknown symbols have a quote of zeros, as with the provider; those of the tape had a price the day before it. */
function quote(world: SimulatedWorld, text: string): object {
  const symbol = world.symbols.find(text);
  if (symbol === undefined) return { c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 };
  const last = world.history.lastPrice(symbol) ?? world.history.priceBefore(symbol);
  const days = world.history.barsOf(symbol, DAY, 0, Number.MAX_SAFE_INTEGER);
  const today = days.at(-1);
  const before = days.at(-2)?.close;
  const change = before === undefined ? null : last.price - before;
  return {
    c: last.price,
    d: change,
    dp: change === null || before === undefined ? null : (100 * change) / before,
    h: today?.high ?? last.price,
    l: today?.low ?? last.price,
    o: today?.open ?? last.price,
    pc: before ?? 0,
    t: wholeSeconds(last.tsUs),
  };
}

function candles(world: SimulatedWorld, query: URLSearchParams): RestAnswer {
  const resolution = query.get('resolution') ?? '';
  const step = stepOf(resolution);
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
  if (step === undefined || !(from >= 0) || !(to >= from))
    return { status: 422, body: { error: 'Invalid parameters.' } };
  const symbol = world.symbols.find(query.get('symbol') ?? '');
  const lastUs = to * US_PER_SECOND + US_PER_SECOND - 1;
  const bars = symbol === undefined ? [] : world.history.barsOf(symbol, step, from * US_PER_SECOND, lastUs);
  if (bars.length === 0) return { status: 200, body: { s: 'no_data' } };
  const body = {
    c: bars.map((bar) => bar.close),
    h: bars.map((bar) => bar.high),
    l: bars.map((bar) => bar.low),
    o: bars.map((bar) => bar.open),
    s: 'ok',
    t: bars.map((bar) => wholeSeconds(bar.startUs)),
    v: bars.map((bar) => bar.volume),
  };
  return { status: 200, body };
}

function stepOf(resolution: string): BarStep | undefined {
  if (/^(1|5|15|30|60)$/.test(resolution)) return { lengthUs: Number(resolution) * US_PER_MINUTE };
  if (resolution === 'D') return { lengthUs: US_PER_DAY };
  return resolution === 'W' ? { lengthUs: 7 * US_PER_DAY } : undefined;
}
