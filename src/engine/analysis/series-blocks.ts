/** Everything that later answers depend on. */
export interface BlocksSnapshot {
  readonly bars: readonly number[];
  readonly peaks: readonly number[];
  readonly data: Float64Array;
}

/**
 * One block of doubles per series, with a copy of it from before each of the latest bars: what a component remembers of
 * a series is its part of the block and nothing else, so that going back is copying.
 */
export class SeriesBlocks {
  /** The blocks; {@link at} says where a series' current one begins. Replaced when it grows. */
  data: Float64Array = new Float64Array(0);
  readonly size: number;
  /** Bars that a series can go back. */
  readonly depth: number;
  /** Bars that each series has seen. */
  private bars: Float64Array = new Float64Array(0);
  /** The most bars that each series ever had: copies older than `depth` before that are overwritten. */
  private peaks: Float64Array = new Float64Array(0);
  private readonly initial: Float64Array;
  /** Doubles from one series to the next; odd, so that equal places of different series spread over all cache sets. */
  private readonly stride: number;

  /** @param initial the block of a series that has seen nothing */
  constructor(initial: Float64Array, depth: number) {
    this.initial = initial;
    this.size = initial.length;
    this.depth = depth;
    this.stride = ((depth + 1) * this.size) | 1;
  }

  get seriesCount(): number {
    return this.bars.length;
  }

  get bytesPerSeries(): number {
    return (this.stride + 2) * 8;
  }

  /** Makes room for at least `count` series. */
  ensure(count: number): void {
    if (count <= this.seriesCount) return;
    const room = Math.max(count, Math.ceil(this.seriesCount * 1.5));
    const data = new Float64Array(room * this.stride);
    data.set(this.data);
    for (let series = this.seriesCount; series < room; series++) data.set(this.initial, this.at(series));
    const bars = new Float64Array(room);
    bars.set(this.bars);
    const peaks = new Float64Array(room);
    peaks.set(this.peaks);
    this.data = data;
    this.bars = bars;
    this.peaks = peaks;
  }

  /** Where the current block of a series begins. */
  at(series: number): number {
    return series * this.stride;
  }

  /** Where the block from before the bar of an ordinal begins; {@link canRewind} must hold. */
  before(series: number, ordinal: number): number {
    return this.at(series) + (1 + (ordinal % this.depth)) * this.size;
  }

  barCount(series: number): number {
    return series < this.seriesCount ? (this.bars[series] as number) : 0;
  }

  /** Keeps the block as it is before the next bar, and counts that bar; returns its ordinal. */
  beginBar(series: number): number {
    const ordinal = this.bars[series] as number;
    const from = this.at(series);
    this.data.copyWithin(this.before(series, ordinal), from, from + this.size);
    this.bars[series] = ordinal + 1;
    if (ordinal + 1 > (this.peaks[series] as number)) this.peaks[series] = ordinal + 1;
    return ordinal;
  }

  /** Whether the block from before a bar is still there. */
  canRewind(series: number, ordinal: number): boolean {
    const count = this.barCount(series);
    if (ordinal === count) return true;
    return ordinal >= 0 && ordinal < count && (this.peaks[series] as number) - ordinal <= this.depth;
  }

  /** Goes back to before the bar of this ordinal; {@link canRewind} must hold. */
  rewind(series: number, ordinal: number): void {
    if (ordinal === this.bars[series]) return;
    const from = this.before(series, ordinal);
    this.data.copyWithin(this.at(series), from, from + this.size);
    this.bars[series] = ordinal;
  }

  snapshot(): BlocksSnapshot {
    return { bars: [...this.bars], peaks: [...this.peaks], data: this.data };
  }

  restore({ bars, peaks, data }: BlocksSnapshot): void {
    this.bars = Float64Array.from(bars);
    this.peaks = Float64Array.from(peaks);
    this.data = data.slice();
  }
}
