import type { Bar, EventBatch, Gap, Universe } from '../model/index.ts';
import { type Cell, ColumnBatch } from './column-batch.ts';
import { type DataKind, type DataSet, dataSets } from './data-sets.ts';
import { TextMap } from './text-map.ts';
import { TickColumns } from './tick-columns.ts';

const FIRST_BARS = 256;

/** The columns that the engine's outputs fill until they are handed over. Kinds that no store holds are passed over. */
export class SinkBuffers {
  private readonly universe: Universe;
  private readonly timeframes: readonly string[];
  private readonly featureCount: number;
  private readonly kinds: ReadonlySet<DataKind>;
  private readonly schemas: Readonly<Record<DataKind, DataSet>>;
  private readonly trades: TickColumns;
  private readonly quotes: TickColumns;
  private quarantine: ColumnBatch | undefined;
  private gaps: ColumnBatch | undefined;
  private readonly bars: (ColumnBatch | undefined)[];
  private readonly features: (ColumnBatch | undefined)[];
  private readonly barMaps: readonly { readonly symbol: TextMap; readonly source: TextMap }[];
  private readonly featureMaps: readonly TextMap[];
  /** Room that the next batch of a timeframe gets: growing copies it all. */
  private readonly expectedBars: number[];
  /** Rows waiting to be handed over. */
  rows = 0;
  readonly written: Record<DataKind, number> = { bars: 0, trades: 0, quotes: 0, features: 0, quarantine: 0, gaps: 0 };

  constructor(
    universe: Universe,
    timeframes: readonly string[],
    featureNames: readonly string[],
    kinds: ReadonlySet<DataKind>,
  ) {
    this.universe = universe;
    this.timeframes = timeframes;
    this.featureCount = featureNames.length;
    this.kinds = kinds;
    this.schemas = dataSets(featureNames);
    this.expectedBars = timeframes.map(() => FIRST_BARS);
    this.bars = timeframes.map(() => undefined);
    this.features = timeframes.map(() => undefined);
    const symbolOf = (id: number): string => universe.symbol(id);
    const sourceOf = (id: number): string => universe.sources.text(id);
    this.trades = new TickColumns(this.schemas.trades, universe);
    this.quotes = new TickColumns(this.schemas.quotes, universe);
    this.barMaps = timeframes.map(() => ({ symbol: new TextMap(0, symbolOf), source: new TextMap(11, sourceOf) }));
    this.featureMaps = timeframes.map(() => new TextMap(0, symbolOf));
  }

  private begun(kind: DataKind): void {
    this.rows++;
    this.written[kind]++;
  }

  /** Adds a trade or an amendment; returns the batch that holds it as its last row, `undefined` when no store keeps trades. */
  addTrade(
    from: EventBatch,
    row: number,
    quality: number,
    reasons: number,
    action: 'trade' | 'correction' | 'cancel',
  ): ColumnBatch | undefined {
    if (!this.kinds.has('trades')) return undefined;
    this.begun('trades');
    const { trades } = this;
    const batch = trades.batch ?? trades.start(new ColumnBatch(this.schemas.trades, undefined, trades.expectedRows));
    const at = trades.begin(batch);
    trades.put(batch, at, from, row, quality, reasons);
    const isCancel = action === 'cancel';
    trades.p0[at] = isCancel ? Number.NaN : (from.p0[row] as number);
    trades.p1[at] = isCancel ? Number.NaN : (from.p1[row] as number);
    const id = from.idNum[row] as number;
    if (id >= 0) trades.id[at] = id;
    else if (id !== id && from.idText[row] === undefined) trades.id[at] = Number.NaN;
    else batch.setCell(at, trades.idColumn, from.idOf(row));
    trades.action[at] = action === 'trade' ? trades.tradeAction : batch.internText(trades.actionColumn, action);
    return batch;
  }

  addQuote(from: EventBatch, row: number, quality: number, reasons: number): void {
    if (!this.kinds.has('quotes')) return;
    this.begun('quotes');
    const { quotes } = this;
    const batch = quotes.batch ?? quotes.start(new ColumnBatch(this.schemas.quotes, undefined, quotes.expectedRows));
    const at = quotes.begin(batch);
    quotes.put(batch, at, from, row, quality, reasons);
    quotes.p0[at] = from.p0[row] as number;
    quotes.p1[at] = from.p1[row] as number;
    quotes.p2[at] = from.p2[row] as number;
    quotes.p3[at] = from.p3[row] as number;
  }

