import { parseMicros, US_PER_DAY } from '../../base/index.ts';
import type { RestAnswer, SimulatedWorld, SimulatorDefinition } from '../provider.ts';
import { civilDate, decimalText } from '../wire-format.ts';

const MOST_ROWS = 100_000;
/** Days between the date of a value and its publication. */
const PUBLICATION_DAYS = 1;
const FIRST_DATE = '1776-07-04';
const LAST_DATE = '9999-12-31';

/** FRED: the daily closes of a tape as series of observations, each published the day after. */
export const fredSimulator: SimulatorDefinition = {
  name: 'fred',
  summary: 'FRED: series/observations, series, series/vintagedates',
  hasStream: false,
  needsKey: true,
  create: (world) => ({
    answer: ({ path, query }) => answer(world, path.replace(/^\/fred/, ''), query),
    refusal: (kind) =>
      kind === 'server'
        ? { error_code: 500, error_message: 'Internal Server Error' }
        : { error_code: 429, error_message: 'Too Many Requests.  Exceeded Rate Limit' },
  }),
};

interface Observation {
  readonly dayUs: number;
  readonly date: string;
  readonly published: string;
  readonly value: string;
}

function answer(world: SimulatedWorld, path: string, query: URLSearchParams): RestAnswer | undefined {
  if (!['/series/observations', '/series', '/series/vintagedates'].includes(path)) return undefined;
  const key = query.get('api_key');
  if (key === null || key === '') {
    return failed(
      'Variable api_key has not been set.  Read https://fred.stlouisfed.org/docs/api/api_key.html for more information.',
    );
  }
  if (!world.keys.accepts(key)) {
    return failed(
      'The value for variable api_key is not registered.  Read https://fred.stlouisfed.org/docs/api/api_key.html for more information.',
    );
  }
  const id = (query.get('series_id') ?? '').toUpperCase();
  const symbol = world.symbols.find(id);
  if (symbol === undefined) return failed('The series does not exist.');
  const all = observationsOf(world, symbol);
  const today = civilDate(world.nowUs());
  if (path === '/series') return series(id, all, today);
  if (path === '/series/vintagedates') {
    const vintage_dates = [...new Set(all.map(({ published }) => published))];
    return {
      status: 200,
      body: {
        realtime_start: FIRST_DATE,
        realtime_end: LAST_DATE,
        count: vintage_dates.length,
        offset: 0,
        limit: 10_000,
        vintage_dates,
      },
    };
  }
  return observations(all, query, today);
}

function observations(all: readonly Observation[], query: URLSearchParams, today: string): RestAnswer {
  const [start, end] = [query.get('observation_start') ?? FIRST_DATE, query.get('observation_end') ?? LAST_DATE];
  const [knownFrom, knownTo] = [
    query.get('realtime_start') ?? today,
    query.get('realtime_end') ?? query.get('realtime_start') ?? today,
  ];
  for (const date of [start, end, knownFrom, knownTo]) {
    if (date !== FIRST_DATE && date !== LAST_DATE && parseMicros(date) === undefined) {
      return failed(`The value for a date variable is not a YYYY-MM-DD date: ${date.slice(0, 20)}.`);
    }
  }
  const limit = Number(query.get('limit') ?? MOST_ROWS);
  const offset = Number(query.get('offset') ?? 0);
  if (!(limit >= 1 && limit <= MOST_ROWS)) return failed('Variable limit is not between 1 and 100000.');
  // A value counts from its publication: before that its vintage has no row.
  const rows = all.filter(({ date, published }) => date >= start && date <= end && published <= knownTo);
  if (query.get('sort_order') === 'desc') rows.reverse();
  const hasVintages = query.has('realtime_start') || query.has('realtime_end') || query.get('output_type') === '4';
  const page = rows.slice(offset, offset + limit).map(({ date, value, published }) => ({
    realtime_start: hasVintages ? laterDate(published, knownFrom) : today,
    realtime_end: hasVintages ? knownTo : today,
    date,
    value,
  }));
  const head = {
    realtime_start: knownFrom,
    realtime_end: knownTo,
    observation_start: start,
    observation_end: end,
    units: query.get('units') ?? 'lin',
  };
  const paging = {
    output_type: 1,
    file_type: 'json',
    order_by: 'observation_date',
    sort_order: query.get('sort_order') ?? 'asc',
    count: rows.length,
    offset,
    limit,
  };
  return { status: 200, body: { ...head, ...paging, observations: page } };
}

function laterDate(a: string, b: string): string {
  return [a, b].sort()[1] as string;
}

function series(id: string, all: readonly Observation[], today: string): RestAnswer {
  const seriess = [
    {
      id,
      realtime_start: today,
      realtime_end: today,
      title: id,
      observation_start: all[0]?.date ?? today,
      observation_end: all.at(-1)?.date ?? today,
      frequency: 'Daily',
      frequency_short: 'D',
      units: 'Index',
      units_short: 'Index',
      seasonal_adjustment: 'Not Seasonally Adjusted',
      seasonal_adjustment_short: 'NSA',
      last_updated: `${today} 08:00:00-05`,
    },
  ];
  return { status: 200, body: { realtime_start: today, realtime_end: today, seriess } };
}

/** One value a day; working days of which the tape has nothing are `.`, as holidays are. */
function observationsOf(world: SimulatedWorld, symbol: number): readonly Observation[] {
  const days = world.history.barsOf(symbol, { lengthUs: US_PER_DAY }, 0, Number.MAX_SAFE_INTEGER);
  const found: Observation[] = [];
  for (const day of days) {
    const before = found.at(-1);
    for (
      let us = (before?.dayUs ?? Number.POSITIVE_INFINITY) + US_PER_DAY;
      us < (day.startUs as number);
      us += US_PER_DAY
    ) {
      const weekday = new Date(us / 1_000).getUTCDay();
      if (weekday !== 0 && weekday !== 6) found.push(observation(us, '.'));
    }
    found.push(observation(day.startUs as number, decimalText(day.close)));
  }
  return found;
}

function observation(dayUs: number, value: string): Observation {
  return { dayUs, date: civilDate(dayUs), published: civilDate(dayUs + PUBLICATION_DAYS * US_PER_DAY), value };
}

function failed(sentence: string): RestAnswer {
  return { status: 400, body: { error_code: 400, error_message: `Bad Request.  ${sentence}` } };
}
