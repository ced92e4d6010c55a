/** Index in `VOLATILITY_CLASSES` of a daily-equivalent volatility in percent: low < lowPct <= medium < mediumPct <= high. */
export function classifyVolatility(volatilityPct: number, lowPct: number, mediumPct: number): 0 | 1 | 2 {
  if (volatilityPct < lowPct) return 0;
  return volatilityPct < mediumPct ? 1 : 2;
}

const CLASS = 0;
const CANDIDATE = 1;
const BARS = 2;
const NONE = -1;

/**
 * Volatility class that does not flicker: another class takes over once the volatility has been in that class, beyond the
 * limit next to the present one by a share `margin`, for `bars` bars in a row. A bar back inside, or in a third class,
 * starts the count anew. The first class is taken as it is.
 */
export class VolatilityHysteresis {
  readonly stateSize = 3;
  private readonly lowPct: number;
  private readonly mediumPct: number;
  private readonly margin: number;
  private readonly bars: number;

  constructor(lowPct: number, mediumPct: number, margin: number, bars: number) {
    this.lowPct = lowPct;
    this.mediumPct = mediumPct;
    this.margin = margin;
    this.bars = bars;
  }

  reset(state: Float64Array, at: number): void {
    state[at + CLASS] = NONE;
    state[at + CANDIDATE] = NONE;
    state[at + BARS] = 0;
  }

  /** @returns the class after this bar: an index in `VOLATILITY_CLASSES` */
  update(state: Float64Array, at: number, volatilityPct: number): number {
    const present = state[at + CLASS] as number;
    const raw = classifyVolatility(volatilityPct, this.lowPct, this.mediumPct);
    if (present === NONE) return this.settle(state, at, raw);
    if (raw === present || !this.isBeyond(volatilityPct, raw, present)) return this.settle(state, at, present);
    const count = raw === state[at + CANDIDATE] ? (state[at + BARS] as number) + 1 : 1;
    if (count >= this.bars) return this.settle(state, at, raw);
    state[at + CANDIDATE] = raw;
    state[at + BARS] = count;
    return present;
  }

  private isBeyond(volatilityPct: number, raw: number, present: number): boolean {
    if (raw > present) return volatilityPct >= (present === 0 ? this.lowPct : this.mediumPct) * (1 + this.margin);
    return volatilityPct < (present === 2 ? this.mediumPct : this.lowPct) * (1 - this.margin);
  }

  private settle(state: Float64Array, at: number, value: number): number {
    state[at + CLASS] = value;
    state[at + CANDIDATE] = NONE;
    state[at + BARS] = 0;
    return value;
  }
}
