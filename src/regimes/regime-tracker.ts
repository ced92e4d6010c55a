import { type Regime, TREND_CLASSES, VOLATILITY_CLASSES } from '../model/index.ts';
import { observeTurbulence, predictTurbulence, stationaryTurbulence, type TwoStateModel } from './hmm-filter.ts';
import { checkRegimeSettings, type RegimeSettings } from './regime-settings.ts';
import { LIVE_CHANGE_POINTS, RunLengthTracker } from './run-length-tracker.ts';
import { VolatilityHysteresis } from './volatility-hysteresis.ts';

/** Regime cells: volatility class times trend class. */
export const REGIME_CELLS = VOLATILITY_CLASSES.length * TREND_CLASSES.length;

/**
 * The live two-state model of standardised returns: calm 0.75, turbulent 1.8 standard deviations (together about one),
 * turbulent a sixth of the time, in spells of 20 bars. Fixed, not fitted: what is fitted to the past of a run would
 * have to be frozen and versioned.
 */
export const LIVE_STATES: TwoStateModel = { mu: [0, 0], sigma: [0.75, 1.8], toTurbulent: 0.01, toCalm: 0.05 };

/** Run lengths held per series, and the largest that counts as a recent change. */
const RUN_LENGTHS = 24;
const RECENT_BARS = 10;
/** Memory of the slow scale that standardises returns: the newest return weighs at least 1/200. */
const SCALE_BARS = 200;
/** Standardised returns are cut here: a bad print must not decide for ever. */
const LARGEST_Z = 8;

/** Places in the block, before the rings. */
const COUNT = 0;
const RETURN_PLACE = 1;
const CLOSE_PLACE = 2;
const SCALE = 3;
const TURBULENT = 4;
const CHANGE = 5;
const VOLATILITY = 6;
const Z = 7;
const VOLATILITY_CLASS = 8;
const TREND_CLASS = 9;
const HEAD = 10;

/**
 * The regime of one series at each close (formulas: docs/regimes.md). Returns are logarithmic; the first bar of a session
 * counts from its own open, so that the gap over night does not pass for volatility. The trend's move includes gaps. A
 * bar whose close is not a positive number is passed over. Everything about a series lies in its block of doubles.
 */
export class RegimeTracker {
  readonly stateSize: number;
  private readonly settings: RegimeSettings;
  private readonly hysteresis: VolatilityHysteresis;
  private readonly runs: RunLengthTracker;
  private readonly returnsAt: number;
  private readonly closesAt: number;
  private readonly hysteresisAt: number;
  private readonly runsAt: number;

  /** @throws UsageError for settings that can not be */
  constructor(settings: RegimeSettings) {
    checkRegimeSettings(settings);
    this.settings = settings;
    this.hysteresis = new VolatilityHysteresis(
      settings.lowPct,
      settings.mediumPct,
      settings.hysteresis,
      settings.hysteresisBars,
    );
    this.runs = new RunLengthTracker(LIVE_CHANGE_POINTS, RUN_LENGTHS, RECENT_BARS);
    this.returnsAt = HEAD;
    this.closesAt = this.returnsAt + settings.sigmaBars;
    this.hysteresisAt = this.closesAt + settings.windowBars + 1;
    this.runsAt = this.hysteresisAt + this.hysteresis.stateSize;
    this.stateSize = this.runsAt + this.runs.stateSize;
  }

