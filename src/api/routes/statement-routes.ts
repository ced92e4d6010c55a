import type { FastifyInstance } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import type { BusEvent, EventQuery, LocalBus } from '../../bus/index.ts';
import { normaliseSymbol, PATTERN_STATUSES, parseTimeframe, SIGNAL_ACTIONS } from '../../model/index.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldProblem, ProblemError } from '../problem.ts';
import {
  type AlertList,
  type Channel,
  type OutcomeList,
  type PatternList,
  type RegimeChangeEvent,
  type RegimeReport,
  SIGNAL_SOCKET_PATH,
  type SignalEvent,
  type SignalList,
} from '../protocol/index.ts';
import {
  AlertListSchema,
  ExplanationSchema,
  OutcomeListSchema,
  PatternListSchema,
  RegimeReportSchema,
  SignalListSchema,
} from '../schemas/event-schemas.ts';
import { SymbolPath } from '../schemas/parameters.ts';
import { RegimesQuery, StatementsQuery } from '../schemas/statement-parameters.ts';
import { findInstrument } from './lookups.ts';
import { routeSchema } from './route-schema.ts';
import { readTimeRange } from './time-range.ts';

const DEFAULT_ROWS = 100;
/** Newest signals that `GET /ml/realtime/signals` looks through for the one of each symbol and timeframe. */
const NEWEST_ROWS = 10_000;

export interface StatementRouteParts {
  readonly context: ApiContext;
  readonly bus: LocalBus;
  /** Names that a broker has for generic symbols, where they differ. */
  readonly brokerSymbols: Readonly<Record<string, string>>;
  readonly explain: ((id: number) => Promise<object | undefined>) | undefined;
}

type Query = Static<typeof StatementsQuery>;

/** What `status` may be, by channel; of the others it is free text. */
const STATUSES: Partial<Record<Channel, readonly string[]>> = {
  pattern_matches: PATTERN_STATUSES,
  signals: SIGNAL_ACTIONS,
  outcomes: ['target', 'stop', 'expiry'],
};

/** What the engine said of the market, from the persisted log, newest first. */
export function addStatementRoutes(app: FastifyInstance, parts: StatementRouteParts): void {
  const list = (path: string, channel: Channel, summary: string, answer: TSchema, name: string): void => {
    const schema = routeSchema({
      operationId: `list_${name}`,
      summary,
      tag: 'statements',
      query: StatementsQuery,
      answer,
      problems: [404],
    });
    app.get(path, { schema }, (request) => {
      const query = request.query as Query;
      const { events, next_cursor } = pageOf(parts, channel, query);
      const rows = events.map(({ text }) => JSON.parse(text) as { readonly symbol?: string });
      const rename = renaming(parts, query.symbology);
      return { [name]: rename === undefined ? rows : rows.map((row) => renamed(row, rename)), next_cursor };
    });
  };
  list('/api/v1/patterns', 'pattern_matches', 'Patterns that were found', PatternListSchema, 'patterns');
  list('/api/v1/signals', 'signals', 'Signals', SignalListSchema, 'signals');
  list('/api/v1/alerts', 'alerts', 'Alerts', AlertListSchema, 'alerts');
  list('/api/v1/outcomes', 'outcomes', 'What became of patterns and signals', OutcomeListSchema, 'outcomes');
  addRegimes(app, parts);
  addNewestSignals(app, parts);
  addExplain(app, parts);
}

/** The types that the lists answer with; the rows are the texts of the log. */
export type StatementLists = PatternList | SignalList | AlertList | OutcomeList;

function addRegimes(app: FastifyInstance, parts: StatementRouteParts): void {
  const schema = routeSchema({
    operationId: 'get_regimes',
    summary: 'The regime of a symbol per timeframe, and its changes',
    tag: 'statements',
    params: SymbolPath,
    query: RegimesQuery,
    answer: RegimeReportSchema,
    problems: [404],
  });
  app.get('/api/v1/regimes/:symbol', { schema }, (request): RegimeReport => {
    const { symbol } = findInstrument(parts.context, (request.params as Static<typeof SymbolPath>).symbol);
    const query: Query = { ...(request.query as Static<typeof RegimesQuery>), symbol };
    const { events, next_cursor } = pageOf(parts, 'regime_changes', query);
    const current = parts.context.featureTimeframes.flatMap((timeframe) => {
      const [newest] = parts.bus.store.read({ channel: 'regime_changes', symbol, timeframe, limit: 1 });
      if (newest === undefined) return [];
      const change = JSON.parse(newest.text) as RegimeChangeEvent;
      return [{ timeframe, since: change.timestamp, ...change.current }];
    });
    const changes = events.map(({ text }) => JSON.parse(text) as RegimeChangeEvent);
    return { symbol, current, changes, next_cursor };
  });
}

