/** What the scanner reads of the closed bars of a series; a `BarSeries` is one. */
export interface ChartBars {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Place of the i-th oldest bar in the columns. */
  slot(index: number): number;
}