  reset(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.stateSize);
    state[at + COUNT] = -1;
    state[at + TURBULENT] = stationaryTurbulence(LIVE_STATES);
    state[at + VOLATILITY] = Number.NaN;
    state[at + Z] = Number.NaN;
    state[at + VOLATILITY_CLASS] = -1;
    state[at + TREND_CLASS] = -1;
    this.hysteresis.reset(state, at + this.hysteresisAt);
    this.runs.reset(state, at + this.runsAt);
  }

  /**
   * Takes a closed bar.
   * @param open used for the first bar of a session only
   * @param beginsSession whether the bar is the first of its session
   * @param barsPerSession bars of a regular session (26 at 15 minutes of US stocks, 1440 crypto minutes)
   */
  update(
    state: Float64Array,
    at: number,
    open: number,
    close: number,
    beginsSession: boolean,
    barsPerSession: number,
  ): void {
    if (!(close > 0)) return;
    const { windowBars, warmUpBars } = this.settings;
    const logClose = Math.log(close);
    const count = (state[at + COUNT] as number) + 1;
    const closePlace = at + this.closesAt + (state[at + CLOSE_PLACE] as number);
    const before = count === 0 ? logClose : (state[this.closeBefore(closePlace, at)] as number);
    // The ring holds windowBars + 1 closes: the place to be written holds the one that fell out just now.
    state[closePlace] = logClose;
    state[at + CLOSE_PLACE] = this.next(state[at + CLOSE_PLACE] as number, windowBars + 1);
    state[at + COUNT] = count;
    if (count === 0) return;
    const returned = beginsSession && open > 0 ? logClose - Math.log(open) : logClose - before;
    this.learnScale(state, at, returned, count);
    state[at + this.returnsAt + (state[at + RETURN_PLACE] as number)] = returned;
    state[at + RETURN_PLACE] = this.next(state[at + RETURN_PLACE] as number, this.settings.sigmaBars);
    if (count < warmUpBars) return;
    const volatility = 100 * Math.sqrt(barsPerSession * this.meanSquare(state, at, windowBars));
    state[at + VOLATILITY] = volatility;
    state[at + VOLATILITY_CLASS] = this.hysteresis.update(state, at + this.hysteresisAt, volatility);
    const oldest = at + this.closesAt + (state[at + CLOSE_PLACE] as number);
    this.settleTrend(state, at, logClose - (state[oldest] as number), Math.min(count, this.settings.sigmaBars));
  }

  /** Index in `VOLATILITY_CLASSES`; -1 while it warms up. */
  volatilityClass(state: Float64Array, at: number): number {
    return state[at + VOLATILITY_CLASS] as number;
  }

  /** Index in `TREND_CLASSES`; -1 while it warms up. */
  trendClass(state: Float64Array, at: number): number {
    return state[at + TREND_CLASS] as number;
  }

  /** Number of the regime cell, 0 to {@link REGIME_CELLS} - 1; -1 while it warms up. */
  cell(state: Float64Array, at: number): number {
    const volatility = state[at + VOLATILITY_CLASS] as number;
    return volatility < 0 ? -1 : volatility * TREND_CLASSES.length + (state[at + TREND_CLASS] as number);
  }

  /** Standard deviation of one bar's logarithmic return over the latest bars (at most `sigmaBars`); NaN without any. */
  sigma(state: Float64Array, at: number): number {
    const count = Math.min(state[at + COUNT] as number, this.settings.sigmaBars);
    return count > 0 ? Math.sqrt(this.meanSquare(state, at, count)) : Number.NaN;
  }

  /** The regime after the latest bar, as an object. */
  read(state: Float64Array, at: number): Regime {
    const isWarm = (state[at + VOLATILITY_CLASS] as number) >= 0;
    return {
      volatility: VOLATILITY_CLASSES[state[at + VOLATILITY_CLASS] as number],
      trend: TREND_CLASSES[state[at + TREND_CLASS] as number],
      volatilityPct: state[at + VOLATILITY] as number,
      trendZ: state[at + Z] as number,
      turbulentProbability: isWarm ? (state[at + TURBULENT] as number) : Number.NaN,
      changePointProbability: isWarm ? (state[at + CHANGE] as number) : Number.NaN,
    };
  }

  private settleTrend(state: Float64Array, at: number, move: number, sigmaBars: number): void {
    const { windowBars, weakZ, strongZ } = this.settings;
    const sigma = Math.sqrt(this.meanSquare(state, at, sigmaBars));
    const z = sigma > 0 ? move / (sigma * Math.sqrt(windowBars)) : 0;
    state[at + Z] = z;
    const size = Math.abs(z);
    const step = size >= strongZ ? 2 : size >= weakZ ? 1 : 0;
    state[at + TREND_CLASS] = z < 0 ? 2 - step : 2 + step;
  }

  /** Filters with the return over the scale that was known before it, then learns the scale. */
  private learnScale(state: Float64Array, at: number, returned: number, count: number): void {
    const scale = state[at + SCALE] as number;
    if (count > 1) {
      const z = scale > 0 ? returned / Math.sqrt(scale) : Math.sign(returned) * LARGEST_Z;
      const cut = Math.max(-LARGEST_Z, Math.min(LARGEST_Z, z));
      const predicted = predictTurbulence(LIVE_STATES, state[at + TURBULENT] as number);
      state[at + TURBULENT] = observeTurbulence(LIVE_STATES, predicted, cut);
      state[at + CHANGE] = this.runs.update(state, at + this.runsAt, cut);
    }
    const weight = 1 / Math.min(count, SCALE_BARS);
    state[at + SCALE] = scale + weight * (returned * returned - scale);
  }

  /** Mean square of the latest `bars` returns, summed afresh: a running sum would carry rounding along. */
  private meanSquare(state: Float64Array, at: number, bars: number): number {
    const ring = at + this.returnsAt;
    const end = state[at + RETURN_PLACE] as number;
    const from = end - bars;
    let sum = 0;
    for (let i = Math.max(from, 0); i < end; i++) {
      const value = state[ring + i] as number;
      sum += value * value;
    }
    for (let i = from + this.settings.sigmaBars; from < 0 && i < this.settings.sigmaBars; i++) {
      const value = state[ring + i] as number;
      sum += value * value;
    }
    return sum / bars;
  }

  private closeBefore(place: number, at: number): number {
    return place > at + this.closesAt ? place - 1 : at + this.closesAt + this.settings.windowBars;
  }

  private next(place: number, room: number): number {
    return place + 1 < room ? place + 1 : 0;
  }
}
