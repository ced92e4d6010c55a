/** Columns of a series of bars; {@link BarSeries} is one. */
export interface CandleColumns {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Place of the i-th oldest bar in the columns. */
  slot(index: number): number;
}

/** Candles held: the deepest candle looked at lies 4 back, and its averages are of the 10 before it. */
const HELD = 15;
/** Candles whose colours are told apart in {@link CandleWindow.colours}. */
export const COLOURED = 5;
/** Candles whose averages are kept: 5 back for the modified hikkake, whose own averages are of 5. */
const AVERAGED = 6;
const LONG = 10;
const SHORT = 5;

/**
 * The last candles of a series, with TA-Lib's standard candle settings. `back` counts from the latest candle (0) to the
 * past. An average at `back` is over the candles before that one, not with it. One window serves all series.
 *
 * TA-Lib keeps running sums. Here each sum is of its own candles, so that a value depends on the candles that its
 * definition names and on nothing else; for prices of one order of magnitude both sums are exact, so they are equal.
 */
export class CandleWindow {
  /** Bit `back` is set where that candle is white. */
  colours = 0;
  private readonly opens = new Float64Array(HELD);
  private readonly highs = new Float64Array(HELD);
  private readonly lows = new Float64Array(HELD);
  private readonly closes = new Float64Array(HELD);
  private readonly bodies = new Float64Array(HELD);
  private readonly ranges = new Float64Array(HELD);
  private readonly shadows = new Float64Array(HELD);
  private readonly bodyAverages = new Float64Array(AVERAGED);
  private readonly rangeAverages = new Float64Array(AVERAGED);
  private readonly shadowAverages = new Float64Array(AVERAGED);
  private readonly shortRangeAverages = new Float64Array(AVERAGED);

  /** Looks at bar `index` as the latest one; candles before the first bar of the series are NaN, which meets no condition. */
  load(columns: CandleColumns, index: number): void {
    const held = Math.min(index + 1, HELD);
    let colours = 0;
    for (let back = 0; back < held; back++) {
      const slot = columns.slot(index - back);
      const open = columns.open[slot] as number;
      const high = columns.high[slot] as number;
      const low = columns.low[slot] as number;
      const close = columns.close[slot] as number;
      const isWhite = close >= open;
      if (isWhite && back < COLOURED) colours |= 1 << back;
      this.opens[back] = open;
      this.highs[back] = high;
      this.lows[back] = low;
      this.closes[back] = close;
      this.bodies[back] = Math.abs(close - open);
      this.ranges[back] = high - low;
      this.shadows[back] = high - (isWhite ? close : open) + ((isWhite ? open : close) - low);
    }
    this.colours = colours;
    if (held < HELD) this.forget(held);
    for (let back = 0; back < AVERAGED; back++) {
      this.shortRangeAverages[back] = sumBefore(this.ranges, back, SHORT) / SHORT;
      if (back + LONG >= HELD) continue;
      this.bodyAverages[back] = sumBefore(this.bodies, back, LONG) / LONG;
      this.rangeAverages[back] = sumBefore(this.ranges, back, LONG) / LONG;
      this.shadowAverages[back] = sumBefore(this.shadows, back, LONG) / LONG;
    }
  }

  open(back: number): number {
    return this.opens[back] as number;
  }

  high(back: number): number {
    return this.highs[back] as number;
  }

  low(back: number): number {
    return this.lows[back] as number;
  }

  close(back: number): number {
    return this.closes[back] as number;
  }

  /** 1 for a white candle (close at or above the open), -1 for a black one. */
  colour(back: number): 1 | -1 {
    return this.isWhite(back) ? 1 : -1;
  }

  isWhite(back: number): boolean {
    return this.close(back) >= this.open(back);
  }

  isBlack(back: number): boolean {
    return this.close(back) < this.open(back);
  }

  /** Length of the real body. */
  body(back: number): number {
    return this.bodies[back] as number;
  }

  /** High minus low. */
  range(back: number): number {
    return this.ranges[back] as number;
  }

  /** Upper end of the real body. */
  top(back: number): number {
    return this.isWhite(back) ? this.close(back) : this.open(back);
  }

  /** Lower end of the real body. */
  bottom(back: number): number {
    return this.isWhite(back) ? this.open(back) : this.close(back);
  }

  upperShadow(back: number): number {
    return this.high(back) - this.top(back);
  }

  lowerShadow(back: number): number {
    return this.bottom(back) - this.low(back);
  }

  /** The real body of `later` lies above that of `earlier`. */
  bodyGapUp(later: number, earlier: number): boolean {
    return this.bottom(later) > this.top(earlier);
  }

  bodyGapDown(later: number, earlier: number): boolean {
    return this.top(later) < this.bottom(earlier);
  }

  /** The whole range of `later` lies above that of `earlier`. */
  gapUp(later: number, earlier: number): boolean {
    return this.low(later) > this.high(earlier);
  }

  gapDown(later: number, earlier: number): boolean {
    return this.high(later) < this.low(earlier);
  }

  /** A body is long when longer than this: the average body of 10. */
  bodyLong(back: number): number {
    return this.bodyAverages[back] as number;
  }

  /** A body is short when shorter than this: the average body of 10. */
  bodyShort(back: number): number {
    return this.bodyAverages[back] as number;
  }

  /** A body is a doji's when not longer than this: a tenth of the average range of 10. */
  bodyDoji(back: number): number {
    return 0.1 * (this.rangeAverages[back] as number);
  }

  /** A shadow is long when longer than this: its own candle's body. */
  shadowLong(back: number): number {
    return this.body(back);
  }

  /** A shadow is very long when longer than this: twice its own candle's body. */
  shadowVeryLong(back: number): number {
    return 2 * this.body(back);
  }

  /** A shadow is short when shorter than this: half the average sum of both shadows of 10. */
  shadowShort(back: number): number {
    return (this.shadowAverages[back] as number) / 2;
  }

  /** A shadow is very short when shorter than this: a tenth of the average range of 10. */
  shadowVeryShort(back: number): number {
    return 0.1 * (this.rangeAverages[back] as number);
  }

  /** Prices are near within this: a fifth of the average range of 5. */
  near(back: number): number {
    return 0.2 * (this.shortRangeAverages[back] as number);
  }

  /** Prices are far beyond this: 0.6 of the average range of 5. */
  far(back: number): number {
    return 0.6 * (this.shortRangeAverages[back] as number);
  }

  /** Prices are equal within this: a twentieth of the average range of 5. */
  equal(back: number): number {
    return 0.05 * (this.shortRangeAverages[back] as number);
  }

  private forget(from: number): void {
    this.opens.fill(Number.NaN, from);
    this.highs.fill(Number.NaN, from);
    this.lows.fill(Number.NaN, from);
    this.closes.fill(Number.NaN, from);
    this.bodies.fill(Number.NaN, from);
    this.ranges.fill(Number.NaN, from);
    this.shadows.fill(Number.NaN, from);
  }
}

/** Sum of the `count` values before `back`, oldest first, as TA-Lib adds them up. */
function sumBefore(values: Float64Array, back: number, count: number): number {
  let sum = 0;
  for (let i = back + count; i > back; i--) sum += values[i] as number;
  return sum;
}
