/** Prices remembered per symbol and source. */
const PRICES = 32;
/** Own prints that say where the source itself stands. */
const OWN_PRINTS = 21;
/** Standard deviation of a normal variable over its median absolute deviation. */
const SIGMA_PER_MAD = 1.4826;

export interface ConsensusSettings {
  /** How far apart in event time two prices are still concurrent. */
  readonly windowUs: number;
  /** Least prices of another source to judge by. */
  readonly leastPrices: number;
  /** Least tolerance, in hundredths of a percent of the price, and in robust standard deviations of the others' prices. */
  readonly toleranceBps: number;
  readonly sigmas: number;
  /** How long a doubtful print waits for another source to confirm it. */
  readonly holdMs: number;
  /** Distance of the medians of two sources, and for how long, from which it is told. */
  readonly divergenceBps: number;
  readonly divergenceMs: number;
}

export const DEFAULT_CONSENSUS: ConsensusSettings = {
  windowUs: 2_000_000,
  leastPrices: 5,
  toleranceBps: 100,
  sigmas: 8,
  holdMs: 500,
  divergenceBps: 50,
  divergenceMs: 3_000,
};

/** What another source said at the time of a print. */
export interface ConcurrentRange {
  readonly prices: number;
  readonly low: number;
  readonly high: number;
  readonly median: number;
  /** What a print may lie outside of [low, high]. */
  readonly tolerance: number;
}

/** The latest prices of one symbol from one source. */
export class PriceTrack {
  private readonly tsUs = new Float64Array(PRICES).fill(Number.NEGATIVE_INFINITY);
  private readonly price = new Float64Array(PRICES);
  private next = 0;

  add(tsUs: number, price: number): void {
    this.tsUs[this.next] = tsUs;
    this.price[this.next] = price;
    this.next = (this.next + 1) % PRICES;
  }

  /** Prices with event time within `windowUs` of `tsUs`, ascending. */
  around(tsUs: number, windowUs: number): Float64Array {
    const found: number[] = [];
    for (let i = 0; i < PRICES; i++) {
      if (Math.abs((this.tsUs[i] as number) - tsUs) <= windowUs) found.push(this.price[i] as number);
    }
    return Float64Array.from(found).sort();
  }

  /** Median of the latest prices before the newest one; NaN where there are too few to say. */
  ownMedian(): number {
    const prices: number[] = [];
    for (let back = 2; back <= OWN_PRINTS + 1; back++) {
      const at = (this.next - back + PRICES) % PRICES;
      if (this.tsUs[at] !== Number.NEGATIVE_INFINITY) prices.push(this.price[at] as number);
    }
    return prices.length < 5 ? Number.NaN : medianOf(Float64Array.from(prices).sort());
  }
}

/** Range, median and tolerance of another source's concurrent prices; `undefined` where they are too few. */
export function concurrentRange(
  others: PriceTrack,
  tsUs: number,
  { windowUs, leastPrices, toleranceBps, sigmas }: ConsensusSettings,
): ConcurrentRange | undefined {
  const prices = others.around(tsUs, windowUs);
  if (prices.length < leastPrices) return undefined;
  const median = medianOf(prices);
  const deviations = prices.map((price) => Math.abs(price - median)).sort();
  const tolerance = Math.max((median * toleranceBps) / 10_000, sigmas * SIGMA_PER_MAD * medianOf(deviations));
  return { prices: prices.length, low: prices[0] as number, high: prices.at(-1) as number, median, tolerance };
}

/** Whether a price lies outside of a range by more than its tolerance. */
export function isOutside(price: number, { low, high, tolerance }: ConcurrentRange): boolean {
  return price < low - tolerance || price > high + tolerance;
}

/**
 * Whether a print is doubtful: outside of what every other source that can be asked said at that time, and away from
 * its own source's prints too (else the feeds differ, and which of them is wrong can not be told).
 */
export function isDoubtful(price: number, own: PriceTrack, ranges: readonly ConcurrentRange[]): boolean {
  if (ranges.length === 0 || !ranges.every((range) => isOutside(price, range))) return false;
  const tolerance = Math.max(...ranges.map((range) => range.tolerance));
  return Math.abs(price - own.ownMedian()) > tolerance;
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
