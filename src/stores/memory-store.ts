import type { Cell, ColumnBatch } from './column-batch.ts';
import { DATA_KINDS, type DataKind, type DataSet } from './data-sets.ts';
import { compareText } from './row-order.ts';
import { checkRange, type Page, pageOf, type RangeQuery, type RowOf, type Store, type StoreCounters } from './store.ts';

type Row = Readonly<Record<string, Cell>>;

/** Rows of one kind, timeframe and symbol in time order. */
class Series {
  readonly rows: Row[] = [];

  /** Adds a row behind its equals in time, or in place of the one with the same key; a removal takes that one out. */
  put(row: Row, time: string, key: readonly string[], isRemoval: boolean): void {
    const at = this.firstAfter(row[time] as number, time);
    for (let i = at - 1; i >= 0 && key.length > 0; i--) {
      const other = this.rows[i] as Row;
      if (other[time] !== row[time]) break;
      if (key.every((name) => other[name] === row[name])) {
        if (isRemoval) this.rows.splice(i, 1);
        else this.rows[i] = row;
        return;
      }
    }
    if (isRemoval) return;
    if (at === this.rows.length) this.rows.push(row);
    else this.rows.splice(at, 0, row);
  }

  /** Index of the first row later than `us`. */
  private firstAfter(us: number, time: string): number {
    const last = this.rows[this.rows.length - 1];
    if (last === undefined || (last[time] as number) <= us) return this.rows.length;
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.rows[middle] as Row)[time] as number) <= us) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface MemoryStoreOptions {
  /** Most rows of a series (kind, timeframe, symbol); the oldest go first (policy `drop-oldest`, counted). */
  readonly maxRowsPerSeries?: number;
}

/** Keeps the newest rows of every series in the process: the hot store, and the reference for the others in tests. */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly kinds: ReadonlySet<DataKind> = new Set(DATA_KINDS);
  private readonly maxRows: number;
  private readonly series = new Map<string, Map<string, Series>>();
  private readonly schemas = new Map<DataKind, DataSet>();
  private written = 0;
  private dropped = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.maxRows = options.maxRowsPerSeries ?? 100_000;
  }

  async write(batch: ColumnBatch): Promise<void> {
    const { dataSet } = batch;
    this.schemas.set(dataSet.kind, dataSet);
    const group = this.group(dataSet.kind, batch.timeframe);
    for (let i = 0; i < batch.length; i++) {
      const row = batch.row(i);
      const symbol = String(row['symbol'] ?? '');
      let series = group.get(symbol);
      if (series === undefined) {
        series = new Series();
        group.set(symbol, series);
      }
      series.put(row, dataSet.time, dataSet.key, batch.isRemoval(i));
      // A tenth of slack, so that the front is cut in stretches and not row by row.
      if (series.rows.length > this.maxRows * 1.1) {
        this.dropped += series.rows.splice(0, series.rows.length - this.maxRows).length;
      }
    }
    this.written += batch.length;
  }

  private group(kind: DataKind, timeframe: string | undefined): Map<string, Series> {
    const name = `${kind}/${timeframe ?? ''}`;
    let group = this.series.get(name);
    if (group === undefined) {
      group = new Map();
      this.series.set(name, group);
    }
    return group;
  }

  async read<Kind extends DataKind>(kind: Kind, query: RangeQuery): Promise<Page<RowOf[Kind]>> {
    const range = checkRange(this, kind, query);
    const time = this.schemas.get(kind)?.time;
    if (time === undefined) return { rows: [], nextCursor: undefined };
    const timeOf = (row: Row): number => row[time] as number;
    const group = this.group(kind, range.timeframe);
    const found: Row[] = [];
    for (const symbol of [...group.keys()].sort(compareText)) {
      if (range.symbols !== undefined && !range.symbols.includes(symbol)) continue;
      for (const row of group.get(symbol)?.rows ?? []) {
        if (timeOf(row) >= range.fromUs && timeOf(row) < range.toUs) found.push(row);
      }
    }
    found.sort((a, b) => timeOf(a) - timeOf(b)); // Stable: equal times keep (symbol, arrival).
    const rows = range.latest ? found.slice(-range.limit) : found.slice(range.skip, range.skip + range.limit + 1);
    return pageOf(rows, range, timeOf) as Page<unknown> as Page<RowOf[Kind]>;
  }

  readonly coveredSeq = 0;

  /** Nothing here outlives the process. */
  async flush(): Promise<void> {}

  counters(): StoreCounters {
    return {
      rowsWritten: this.written,
      rowsPending: 0,
      rowsDropped: this.dropped,
      commits: 0,
      commitFailures: 0,
    };
  }

  async close(): Promise<void> {
    this.series.clear();
  }
}
