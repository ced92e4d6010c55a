import { type Micros, TickloomError } from '../base/index.ts';
import { parseTimeframe } from '../model/index.ts';
import type { ColumnBatch } from './column-batch.ts';
import type { DataKind } from './data-sets.ts';

/** Fields that every stored row may have. Times are integer microseconds since the epoch, UTC. */
interface StoredRow {
  readonly symbol: string;
  readonly source?: string;
}

/** A closed bar over [start, end). */
export interface BarRow extends StoredRow {
  readonly timeframe: string;
  readonly start: Micros;
  readonly end?: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap?: number;
  readonly trades?: number;
  readonly revision: number;
  /** 0 to 1. */
  readonly quality?: number;
}

/** A trade, or an amendment of one (`action`), in tape order. */
export interface TradeRow extends StoredRow {
  readonly ts: Micros;
  readonly recv?: Micros;
  readonly price?: number;
  readonly size?: number;
  readonly exchange?: string;
  readonly conditions?: string;
  readonly id?: string;
  readonly action: 'trade' | 'correction' | 'cancel';
  readonly seq?: number;
  readonly quality?: number;
  readonly reasons?: number;
}

export interface QuoteRow extends StoredRow {
  readonly ts: Micros;
  readonly recv?: Micros;
  readonly bid?: number;
  readonly bidSize?: number;
  readonly ask?: number;
  readonly askSize?: number;
  readonly exchange?: string;
  readonly conditions?: string;
  readonly seq?: number;
  readonly quality?: number;
  readonly reasons?: number;
}

/** Feature values by name beside the fixed fields; a warming feature is absent. */
export interface FeatureRow {
  readonly symbol: string;
  readonly timeframe: string;
  readonly start: Micros;
  readonly revision: number;
  readonly [feature: string]: string | number;
}

export interface QuarantineRow {
  readonly symbol?: string;
  readonly ts: Micros;
  readonly recv?: Micros;
  readonly source?: string;
  /** Kind of the event (`trade`, `quote`, …). */
  readonly event: string;
  readonly reason: string;
  readonly detail?: string;
  readonly raw?: string;
  readonly seq?: number;
}

export interface GapRow extends StoredRow {
  readonly from: Micros;
  /** Absent while the gap is open. */
  readonly to?: Micros;
  readonly state: string;
  readonly cause?: string;
  readonly recovered?: number;
  readonly id?: number;
}

export interface RowOf {
  readonly bars: BarRow;
  readonly trades: TradeRow;
  readonly quotes: QuoteRow;
  readonly features: FeatureRow;
  readonly quarantine: QuarantineRow;
  readonly gaps: GapRow;
}

/** A half-open range [fromUs, toUs) of rows, in ascending (time, symbol, arrival) order. */
export interface RangeQuery {
  /** Only these symbols; all when absent. */
  readonly symbols?: readonly string[];
  /** Needed for bars and features. */
  readonly timeframe?: string;
  readonly fromUs?: Micros;
  readonly toUs?: Micros;
  /** Most rows of a page, 1 to {@link MAX_PAGE_ROWS} (default 1000). */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** The last `limit` rows of the range instead of the first (still ascending); takes no cursor. */
  readonly latest?: boolean;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins, `undefined` at the end. */
  readonly nextCursor: string | undefined;
}

/** Counters of a store since it was opened. */
export interface StoreCounters {
  readonly rowsWritten: number;
  readonly rowsPending: number;
  /** Rows that the store's bound turned away or pushed out, by its named policy. */
  readonly rowsDropped: number;
  readonly commits: number;
  readonly commitFailures: number;
}

/**
 * A back end for rows. Stores hold closed bars only: the forming bar is the engine's to show. Writes may be deferred;
 * {@link Store.flush} makes them durable as far as the back end goes (docs/durability.md), and a read sees every write
 * made before it.
 */
export interface Store {
  readonly name: string;
  readonly kinds: ReadonlySet<DataKind>;
  /** Takes the rows over: the caller does not touch the batch afterwards. Keyed rows replace their earlier version. */
  write(batch: ColumnBatch): Promise<void>;
  read<Kind extends DataKind>(kind: Kind, query: RangeQuery): Promise<Page<RowOf[Kind]>>;
  /**
   * Makes everything written so far durable. @param coveredSeq when above 0: everything up to this event of the tape has
   * been written to this store, which the store keeps with the rows.
   */
  flush(coveredSeq?: number): Promise<void>;
  /** Tape sequence up to which the store durably holds everything; 0 where it keeps none. */
  readonly coveredSeq: number;
  counters(): StoreCounters;
  close(): Promise<void>;
}

