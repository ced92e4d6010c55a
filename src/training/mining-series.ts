import type { EngineSink } from '../engine/index.ts';
import type { Bar } from '../model/index.ts';

/** The closed bars of one symbol, ascending, each with its feature vector. */
export interface MiningSeries {
  readonly symbol: string;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Row after row, as many values as there are names. */
  readonly features: Float64Array;
}

interface Rows {
  readonly startUs: number[];
  readonly endUs: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  readonly features: number[];
}

/** Keeps the bars of one timeframe and their features, each in its last revision. */
export class MiningCollector implements EngineSink {
  private readonly rows: Rows[] = [];
  private readonly timeframe: number;
  private readonly featureCount: number;

  /** @param timeframe index in the engine's list. */
  constructor(timeframe: number, featureCount: number) {
    this.timeframe = timeframe;
    this.featureCount = featureCount;
  }

  onFeatures(bar: Bar, values: Float64Array, offset: number): void {
    if (bar.timeframe !== this.timeframe) return;
    this.rows[bar.symbol] ??= { startUs: [], endUs: [], open: [], high: [], low: [], close: [], features: [] };
    const rows = this.rows[bar.symbol] as Rows;
    let row = rows.startUs.length;
    // A revised bar and the bars after it come once more.
    while (row > 0 && (rows.startUs[row - 1] as number) >= bar.startUs) row--;
    rows.startUs[row] = bar.startUs;
    rows.endUs[row] = bar.endUs;
    rows.open[row] = bar.open;
    rows.high[row] = bar.high;
    rows.low[row] = bar.low;
    rows.close[row] = bar.close;
    for (let i = 0; i < this.featureCount; i++)
      rows.features[row * this.featureCount + i] = values[offset + i] as number;
  }

  /** @param symbolOf name of a symbol of the engine. */
  series(symbolOf: (symbol: number) => string): readonly MiningSeries[] {
    return this.rows.flatMap((rows, symbol) => [
      {
        symbol: symbolOf(symbol),
        startUs: Float64Array.from(rows.startUs),
        endUs: Float64Array.from(rows.endUs),
        open: Float64Array.from(rows.open),
        high: Float64Array.from(rows.high),
        low: Float64Array.from(rows.low),
        close: Float64Array.from(rows.close),
        features: Float64Array.from(rows.features),
      },
    ]);
  }
}
