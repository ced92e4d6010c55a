import { formatMicros, parseMicros } from '../../base/index.ts';
import type { BusEvent } from '../../bus/index.ts';
import { parseTimeframe } from '../../model/index.ts';
import type { BarRow, RowReader, TradeRow } from '../../stores/index.ts';

/** Most trades of a bar that are shown; of more, the first and the last ones. */
const SHOWN_TRADES = 20;
/** Most trades of a bar that are looked at. */
const MAX_TRADES = 100_000;
/** Most pattern statements that a signal is walked back to. */
const SHOWN_PATTERNS = 10;

/** A statement, and what it was made of, one step after the other. Times are RFC 3339 in UTC. */
export interface Explanation {
  readonly id: number;
  readonly type: string;
  readonly statement: Readonly<Record<string, unknown>>;
  /** How likely, and how that is known; null where the statement has no odds. */
  readonly probability: Readonly<Record<string, unknown>> | null;
  /** The pattern statements that it rests on, the leading one first; of a pattern none. */
  readonly patterns: readonly Readonly<Record<string, unknown>>[];
  readonly bar: ExplainedBar | null;
  readonly trades: {
    readonly count: number;
    readonly shown: readonly ExplainedTrade[];
    /** Why there are none, or not all. */
    readonly note: string | null;
  };
  readonly clocks: Readonly<Record<string, string>>;
}

export interface ExplainedBar {
  readonly start: string;
  readonly end: string;
  readonly timeframe: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly source: string | null;
  readonly quality: number | null;
  /** Revision that is stored now, and the one that the statement was made on. */
  readonly revision: number;
  readonly said_on_revision: number;
}

export interface ExplainedTrade {
  readonly time: string;
  readonly received_at: string | null;
  readonly price: number | null;
  readonly size: number | null;
  readonly exchange: string | null;
  readonly conditions: string | null;
  readonly trade_id: string | null;
  readonly action: string;
  readonly source: string | null;
  /** Its place on the tape: there it stands as it was received. */
  readonly tape_seq: number | null;
}

/** What an explanation reads. */
export interface ExplanationParts {
  /** An event by its id, or the newest of a statement. */
  event(id: number): BusEvent | undefined;
  readonly bars: RowReader;
  /** Absent where trades are not kept. */
  readonly trades: RowReader | undefined;
}

const CLOCKS = {
  'trade.time': 'the source: when the venue says that it happened',
  'trade.received_at': 'this machine: when its bytes were read from the socket',
  'bar.start': 'time of its trades, as the source gives it; the interval is half-open',
  timestamp: 'the engine: receive time of the event that it was handling',
  knowable_at: 'the engine: end of the bar, before which nothing of it is used',
} as const;

/** Walks a statement back to the trades that it was made of. Returns `undefined` where there is no such event. */
export async function explanation(parts: ExplanationParts, id: number): Promise<Explanation | undefined> {
  const event = parts.event(id);
  if (event === undefined) return undefined;
  const statement = JSON.parse(event.text) as Record<string, unknown>;
  const patterns = patternsOf(parts, statement);
  const leading = typeof statement['bar_start'] === 'string' ? statement : (patterns[0] ?? statement);
  const bar = await barOf(parts, leading);
  return {
    id: event.id,
    type: event.type,
    statement,
    probability: probabilityOf(statement) ?? probabilityOf(patterns[0] ?? {}) ?? null,
    patterns,
    bar,
    trades: await tradesOf(parts, leading),
    clocks: CLOCKS,
  };
}

/** Pattern events that a signal, an outcome or an alert is about. */
function patternsOf(parts: ExplanationParts, statement: Record<string, unknown>): Record<string, unknown>[] {
  const named = Array.isArray(statement['patterns']) ? (statement['patterns'] as number[]) : [];
  const of = typeof statement['of'] === 'number' ? [statement['of']] : [];
  const alerted = statement['type'] === 'alert' && typeof statement['statement_id'] === 'number';
  const ids = [...named.slice(0, SHOWN_PATTERNS), ...of, ...(alerted ? [patternOfAlert(parts, statement)] : [])];
  return ids.flatMap((id) => {
    const event = id === undefined ? undefined : parts.event(id);
    return event === undefined ? [] : [JSON.parse(event.text) as Record<string, unknown>];
  });
}

