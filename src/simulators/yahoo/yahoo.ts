import { US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import { ZoneClock } from '../../calendar/index.ts';
import type { RestAnswer, SimulatedWorld, SimulatorDefinition } from '../provider.ts';
import type { BarStep, HistoryBar } from '../tape-history.ts';
import { wholeSeconds } from '../wire-format.ts';

const NEW_YORK = 'America/New_York';
const INTERVALS_US: Readonly<Record<string, number>> = {
  '1m': US_PER_MINUTE,
  '2m': 2 * US_PER_MINUTE,
  '5m': 5 * US_PER_MINUTE,
  '15m': 15 * US_PER_MINUTE,
  '30m': 30 * US_PER_MINUTE,
  '60m': US_PER_HOUR,
  '1h': US_PER_HOUR,
  '90m': 90 * US_PER_MINUTE,
  '1d': US_PER_DAY,
  '5d': 5 * US_PER_DAY,
  '1wk': 7 * US_PER_DAY,
};
const RANGE = /^(\d{1,2})(d|mo|y)$/;
const RANGE_DAYS: Readonly<Record<string, number>> = { d: 1, mo: 31, y: 366 };
/** Longest span of one request of minute bars. */
const MOST_MINUTE_DAYS = 8;

/** Yahoo's chart v8: one path, no key. */
export const yahooSimulator: SimulatorDefinition = {
  name: 'yahoo',
  summary: 'Yahoo Finance: /v8/finance/chart/{symbol}',
  hasStream: false,
  needsKey: false,
  create: (world) => ({
    answer(request) {
      const text = /^\/v8\/finance\/chart\/([^/]+)$/.exec(request.path)?.[1];
      return text === undefined ? undefined : chart(world, decodeURIComponent(text), request.query);
    },
    refusal: (kind) => {
      if (kind === 'server') return '<html><body>Will be right back...</body></html>';
      return 'Edge: Too Many Requests';
    },
  }),
};

function chart(world: SimulatedWorld, text: string, query: URLSearchParams): RestAnswer {
  const symbol = world.symbols.find(text);
  if (symbol === undefined) return failed(404, 'Not Found', 'No data found, symbol may be delisted');
  const interval = query.get('interval') ?? '1d';
  const lengthUs = INTERVALS_US[interval];
  if (lengthUs === undefined)
    return failed(400, 'Bad Request', `Invalid input - interval=${interval.slice(0, 20)} is not supported.`);
  const span = readSpan(world, query);
  if (span === undefined) return failed(400, 'Bad Request', 'Invalid input - range or period1 and period2');
  if (lengthUs === US_PER_MINUTE && query.has('period1') && span.toUs - span.fromUs > MOST_MINUTE_DAYS * US_PER_DAY) {
    return failed(
      422,
      'Unprocessable Entity',
      '1m data not available for the requested range. Only 8 days worth of 1m granularity data are allowed to be fetched per request.',
    );
  }
  const isDaily = lengthUs >= US_PER_DAY;
  const isPair = world.symbols.isPair(symbol);
  const zone = isPair ? 'UTC' : NEW_YORK;
  const step: BarStep = { lengthUs, ...(isDaily ? { zone } : {}) };
  const bars = world.history.barsOf(symbol, step, world.history.barStart(span.fromUs, step), span.toUs - 1);
  const meta = metaOf(world, symbol, text, interval, zone, query.get('range') ?? '');
  // Days of shares are stamped with the opening of the session.
  const shiftS = isDaily && !isPair ? 9 * 3_600 + 30 * 60 : 0;
  const quote = bars.length === 0 ? {} : columnsOf(bars);
  const timestamp = bars.length === 0 ? {} : { timestamp: bars.map((bar) => wholeSeconds(bar.startUs) + shiftS) };
  const adjusted = isDaily && bars.length > 0 ? { adjclose: [{ adjclose: bars.map((bar) => bar.close) }] } : {};
  const result = [{ meta, ...timestamp, indicators: { quote: [quote], ...adjusted } }];
  return { status: 200, body: { chart: { result, error: null } } };
}

function columnsOf(bars: readonly HistoryBar[]): object {
  return {
    open: bars.map((bar) => bar.open),
    high: bars.map((bar) => bar.high),
    low: bars.map((bar) => bar.low),
    close: bars.map((bar) => bar.close),
    volume: bars.map((bar) => bar.volume),
  };
}

function metaOf(
  world: SimulatedWorld,
  symbol: number,
  text: string,
  interval: string,
  zone: string,
  range: string,
): object {
  const last = world.history.lastPrice(symbol);
  const days = world.history.barsOf(symbol, { lengthUs: US_PER_DAY, zone }, 0, Number.MAX_SAFE_INTEGER);
  const before = days.at(-2)?.close ?? days.at(-1)?.open ?? null;
  const nowUs = world.nowUs();
  const dayUs = days.at(-1)?.startUs ?? nowUs;
  const dayS = wholeSeconds(dayUs);
  const gmtoffset = new ZoneClock(zone).offsetUs(nowUs) / US_PER_SECOND;
  const period = (start: number, end: number) => ({ timezone: zone, start: dayS + start, end: dayS + end, gmtoffset });
  const isPair = world.symbols.isPair(symbol);
  return {
    currency: 'USD',
    symbol: text,
    exchangeName: isPair ? 'CCC' : 'NMS',
    fullExchangeName: isPair ? 'CCC' : 'NasdaqGS',
    instrumentType: isPair ? 'CRYPTOCURRENCY' : 'EQUITY',
    regularMarketTime: last === undefined ? 0 : wholeSeconds(last.tsUs),
    gmtoffset,
    exchangeTimezoneName: zone,
    regularMarketPrice: last?.price ?? null,
    chartPreviousClose: before,
    previousClose: before,
    priceHint: 2,
    currentTradingPeriod: {
      pre: period(14_400, 34_200),
      regular: period(34_200, 57_600),
      post: period(57_600, 72_000),
    },
    dataGranularity: interval,
    range,
    validRanges: ['1d', '5d', '1mo', '3mo', '6mo', '1y', '2y', '5y', '10y', 'ytd', 'max'],
  };
}

function readSpan(
  world: SimulatedWorld,
  query: URLSearchParams,
): { readonly fromUs: number; readonly toUs: number } | undefined {
  const [from, to] = [query.get('period1'), query.get('period2')];
  if (from !== null) {
    const [fromS, toS] = [Number(from), to === null ? Number.MAX_SAFE_INTEGER / US_PER_SECOND : Number(to)];
    return fromS >= 0 && toS >= fromS ? { fromUs: fromS * US_PER_SECOND, toUs: toS * US_PER_SECOND } : undefined;
  }
  const toUs = Number.MAX_SAFE_INTEGER;
  const text = query.get('range') ?? '1d';
  if (text === 'max' || text === 'ytd') return { fromUs: 0, toUs };
  const match = RANGE.exec(text);
  if (match === null) return undefined;
  const days = Number(match[1]) * (RANGE_DAYS[match[2] as string] as number);
  return { fromUs: Math.max(0, (world.nowUs() as number) - days * US_PER_DAY), toUs };
}

function failed(status: number, code: string, description: string): RestAnswer {
  return { status, body: { chart: { result: null, error: { code, description } } } };
}
