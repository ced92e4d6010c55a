import { US_PER_DAY, US_PER_MINUTE } from '../../base/index.ts';
import { ZoneClock } from '../../calendar/index.ts';
import type { RestAnswer, SimulatedWorld, SimulatorDefinition } from '../provider.ts';
import type { BarStep, HistoryBar } from '../tape-history.ts';
import { civilDate, civilTime } from '../wire-format.ts';

const COMPACT_ROWS = 100;
const EASTERN = 'America/New_York';
const MINUTES = ['1min', '5min', '15min', '30min', '60min'];
const LIMIT_TEXT =
  'Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (1 request per second). You may subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to lift the free key rate limit (25 requests per day), raise the per-second burst limit, and instantly unlock all premium endpoints';
const DAY_LIMIT_TEXT =
  'We have detected your API key as XXXX and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans at https://www.alphavantage.co/premium/ to instantly remove all daily rate limits.';

/** Alpha Vantage: `/query` with every error as status 200. */
export const alphavantageSimulator: SimulatorDefinition = {
  name: 'alphavantage',
  summary: 'Alpha Vantage: /query for intraday and daily series and quotes (JSON, CSV)',
  hasStream: false,
  needsKey: true,
  create: (world) => {
    const queries = new AlphavantageQueries(world);
    return {
      answer: ({ path, query }) => (path === '/query' ? queries.answer(query) : undefined),
      refusal: (kind) => {
        if (kind === 'server') return '<html><body>Service Unavailable</body></html>';
        return { Information: kind === 'quota' ? DAY_LIMIT_TEXT : LIMIT_TEXT };
      },
    };
  },
};

class AlphavantageQueries {
  private readonly world: SimulatedWorld;
  private readonly eastern = new ZoneClock(EASTERN);

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  answer(query: URLSearchParams): RestAnswer {
    const name = query.get('function') ?? '';
    if (!this.world.keys.accepts(query.get('apikey') ?? undefined)) {
      return given({
        'Error Message':
          'the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds.',
      });
    }
    const text = query.get('symbol') ?? '';
    const symbol = this.world.symbols.find(text);
    if (name === 'GLOBAL_QUOTE') return this.quote(text, symbol, query);
    const isIntraday = name === 'TIME_SERIES_INTRADAY';
    const interval = query.get('interval') ?? '';
    const isKnown = isIntraday ? MINUTES.includes(interval) : /^TIME_SERIES_(DAILY|DAILY_ADJUSTED|WEEKLY)$/.test(name);
    if (!isKnown || symbol === undefined) {
      return given({
        'Error Message': `Invalid API call. Please retry or visit the documentation (https://www.alphavantage.co/documentation/) for ${name}.`,
      });
    }
    const lengthUs = isIntraday
      ? Number.parseInt(interval, 10) * US_PER_MINUTE
      : name.endsWith('WEEKLY')
        ? 7 * US_PER_DAY
        : US_PER_DAY;
    const zone = this.world.symbols.isPair(symbol) ? 'UTC' : EASTERN;
    const step: BarStep = { lengthUs, ...(isIntraday ? {} : { zone }) };
    let bars = this.world.history.barsOf(symbol, step, 0, Number.MAX_SAFE_INTEGER);
    const month = query.get('month');
    if (month !== null) bars = bars.filter((bar) => this.stamp(bar, zone, false).startsWith(month));
    if ((query.get('outputsize') ?? 'compact') === 'compact') bars = bars.slice(-COMPACT_ROWS);
    bars.reverse();
    if (query.get('datatype') === 'csv') return { status: 200, body: this.csv(bars, zone, isIntraday) };
    return given(this.series(text, name, interval, bars, zone, isIntraday));
  }