/** The alert of a pattern is published right behind it. */
function patternOfAlert(parts: ExplanationParts, alert: Record<string, unknown>): number | undefined {
  const before = parts.event((alert['id'] as number) - 1);
  return before?.type === 'pattern_match' ? before.id : undefined;
}

function probabilityOf(statement: Record<string, unknown>): Record<string, unknown> | undefined {
  const odds = statement['odds'];
  if (odds === null || typeof odds !== 'object') return undefined;
  return { percent: statement['probability'], ...odds };
}

async function barOf(parts: ExplanationParts, statement: Record<string, unknown>): Promise<ExplainedBar | null> {
  const range = rangeOf(statement);
  if (range === undefined) return null;
  const { symbol, timeframe, fromUs } = range;
  const query = { symbols: [symbol], timeframe, fromUs, toUs: fromUs + 1, limit: 1 };
  const row: BarRow | undefined = (await parts.bars.read('bars', query)).rows[0];
  if (row === undefined) return null;
  return {
    start: formatMicros(row.start),
    end: formatMicros(row.end ?? range.toUs),
    timeframe,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    source: row.source ?? null,
    quality: row.quality ?? null,
    revision: row.revision,
    said_on_revision: statement['bar_revision'] as number,
  };
}

async function tradesOf(parts: ExplanationParts, statement: Record<string, unknown>): Promise<Explanation['trades']> {
  const range = rangeOf(statement);
  const none = (note: string) => ({ count: 0, shown: [], note });
  if (range === undefined) return none('The statement belongs to no bar.');
  if (parts.trades === undefined) return none('Trades are not kept here (stores.lake is off).');
  const rows: TradeRow[] = [];
  let cursor: string | undefined;
  do {
    const query = { symbols: [range.symbol], fromUs: range.fromUs, toUs: range.toUs, limit: 10_000 };
    const page = await parts.trades.read('trades', cursor === undefined ? query : { ...query, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== undefined && rows.length < MAX_TRADES);
  if (rows.length === 0) return none('No trades of this interval are held: the bar came from its source as a bar.');
  const half = SHOWN_TRADES / 2;
  const shown = rows.length <= SHOWN_TRADES ? rows : [...rows.slice(0, half), ...rows.slice(-half)];
  const note = shown.length === rows.length ? null : `The first and the last ${half} of ${rows.length} are shown.`;
  return { count: rows.length, shown: shown.map(explainedTrade), note };
}

function explainedTrade(row: TradeRow): ExplainedTrade {
  return {
    time: formatMicros(row.ts),
    received_at: row.recv === undefined ? null : formatMicros(row.recv),
    price: row.price ?? null,
    size: row.size ?? null,
    exchange: row.exchange ?? null,
    conditions: row.conditions ?? null,
    trade_id: row.id === undefined ? null : String(row.id),
    action: row.action,
    source: row.source ?? null,
    tape_seq: row.seq ?? null,
  };
}

interface Interval {
  readonly symbol: string;
  readonly timeframe: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** The bar of a statement. Weeks and months have no fixed length: their trades are looked for in the nominal one. */
function rangeOf(statement: Record<string, unknown>): Interval | undefined {
  const { symbol, timeframe, bar_start } = statement;
  if (typeof symbol !== 'string' || typeof timeframe !== 'string' || typeof bar_start !== 'string') return undefined;
  const fromUs = parseMicros(bar_start);
  if (fromUs === undefined) return undefined;
  return { symbol, timeframe, fromUs, toUs: fromUs + parseTimeframe(timeframe).lengthUs };
}
