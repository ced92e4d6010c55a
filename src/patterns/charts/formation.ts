import { WATCH } from './chart-state.ts';

/**
 * What a detector says it has recognised: two lines, which of them must break, how far the price then goes by measure, and
 * the points. One, reused; {@link begin} comes first.
 */
export class Formation {
  /** Which breaks confirm it: +1 up, -1 down, 0 both. */
  breaks = 0;
  /** Confirmed by what it is, without waiting for a break in the direction `breaks`. */
  isConfirmed = false;
  upperPrice = 0;
  /** Change of the line per bar, in price. */
  upperSlope = 0;
  lowerPrice = 0;
  lowerSlope = 0;
  /** Height of the formation in price: the measured move. */
  height = 0;
  stopAbove = 0;
  stopBelow = 0;
  fromUs = 0;
  formedAtUs = 0;
  /** Bars that a break is waited for, or for which the pattern keeps quiet after a confirmed one. */
  patience = 0;
  points = 0;
  readonly pointStartUs = new Float64Array(WATCH.MOST_POINTS);
  readonly pointPrice = new Float64Array(WATCH.MOST_POINTS);
  private margins = 0;
  private criteria = 0;

  begin(): void {
    this.isConfirmed = false;
    this.upperSlope = 0;
    this.lowerSlope = 0;
    this.points = 0;
    this.margins = 0;
    this.criteria = 0;
  }

  /** A criterion: a distance is at most `limit`. Its margin is 1 at distance 0 and 0 at the limit. */
  within(distance: number, limit: number): boolean {
    if (!(distance <= limit)) return false;
    this.margins += limit > 0 ? 1 - Math.max(0, distance) / limit : 1;
    this.criteria++;
    return true;
  }

  /** A criterion: a size is at least `limit`. Its margin is 0 at the limit and 1 from twice the limit on. */
  atLeast(size: number, limit: number): boolean {
    if (!(size >= limit)) return false;
    this.margins += limit > 0 ? Math.min(1, size / limit - 1) : 1;
    this.criteria++;
    return true;
  }

  point(startUs: number, price: number): void {
    this.pointStartUs[this.points] = startUs;
    this.pointPrice[this.points] = price;
    this.points++;
  }

  /** 50 where every criterion is met by a hair, 100 where all are met fully: 50 + 50 times the mean margin. */
  get confidence(): number {
    return this.criteria === 0 ? 50 : 50 + (50 * this.margins) / this.criteria;
  }
}
