import type { Adjustment } from '../../bars/index.ts';
import { formatMicros, type Micros } from '../../base/index.ts';
import type { FormingBar, StoredBar } from '../api-context.ts';
import { closedBarRow, formingBarRow } from '../feed/bar-wire.ts';
import type { BarColumns, BarRow, BarTuple } from '../protocol/index.ts';
import type { BarReader } from './adjusted-bars.ts';
import { barCursor, readBarCursor } from './bar-cursor.ts';
import { EARLIEST_US, readTimeRange } from './time-range.ts';

export interface BarPageQuery {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly closed?: boolean;
  readonly shape?: 'default' | 'array' | 'columns';
  readonly adjusted?: Adjustment;
  readonly as_of?: string;
}

/** Rows of a page of which the caller did not say how long it shall be. */
export const DEFAULT_PAGE_BARS = 1_000;

interface Part {
  readonly rows: readonly BarRow[];
  /** Where the next page begins (ascending) or ends (latest first); `undefined` at the end. */
  readonly nextUs: Micros | undefined;
}

interface Request {
  readonly symbol: string;
  readonly timeframe: string;
  readonly fromUs: Micros;
  readonly toUs: Micros;
  readonly limit: number;
  /** What has no final form yet, oldest first: bars that wait for stragglers, and the one under construction. */
  readonly forming: readonly FormingBar[];
}

/**
 * A page of bars, ascending by start. With `from` pages run forward from it; without, the page holds the latest bars
 * before `to`, and further pages run into the past.
 */
export async function readBarPage(
  reader: BarReader,
  symbol: string,
  timeframe: string,
  query: BarPageQuery,
): Promise<{ readonly rows: readonly BarRow[]; readonly nextCursor: string | null }> {
  const range = readTimeRange(query);
  const key = [symbol, timeframe, query.from, query.to, query.adjusted, query.as_of].join('|');
  const cursorUs = query.cursor === undefined ? undefined : readBarCursor(query.cursor, key);
  const isForward = query.from !== undefined;
  const wantsForming = !(query.closed ?? query.shape === 'array') && (isForward || cursorUs === undefined);
  const request: Request = {
    symbol,
    timeframe,
    fromUs: isForward ? (cursorUs ?? range.fromUs) : EARLIEST_US,
    toUs: isForward ? range.toUs : (cursorUs ?? range.toUs),
    limit: query.limit ?? DEFAULT_PAGE_BARS,
    forming: wantsForming ? unfinished(reader, symbol, timeframe) : [],
  };
  const part = isForward ? await readForward(reader, request) : await readLatest(reader, request);
  return { rows: part.rows, nextCursor: part.nextUs === undefined ? null : barCursor(part.nextUs, key) };
}

async function readForward(reader: BarReader, request: Request): Promise<Part> {
  const { symbol, timeframe, fromUs, toUs, limit } = request;
  const bars = await reader.readBars({ symbol, timeframe, fromUs, toUs, limit, latest: false });
  const rows = bars.map((bar) => closedBarRow(bar, timeframe));
  const afterUs = bars.length === 0 ? fromUs : (bars[bars.length - 1] as StoredBar).start + 1;
  const forming = formingWithin(request.forming, Math.max(fromUs, afterUs), toUs);
  if (bars.length < limit) {
    const unclosed = forming.slice(0, limit - bars.length).map((bar) => formingBarRow(bar, timeframe));
    const nextUs = unclosed.length < forming.length ? (forming[unclosed.length] as FormingBar).startUs : undefined;
    return { rows: [...rows, ...unclosed], nextUs };
  }
  const further = await reader.readBars({ symbol, timeframe, fromUs: afterUs, toUs, limit: 1, latest: false });
  return { rows, nextUs: further.length > 0 || forming.length > 0 ? afterUs : undefined };
}

async function readLatest(reader: BarReader, request: Request): Promise<Part> {
  const { symbol, timeframe, fromUs, toUs, limit } = request;
  const mayForm = formingWithin(request.forming, fromUs, toUs).length;
  const closedLimit = Math.max(0, limit - mayForm);
  const bars =
    closedLimit === 0
      ? []
      : await reader.readBars({ symbol, timeframe, fromUs, toUs, limit: closedLimit, latest: true });
  const afterUs = bars.length === 0 ? fromUs : (bars[bars.length - 1] as StoredBar).start + 1;
  // The bar may have closed while the closed ones were read: then it is among them.
  const forming = formingWithin(request.forming, afterUs, toUs).slice(-limit);
  const rows = bars.map((bar) => closedBarRow(bar, timeframe));
  for (const bar of forming) rows.push(formingBarRow(bar, timeframe));
  if (bars.length < closedLimit) return { rows, nextUs: undefined };
  const oldestUs = bars[0]?.start ?? forming[0]?.startUs ?? fromUs;
  const further = await reader.readBars({ symbol, timeframe, fromUs, toUs: oldestUs, limit: 1, latest: true });
  return { rows, nextUs: further.length > 0 ? oldestUs : undefined };
}

function unfinished(reader: BarReader, symbol: string, timeframe: string): readonly FormingBar[] {
  const pending = reader.pendingBars(symbol, timeframe);
  const forming = reader.formingBar(symbol, timeframe);
  return forming === undefined ? pending : [...pending, forming];
}

function formingWithin(bars: readonly FormingBar[], fromUs: Micros, toUs: Micros): readonly FormingBar[] {
  return bars.filter((bar) => bar.startUs >= fromUs && bar.startUs < toUs);
}

/** `[start in ms, open, high, low, close, volume]` as ccxt has it. */
export function barTuples(rows: readonly BarRow[]): BarTuple[] {
  return rows.map((row) => [Date.parse(row.start), row.open, row.high, row.low, row.close, row.volume]);
}

/** One array per field. */
export function barColumns(rows: readonly BarRow[]): BarColumns {
  return {
    start: rows.map((row) => row.start),
    open: rows.map((row) => row.open),
    high: rows.map((row) => row.high),
    low: rows.map((row) => row.low),
    close: rows.map((row) => row.close),
    volume: rows.map((row) => row.volume),
    vwap: rows.map((row) => row.vwap),
    trade_count: rows.map((row) => row.trade_count),
    timeframe: rows.map((row) => row.timeframe),
    final: rows.map((row) => row.final),
    revision: rows.map((row) => row.revision),
    source: rows.map((row) => row.source),
    quality: rows.map((row) => row.quality),
  };
}

/** The start of a feature vector's bar on the wire. */
export function startText(startUs: Micros | undefined): string | null {
  return startUs === undefined ? null : formatMicros(startUs);
}