  addBar(bar: Bar): void {
    const batch = this.barBatch(bar.timeframe);
    if (batch === undefined) return;
    const maps = this.barMaps[bar.timeframe] as { readonly symbol: TextMap; readonly source: TextMap };
    const at = batch.begin();
    const c = batch.columns;
    put(c, 0, at, maps.symbol.of(batch, bar.symbol));
    put(c, 1, at, bar.startUs);
    put(c, 2, at, bar.endUs);
    put(c, 3, at, bar.open);
    put(c, 4, at, bar.high);
    put(c, 5, at, bar.low);
    put(c, 6, at, bar.close);
    put(c, 7, at, bar.volume);
    put(c, 8, at, bar.vwap);
    put(c, 9, at, bar.trades);
    put(c, 10, at, bar.revision);
    put(c, 11, at, maps.source.of(batch, bar.source));
    put(c, 12, at, bar.quality);
  }

  /** Takes a bar, and the features that were computed from it, out of the stores. */
  removeBar(bar: { readonly symbol: number; readonly timeframe: number; readonly startUs: number }): void {
    const symbol = this.universe.symbol(bar.symbol);
    this.barBatch(bar.timeframe)?.addRemoval(symbol, bar.startUs);
    this.featureBatch(bar.timeframe)?.addRemoval(symbol, bar.startUs);
  }

  private barBatch(timeframe: number): ColumnBatch | undefined {
    if (!this.kinds.has('bars')) return undefined;
    this.begun('bars');
    let batch = this.bars[timeframe];
    if (batch === undefined) {
      batch = new ColumnBatch(this.schemas.bars, this.timeframes[timeframe], this.expectedBars[timeframe]);
      this.bars[timeframe] = batch;
    }
    return batch;
  }

  addFeatures(bar: Bar, values: Float64Array, offset: number): void {
    const batch = this.featureBatch(bar.timeframe);
    if (batch === undefined) return;
    const at = batch.begin();
    const c = batch.columns;
    put(c, 0, at, (this.featureMaps[bar.timeframe] as TextMap).of(batch, bar.symbol));
    put(c, 1, at, bar.startUs);
    put(c, 2, at, bar.revision);
    for (let k = 0; k < this.featureCount; k++) put(c, 3 + k, at, values[offset + k] as number);
  }

  private featureBatch(timeframe: number): ColumnBatch | undefined {
    if (!this.kinds.has('features') || this.featureCount === 0) return undefined;
    this.begun('features');
    let batch = this.features[timeframe];
    if (batch === undefined) {
      batch = new ColumnBatch(this.schemas.features, this.timeframes[timeframe], this.expectedBars[timeframe]);
      this.features[timeframe] = batch;
    }
    return batch;
  }

  addQuarantine(cells: Readonly<Record<string, Cell>>): void {
    if (!this.kinds.has('quarantine')) return;
    this.quarantine ??= new ColumnBatch(this.schemas.quarantine);
    this.begun('quarantine');
    this.quarantine.add(cells);
  }

  addGap(gap: Gap): void {
    if (!this.kinds.has('gaps')) return;
    this.gaps ??= new ColumnBatch(this.schemas.gaps);
    this.begun('gaps');
    this.gaps.add({
      symbol: this.universe.symbol(gap.symbol),
      from: gap.fromUs,
      to: Number.isFinite(gap.toUs) ? gap.toUs : undefined,
      source: this.universe.sources.text(gap.source),
      state: gap.state,
      cause: gap.cause,
      recovered: gap.recovered,
      id: gap.id,
    });
  }

  /** The filled batches, which the caller owns from here on; the buffers begin anew. */
  take(): ColumnBatch[] {
    const all = [this.trades.take(), this.quotes.take(), this.quarantine, this.gaps, ...this.bars, ...this.features];
    this.quarantine = undefined;
    this.gaps = undefined;
    this.bars.forEach((batch, timeframe) => {
      const rows = batch?.length ?? 0;
      this.expectedBars[timeframe] = Math.max(FIRST_BARS, rows + (rows >> 1));
    });
    this.bars.fill(undefined);
    this.features.fill(undefined);
    this.rows = 0;
    return all.filter((batch) => batch !== undefined);
  }
}

function put(columns: readonly (Float64Array | Int32Array)[], column: number, row: number, value: number): void {
  (columns[column] as Float64Array)[row] = value;
}
