import type { ChartBars } from './chart-bars.ts';
import { CHART_STATE } from './chart-state.ts';

const {
  BARS,
  PREVIOUS_CLOSE,
  VARIANCE,
  LEG,
  EXTREME_ORDINAL,
  EXTREME_START,
  EXTREME_END,
  EXTREME_PRICE,
  COUNTER_ORDINAL,
  COUNTER_START,
  COUNTER_END,
  COUNTER_PRICE,
  PIVOTS,
  NEWEST_KIND,
  WATCHED,
  RING,
  RING_PIVOTS,
  PIVOT_WIDTH,
} = CHART_STATE;

/** A pivot is known when a close lies this many standard deviations of one bar's return away from it. */
const REVERSAL = 3;
/** Bars before anything is said. */
const WARM_UP = 30;
/** Memory of the variance: half of it is about 35 bars old. */
const DECAY = 0.98;
/** Returns count at most this many standard deviations, so that one shock does not blind the detectors. */
const MOST_DEVIATIONS = 4;
/** An opening this far from the close before it is a split or a change of the instrument: what was before is forgotten. */
const BROKEN_OFF = 0.25;
const BROKEN_OFF_DEVIATIONS = 8;
/** Prices that differ in less than this share are one price. */
const LEAST_SIGMA = 1e-7;

/** Answers of {@link trackPivots}. */
export const TRACKED = { NOTHING: 0, QUIET: 1, PIVOT: 2 } as const;

/**
 * Takes a bar into the block: variance, leg and pivots. A high becomes a pivot at the first close, of a later bar, that lies
 * three standard deviations below it; a low likewise. Each bar costs the same, whatever was before.
 * @returns whether the detectors may look, and whether the bar made a pivot known.
 */
export function trackPivots(state: Float64Array, at: number, series: ChartBars, slot: number): number {
  const close = series.close[slot] as number;
  const previous = state[at + PREVIOUS_CLOSE] as number;
  let bars = state[at + BARS] as number;
  if (!(close > 0 && (series.low[slot] as number) > 0)) {
    forget(state, at);
    return TRACKED.NOTHING;
  }
  if (bars > 0) {
    const sigma = Math.sqrt(state[at + VARIANCE] as number);
    const gap = Math.abs((series.open[slot] as number) - previous) / previous;
    if (bars >= WARM_UP && gap > BROKEN_OFF && gap > BROKEN_OFF_DEVIATIONS * sigma) {
      forget(state, at);
      bars = 0;
    } else {
      learn(state, at, (close - previous) / previous, bars);
    }
  }
  state[at + PREVIOUS_CLOSE] = close;
  state[at + BARS] = bars + 1;
  if (bars < WARM_UP) {
    if (bars === WARM_UP - 1) startLeg(state, at, series, slot, bars);
    return TRACKED.NOTHING;
  }
  const sigma = Math.sqrt(state[at + VARIANCE] as number);
  return sigma > LEAST_SIGMA && follow(state, at, series, slot, bars, REVERSAL * sigma) ? TRACKED.PIVOT : TRACKED.QUIET;
}

function forget(state: Float64Array, at: number): void {
  state[at + BARS] = 0;
  state[at + VARIANCE] = 0;
  state[at + LEG] = 0;
  state[at + PIVOTS] = 0;
  state[at + WATCHED] = 0;
}

function learn(state: Float64Array, at: number, move: number, bars: number): void {
  const before = state[at + VARIANCE] as number;
  const square = move * move;
  if (bars <= WARM_UP) {
    state[at + VARIANCE] = before + (square - before) / bars;
    return;
  }
  const most = MOST_DEVIATIONS * MOST_DEVIATIONS * before;
  // A series that stood still learns from the first move as it is.
  state[at + VARIANCE] = DECAY * before + (1 - DECAY) * (square > most && before > 0 ? most : square);
}

function startLeg(state: Float64Array, at: number, series: ChartBars, slot: number, ordinal: number): void {
  state[at + LEG] = 1;
  setExtreme(state, at, series, slot, ordinal, series.high[slot] as number);
  setCounter(state, at, series, slot, ordinal, series.low[slot] as number);
}

function setExtreme(
  state: Float64Array,
  at: number,
  series: ChartBars,
  slot: number,
  ordinal: number,
  price: number,
): void {
  state[at + EXTREME_ORDINAL] = ordinal;
  state[at + EXTREME_START] = series.startUs[slot] as number;
  state[at + EXTREME_END] = series.endUs[slot] as number;
  state[at + EXTREME_PRICE] = price;
}

function setCounter(
  state: Float64Array,
  at: number,
  series: ChartBars,
  slot: number,
  ordinal: number,
  price: number,
): void {
  state[at + COUNTER_ORDINAL] = ordinal;
  state[at + COUNTER_START] = series.startUs[slot] as number;
  state[at + COUNTER_END] = series.endUs[slot] as number;
  state[at + COUNTER_PRICE] = price;
}

/** Moves the leg by a bar; true when the bar made a pivot known. */
function follow(
  state: Float64Array,
  at: number,
  series: ChartBars,
  slot: number,
  ordinal: number,
  reversal: number,
): boolean {
  const leg = state[at + LEG] as number;
  const high = series.high[slot] as number;
  const low = series.low[slot] as number;
  const ahead = leg > 0 ? high : low;
  const behind = leg > 0 ? low : high;
  if (leg * (ahead - (state[at + EXTREME_PRICE] as number)) > 0) {
    setExtreme(state, at, series, slot, ordinal, ahead);
    // The other end of the same bar may have come before its extreme; it counts from the next bar on.
    setCounter(state, at, series, slot, ordinal, series.close[slot] as number);
    return false;
  }
  if (leg * (behind - (state[at + COUNTER_PRICE] as number)) <= 0) setCounter(state, at, series, slot, ordinal, behind);
  const extreme = state[at + EXTREME_PRICE] as number;
  if (leg * (extreme - (series.close[slot] as number)) <= reversal * extreme) return false;
  turn(state, at, leg, series, slot, ordinal);
  return true;
}

function turn(state: Float64Array, at: number, leg: number, series: ChartBars, slot: number, ordinal: number): void {
  const pivots = state[at + PIVOTS] as number;
  const place = at + RING + (pivots & (RING_PIVOTS - 1)) * PIVOT_WIDTH;
  state[place] = state[at + EXTREME_ORDINAL] as number;
  state[place + 1] = state[at + EXTREME_START] as number;
  state[place + 2] = state[at + EXTREME_END] as number;
  state[place + 3] = state[at + EXTREME_PRICE] as number;
  state[at + PIVOTS] = pivots + 1;
  state[at + NEWEST_KIND] = leg;
  state[at + LEG] = -leg;
  state[at + EXTREME_ORDINAL] = state[at + COUNTER_ORDINAL] as number;
  state[at + EXTREME_START] = state[at + COUNTER_START] as number;
  state[at + EXTREME_END] = state[at + COUNTER_END] as number;
  state[at + EXTREME_PRICE] = state[at + COUNTER_PRICE] as number;
  setCounter(state, at, series, slot, ordinal, series.close[slot] as number);
}
