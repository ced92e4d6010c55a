import type { EventBatch, Universe } from '../model/index.ts';
import type { ColumnBatch } from './column-batch.ts';
import { columnIndex, type DataSet } from './data-sets.ts';
import { TextMap } from './text-map.ts';

const FIRST_ROWS = 4_096;
const NO_DOUBLES = new Float64Array(0);
const NO_TEXTS = new Int32Array(0);

/**
 * The batch of trades or quotes that is being filled, its columns by name: ticks are most of what a run writes, and
 * looking each column up by number for every row would cost more than storing the value.
 */
export class TickColumns {
  batch: ColumnBatch | undefined;
  /** Room for as many rows as the last batch had and some more; memory that is not written to costs nothing. */
  expectedRows = FIRST_ROWS;
  /** price or bid */
  p0: Float64Array = NO_DOUBLES;
  /** size or bid size */
  p1: Float64Array = NO_DOUBLES;
  /** ask */
  p2: Float64Array = NO_DOUBLES;
  /** ask size */
  p3: Float64Array = NO_DOUBLES;
  id: Float64Array = NO_DOUBLES;
  action: Int32Array = NO_TEXTS;
  /** Index of the action `trade` in the batch. */
  tradeAction = 0;
  readonly idColumn: number;
  readonly actionColumn: number;
  private readonly indices: Readonly<Record<Named, number>>;
  private readonly isQuotes: boolean;
  private readonly symbols: TextMap;
  private readonly exchanges: TextMap;
  private readonly conditionTexts: TextMap;
  private readonly sources: TextMap;
  private symbol: Int32Array = NO_TEXTS;
  private ts: Float64Array = NO_DOUBLES;
  private recv: Float64Array = NO_DOUBLES;
  private exchange: Int32Array = NO_TEXTS;
  private conditions: Int32Array = NO_TEXTS;
  private source: Int32Array = NO_TEXTS;
  private seq: Float64Array = NO_DOUBLES;
  private quality: Float64Array = NO_DOUBLES;
  private reasons: Float64Array = NO_DOUBLES;

  constructor(dataSet: DataSet, universe: Universe) {
    const at = (name: string): number => columnIndex(dataSet, name);
    this.isQuotes = dataSet.kind === 'quotes';
    this.idColumn = at('id');
    this.actionColumn = at('action');
    this.indices = {
      symbol: at('symbol'),
      ts: at('ts'),
      recv: at('recv'),
      exchange: at('exchange'),
      conditions: at('conditions'),
      source: at('source'),
      seq: at('seq'),
      quality: at('quality'),
      reasons: at('reasons'),
      p0: at(this.isQuotes ? 'bid' : 'price'),
      p1: at(this.isQuotes ? 'bidSize' : 'size'),
      p2: at('ask'),
      p3: at('askSize'),
    };
    this.symbols = new TextMap(this.indices.symbol, (id) => universe.symbol(id));
    this.exchanges = new TextMap(this.indices.exchange, (id) => universe.exchanges.text(id));
    this.conditionTexts = new TextMap(this.indices.conditions, (id) => universe.conditions.text(id));
    this.sources = new TextMap(this.indices.source, (id) => universe.sources.text(id));
  }

  /** Begins to fill `batch`. */
  start(batch: ColumnBatch): ColumnBatch {
    this.batch = batch;
    if (!this.isQuotes) this.tradeAction = batch.internText(this.actionColumn, 'trade');
    this.adopt(batch);
    return batch;
  }

  /** Opens the next row. */
  begin(batch: ColumnBatch): number {
    const row = batch.begin();
    // The columns of a batch that grew are new ones.
    if (row >= this.ts.length) this.adopt(batch);
    return row;
  }

  /** The columns that trades and quotes share. */
  put(batch: ColumnBatch, at: number, from: EventBatch, row: number, quality: number, reasons: number): void {
    this.symbol[at] = this.symbols.of(batch, from.symbol[row] as number);
    this.ts[at] = from.tsEventUs[row] as number;
    this.recv[at] = from.tsRecvUs[row] as number;
    this.exchange[at] = this.exchanges.of(batch, from.exchange[row] as number);
    this.conditions[at] = this.conditionTexts.of(batch, from.conditions[row] as number);
    this.source[at] = this.sources.of(batch, from.source[row] as number);
    this.seq[at] = from.seq[row] as number;
    this.quality[at] = quality;
    this.reasons[at] = reasons;
  }

  /** The filled batch, which the caller owns from here on. */
  take(): ColumnBatch | undefined {
    const { batch } = this;
    if (batch === undefined) return undefined;
    this.expectedRows = Math.max(FIRST_ROWS, batch.length + (batch.length >> 1));
    this.batch = undefined;
    return batch;
  }

  private adopt(batch: ColumnBatch): void {
    const doubles = (name: Named): Float64Array => (batch.columns[this.indices[name]] ?? NO_DOUBLES) as Float64Array;
    const texts = (name: Named): Int32Array => batch.columns[this.indices[name]] as Int32Array;
    this.symbol = texts('symbol');
    this.ts = doubles('ts');
    this.recv = doubles('recv');
    this.exchange = texts('exchange');
    this.conditions = texts('conditions');
    this.source = texts('source');
    this.seq = doubles('seq');
    this.quality = doubles('quality');
    this.reasons = doubles('reasons');
    this.p0 = doubles('p0');
    this.p1 = doubles('p1');
    this.p2 = doubles('p2');
    this.p3 = doubles('p3');
    if (this.isQuotes) return;
    this.id = batch.columns[this.idColumn] as Float64Array;
    this.action = batch.columns[this.actionColumn] as Int32Array;
  }
}

type Named =
  | 'symbol'
  | 'ts'
  | 'recv'
  | 'exchange'
  | 'conditions'
  | 'source'
  | 'seq'
  | 'quality'
  | 'reasons'
  | 'p0'
  | 'p1'
  | 'p2'
  | 'p3';
