import type { BarQuery, GapQuery, GapRow, QuarantineQuery, QuarantineRow, Slice, StoredBar } from '../../api/index.ts';
import type { BarSeries } from '../../bars/index.ts';
import { formatMicros } from '../../base/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Store, GapRow as StoredGap, QuarantineRow as StoredQuarantine } from '../../stores/index.ts';

/** Rows looked at for one page of a filtered listing; a page may be short, never the listing. */
const PAGE_ROWS = 1_000;

/** Reads history for the API: from the engine's memory where it reaches, from the store before that. */
export class StoredRows {
  private readonly engine: Engine;
  private readonly history: Store;

  constructor(engine: Engine, history: Store) {
    this.engine = engine;
    this.history = history;
  }

  /** Closed bars of [fromUs, toUs), at most `limit`, ascending; the newest of them when `latest`. */
  async bars(query: BarQuery): Promise<readonly StoredBar[]> {
    const held = this.held(query);
    if (query.latest && held.length >= query.limit) return held.slice(-query.limit);
    const { symbol, timeframe, fromUs, toUs, limit, latest } = query;
    const boundUs = Math.min(toUs, held[0]?.start ?? toUs);
    const rows = await this.readAll({ symbol, timeframe, fromUs, toUs: boundUs, limit, latest });
    const all = [...rows, ...held];
    return latest ? all.slice(-limit) : all.slice(0, limit);
  }

  private async readAll(query: BarQuery): Promise<readonly StoredBar[]> {
    if (query.toUs <= query.fromUs) return [];
    const range = { symbols: [query.symbol], timeframe: query.timeframe, fromUs: query.fromUs, toUs: query.toUs };
    const limit = Math.min(query.limit, 10_000);
    const page = await this.history.read('bars', { ...range, limit, latest: query.latest });
    return page.rows;
  }

  private held(query: BarQuery): StoredBar[] {
    const { engine } = this;
    const symbol = engine.universe.find(query.symbol);
    const timeframe = engine.timeframes.findIndex(({ text }) => text === query.timeframe);
    if (symbol === undefined || timeframe < 0) return [];
    const series = engine.series(symbol, timeframe);
    const from = place(series, query.fromUs);
    const to = place(series, query.toUs);
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.heldBar(series, from + i));
  }

  private heldBar(series: BarSeries, index: number): StoredBar {
    const slot = series.slot(index);
    const vwap = series.vwap[slot] as number;
    return {
      start: series.startUs[slot] as number,
      end: series.endUs[slot] as number,
      open: series.open[slot] as number,
      high: series.high[slot] as number,
      low: series.low[slot] as number,
      close: series.close[slot] as number,
      volume: series.volume[slot] as number,
      ...(Number.isNaN(vwap) ? {} : { vwap }),
      trades: series.trades[slot] as number,
      revision: series.revision[slot] as number,
      source: this.engine.universe.sources.text(series.source[slot] as number),
      quality: series.quality[slot] as number,
    };
  }

  /** Newest first. The cursor is the number of rows already given. */
  async gaps(query: GapQuery): Promise<Slice<GapRow>> {
    const rows = await newestFirst<StoredGap>((cursor) =>
      this.history.read('gaps', {
        ...(query.symbol === undefined ? {} : { symbols: [query.symbol] }),
        fromUs: query.fromUs,
        toUs: query.toUs,
        limit: PAGE_ROWS,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    return slice(rows.map(wireGap), query.limit, query.cursor);
  }

  async quarantine(
    query: QuarantineQuery,
    counts: readonly { readonly source: string; readonly reason: string; readonly count: number }[],
  ): Promise<Slice<QuarantineRow> & { readonly total: number }> {
    const rows = await newestFirst<StoredQuarantine>((cursor) =>
      this.history.read('quarantine', {
        ...(query.symbol === undefined ? {} : { symbols: [query.symbol] }),
        limit: PAGE_ROWS,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
    const wanted = rows.filter(
      (row) =>
        (query.source === undefined || row.source === query.source) &&
        (query.reason === undefined || row.reason === query.reason),
    );
    const counted = counts
      .filter(({ source, reason }) => (query.source ?? source) === source && (query.reason ?? reason) === reason)
      .reduce((sum, { count }) => sum + count, 0);
    const total = query.symbol === undefined ? Math.max(counted, wanted.length) : wanted.length;
    return { ...slice(wanted.map(wireQuarantine), query.limit, query.cursor), total };
  }
}

/** Index of the first bar that starts at or after a time. */
function place(series: BarSeries, tsUs: number): number {
  const found = series.find(tsUs);
  return found < 0 ? -1 - found : found;
}

/** Most rows of a listing that can be paged through; older ones are read with the command line. */
const MAX_LISTED = 20_000;

async function newestFirst<Row>(
  read: (
    cursor: string | undefined,
  ) => Promise<{ readonly rows: readonly Row[]; readonly nextCursor: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    rows.push(...page.rows);
    cursor = page.nextCursor;
    if (rows.length > MAX_LISTED) rows.splice(0, rows.length - MAX_LISTED);
  } while (cursor !== undefined);
  return rows.reverse();
}

function slice<Row>(rows: readonly Row[], limit: number, cursor: string | undefined): Slice<Row> {
  const from = cursor === undefined ? 0 : Number(cursor);
  const to = from + limit;
  return { rows: rows.slice(from, to), nextCursor: to < rows.length ? String(to) : undefined };
}

function wireGap(row: StoredGap): GapRow {
  const isOpen = row.to === undefined;
  const state = row.state === 'market_closed' ? 'closed' : row.state;
  return {
    symbol: row.symbol,
    source: row.source ?? '',
    from: formatMicros(row.from),
    to: isOpen ? null : formatMicros(row.to as number),
    state: isOpen && state === 'missing' ? 'open' : (state as GapRow['state']),
    reason: row.cause ?? '',
    repaired: row.recovered ?? 0,
    expected: null,
  };
}

function wireQuarantine(row: StoredQuarantine): QuarantineRow {
  return {
    id: String(row.seq ?? row.ts),
    received_at: formatMicros(row.recv ?? row.ts),
    source: row.source ?? '',
    symbol: row.symbol === undefined || row.symbol === '' ? null : row.symbol,
    kind: row.event,
    reason: row.reason,
    detail: row.detail ?? '',
    raw: row.raw ?? '',
  };
}