export const MAX_PAGE_ROWS = 10_000;
const DEFAULT_PAGE_ROWS = 1_000;

/** A checked {@link RangeQuery}. */
export interface CheckedRange {
  readonly symbols: readonly string[] | undefined;
  readonly timeframe: string | undefined;
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
  /** Rows of exactly `fromUs` that earlier pages already gave. */
  readonly skip: number;
  readonly latest: boolean;
}

/**
 * Checks a query for a store.
 * @throws TickloomError `unsupported-kind`, `bad-limit`, `bad-cursor`, `bad-range` or `bad-timeframe`.
 */
export function checkRange(store: Store, kind: DataKind, query: RangeQuery): CheckedRange {
  checkKind(store, kind);
  const limit = query.limit ?? DEFAULT_PAGE_ROWS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
    throw new TickloomError('bad-limit', `limit is ${limit}; allowed are whole numbers from 1 to ${MAX_PAGE_ROWS}.`, {
      subject: 'limit',
    });
  }
  const fromUs = query.fromUs ?? Number.NEGATIVE_INFINITY;
  const toUs = query.toUs ?? Number.POSITIVE_INFINITY;
  if (!(fromUs <= toUs)) {
    throw new TickloomError('bad-range', `from (${fromUs}) lies after to (${toUs}); a range is half-open [from, to).`, {
      subject: 'from',
    });
  }
  const latest = query.latest ?? false;
  if (latest && query.cursor !== undefined) {
    throw new TickloomError('bad-cursor', 'The latest rows are one page and take no cursor.', { subject: 'cursor' });
  }
  const base = { symbols: query.symbols, timeframe: checkTimeframe(kind, query.timeframe), limit, latest };
  if (query.cursor === undefined) return { ...base, fromUs, toUs, skip: 0 };
  const cursor = parseCursor(query.cursor);
  return cursor.fromUs < fromUs ? { ...base, fromUs, toUs, skip: 0 } : { ...base, toUs, ...cursor };
}

export function checkKind(store: Store, kind: DataKind): void {
  if (store.kinds.has(kind)) return;
  throw new TickloomError(
    'unsupported-kind',
    `The store ${store.name} holds no ${kind}; it holds ${[...store.kinds].join(', ')}.`,
    { subject: kind },
  );
}

function checkTimeframe(kind: DataKind, timeframe: string | undefined): string | undefined {
  if (kind !== 'bars' && kind !== 'features') return undefined;
  if (timeframe === undefined) {
    throw new TickloomError('bad-timeframe', `A query for ${kind} needs a timeframe, for example 1m.`, {
      subject: 'timeframe',
    });
  }
  return parseTimeframe(timeframe).text;
}

const CURSOR = /^(-?\d{1,16})\.(\d{1,9})$/;

function parseCursor(text: string): { fromUs: number; skip: number } {
  const match = CURSOR.exec(text);
  if (match === null) {
    throw new TickloomError(
      'bad-cursor',
      'The cursor is none of ours: pass nextCursor of the page before, unchanged.',
      {
        subject: 'cursor',
      },
    );
  }
  return { fromUs: Number(match[1]), skip: Number(match[2]) };
}

/**
 * Makes a page of rows fetched for a range: `rows` hold the time-ordered rows from `range.fromUs` on, after `skip`, and
 * one more than `limit` where there are more.
 */
export function pageOf<Row>(rows: readonly Row[], range: CheckedRange, timeOf: (row: Row) => number): Page<Row> {
  if (range.latest || rows.length <= range.limit) return { rows: rows.slice(0, range.limit), nextCursor: undefined };
  const page = rows.slice(0, range.limit);
  const lastUs = timeOf(page[page.length - 1] as Row);
  let same = 0;
  for (let i = page.length - 1; i >= 0 && timeOf(page[i] as Row) === lastUs; i--) same++;
  const skip = same === page.length && lastUs === range.fromUs ? range.skip + same : same;
  return { rows: page, nextCursor: `${lastUs}.${skip}` };
}