  private series(
    text: string,
    name: string,
    interval: string,
    bars: readonly HistoryBar[],
    zone: string,
    isIntraday: boolean,
  ): object {
    const isAdjusted = name.endsWith('ADJUSTED');
    const newest = bars[0];
    const last = newest === undefined ? '' : this.stamp(newest, zone, !isIntraday);
    const label = zone === 'UTC' ? 'UTC' : 'US/Eastern';
    const rows = Object.fromEntries(bars.map((bar) => [this.stamp(bar, zone, !isIntraday), rowOf(bar, isAdjusted)]));
    if (isIntraday) {
      const meta = {
        '1. Information': `Intraday (${interval}) open, high, low, close prices and volume`,
        '2. Symbol': text,
        '3. Last Refreshed': last,
        '4. Interval': interval,
        '5. Output Size': 'Compact',
        '6. Time Zone': label,
      };
      return { 'Meta Data': meta, [`Time Series (${interval})`]: rows };
    }
    const isWeekly = name.endsWith('WEEKLY');
    const meta = {
      '1. Information': `${isWeekly ? 'Weekly' : 'Daily'} Prices (open, high, low, close) and Volumes`,
      '2. Symbol': text,
      '3. Last Refreshed': last,
      '4. Output Size': 'Compact',
      '5. Time Zone': label,
    };
    return { 'Meta Data': meta, [isWeekly ? 'Weekly Time Series' : 'Time Series (Daily)']: rows };
  }

  private csv(bars: readonly HistoryBar[], zone: string, isIntraday: boolean): string {
    const lines = bars.map((bar) => {
      const values = [bar.open, bar.high, bar.low, bar.close].map((value) => value.toFixed(4));
      return `${this.stamp(bar, zone, !isIntraday)},${values.join(',')},${Math.round(bar.volume)}\r\n`;
    });
    return `timestamp,open,high,low,close,volume\r\n${lines.join('')}`;
  }

  private quote(text: string, symbol: number | undefined, query: URLSearchParams): RestAnswer {
    const zone = symbol !== undefined && this.world.symbols.isPair(symbol) ? 'UTC' : EASTERN;
    const step = { lengthUs: US_PER_DAY, zone };
    const days = symbol === undefined ? [] : this.world.history.barsOf(symbol, step, 0, Number.MAX_SAFE_INTEGER);
    const day = days.at(-1);
    const key = query.get('entitlement') === 'delayed' ? 'Global Quote - DATA DELAYED BY 15 MINUTES' : 'Global Quote';
    if (day === undefined) return given({ [key]: {} });
    const before = days.at(-2)?.close ?? day.open;
    return given({
      [key]: {
        '01. symbol': text,
        '02. open': day.open.toFixed(4),
        '03. high': day.high.toFixed(4),
        '04. low': day.low.toFixed(4),
        '05. price': day.close.toFixed(4),
        '06. volume': String(Math.round(day.volume)),
        '07. latest trading day': this.stamp(day, zone, true),
        '08. previous close': before.toFixed(4),
        '09. change': (day.close - before).toFixed(4),
        '10. change percent': `${((100 * (day.close - before)) / before).toFixed(4)}%`,
      },
    });
  }

  private stamp({ startUs }: HistoryBar, zone: string, isDay: boolean): string {
    const offsetUs = zone === 'UTC' ? 0 : this.eastern.offsetUs(startUs);
    return isDay ? civilDate(startUs, offsetUs) : civilTime(startUs, offsetUs);
  }
}

/** Numbers as the provider writes them: four decimals, which cuts prices finer than that. */
function rowOf(bar: HistoryBar, isAdjusted: boolean): Readonly<Record<string, string>> {
  const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((value) => value.toFixed(4)) as [
    string,
    string,
    string,
    string,
  ];
  const prices = { '1. open': open, '2. high': high, '3. low': low, '4. close': close };
  const volume = String(Math.round(bar.volume));
  if (!isAdjusted) return { ...prices, '5. volume': volume };
  return {
    ...prices,
    '5. adjusted close': close,
    '6. volume': volume,
    '7. dividend amount': '0.0000',
    '8. split coefficient': '1.0',
  };
}

function given(body: object): RestAnswer {
  return { status: 200, body };
}