/** The newest signal of each symbol and timeframe that was not withdrawn, the strongest first. */
function addNewestSignals(app: FastifyInstance, parts: StatementRouteParts): void {
  const Parameters = Type.Pick(StatementsQuery, ['symbol', 'timeframe', 'symbology']);
  const schema = routeSchema({
    operationId: 'get_realtime_signals',
    summary: 'The newest signal of each symbol and timeframe, the strongest first; a WebSocket is at the same path',
    tag: 'statements',
    query: Parameters,
    answer: SignalListSchema,
    problems: [404],
  });
  app.get(SIGNAL_SOCKET_PATH, { schema }, (request): SignalList => {
    const query = request.query as Static<typeof Parameters>;
    const { events } = pageOf(parts, 'signals', { ...query, limit: NEWEST_ROWS });
    const newest = new Map<string, SignalEvent>();
    // What was withdrawn leaves the signal before it standing.
    const replaced = new Set<number>();
    for (const { symbol, timeframe, text } of events) {
      const signal = JSON.parse(text) as SignalEvent;
      if (signal.replaces !== null) replaced.add(signal.replaces);
      const key = `${symbol} ${timeframe}`;
      if (signal.change !== 'withdrawn' && !replaced.has(signal.id) && !newest.has(key)) newest.set(key, signal);
    }
    const rename = renaming(parts, query.symbology);
    const signals = [...newest.values()]
      .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.id - b.id)
      .map((signal) => (rename === undefined ? signal : renamed(signal, rename)));
    return { signals, next_cursor: null };
  });
}

const IdPath = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Of an event, or of a statement.' }),
  },
  { additionalProperties: false },
);

function addExplain(app: FastifyInstance, parts: StatementRouteParts): void {
  const schema = routeSchema({
    operationId: 'explain',
    summary: 'A statement walked back: probability, pattern, bar, trades, with source and clock of each',
    tag: 'statements',
    params: IdPath,
    answer: ExplanationSchema,
    problems: [404],
  });
  app.get('/api/v1/explain/:id', { schema }, async (request) => {
    const { id } = request.params as Static<typeof IdPath>;
    const found = await parts.explain?.(id);
    if (found !== undefined) return found;
    const detail = `There is no event ${id}, and no statement of that number.`;
    throw new ProblemError(404, 'unknown_event', detail, { errors: [{ pointer: '/id', detail }] });
  });
}

function pageOf(
  parts: StatementRouteParts,
  channel: Channel,
  query: Query,
): { readonly events: readonly BusEvent[]; readonly next_cursor: string | null } {
  const { bus, context } = parts;
  const limit = query.limit ?? DEFAULT_ROWS;
  const { fromUs, toUs } = readTimeRange(query);
  const statuses = STATUSES[channel];
  if (query.status !== undefined && statuses?.includes(query.status) === false) {
    throw fieldProblem(
      '/status',
      'bad_status',
      `"${query.status}" is no status here; allowed: ${statuses.join(', ')}.`,
    );
  }
  const wanted: EventQuery = {
    channel,
    limit: limit + 1,
    ...(query.symbol === undefined ? {} : { symbol: findInstrument(context, normaliseSymbol(query.symbol)).symbol }),
    ...(query.timeframe === undefined ? {} : { timeframe: parseTimeframe(query.timeframe).text }),
    ...(query.pattern === undefined ? {} : { pattern: query.pattern }),
    ...(query.status === undefined ? {} : { status: query.status }),
    ...(query.level === undefined ? {} : { level: query.level }),
    ...(query.from === undefined ? {} : { fromUs }),
    ...(query.to === undefined ? {} : { toUs }),
    ...(query.cursor === undefined ? {} : { beforeId: readCursor(query.cursor) }),
  };
  bus.commit();
  const found = bus.store.read(wanted);
  const events = found.slice(0, limit);
  const last = events.at(-1);
  return { events, next_cursor: found.length > limit && last !== undefined ? `before-${last.id}` : null };
}

function readCursor(text: string): number {
  const match = /^before-(\d{1,16})$/.exec(text);
  if (match !== null) return Number(match[1]);
  throw fieldProblem('/cursor', 'bad_cursor', 'The cursor is none of ours: pass next_cursor of the page before.');
}

/** How symbols are written in an answer; undefined: as they are. @throws 400 for a symbology that there is not. */
function renaming(parts: StatementRouteParts, symbology: string | undefined): ((symbol: string) => string) | undefined {
  if (symbology === undefined || symbology === 'generic') return undefined;
  return (symbol) => parts.brokerSymbols[symbol] ?? symbol;
}

function renamed<Row extends { readonly symbol?: string }>(row: Row, rename: (symbol: string) => string): Row {
  return row.symbol === undefined ? row : { ...row, symbol: rename(row.symbol) };
}
