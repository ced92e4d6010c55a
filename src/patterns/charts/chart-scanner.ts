import type { Direction, PatternFinding, PatternStatus, PriceLevels } from '../../model/index.ts';
import type { ChartBars } from './chart-bars.ts';
import type { ChartPattern } from './chart-pattern.ts';
import { CHART_STATE, WATCH } from './chart-state.ts';
import { ChartView } from './chart-view.ts';
import { Formation } from './formation.ts';
import { CHART_PATTERNS } from './registry.ts';
import { TRACKED, trackPivots } from './track-pivots.ts';

const { PREVIOUS_CLOSE, WATCHED, WATCHES } = CHART_STATE;
const {
  BREAKS,
  UPPER_PRICE,
  UPPER_SLOPE,
  LOWER_PRICE,
  LOWER_SLOPE,
  ORIGIN,
  HEIGHT,
  STOP_ABOVE,
  STOP_BELOW,
  CONFIDENCE,
  FROM,
  FORMED_AT,
  UNTIL,
  POINTS,
} = WATCH;

/** A target nearer than this share of the height is taken from the close instead of from the line. */
const LEAST_TARGET = 0.25;
/** No target lies below this share of the entry. */
const LEAST_PRICE = 0.05;
/** A stop of the formation that is nearer than this many standard deviations of a bar is no stop … */
const NEAREST_STOP = 0.5;
/** … and stands this many away instead. */
const STOP_DEVIATIONS = 2;

/**
 * All chart patterns over the bars of many series. The memory of a series is a block of {@link stateSize} doubles that the
 * caller owns; the scanner itself remembers nothing between calls.
 */
export class ChartScanner {
  readonly stateSize: number;
  private readonly patterns: readonly ChartPattern[];
  private readonly onPivot: readonly number[];
  private readonly onClose: readonly number[];
  private readonly view = new ChartView();
  private readonly formation = new Formation();

  /** @param patterns at most 31. */
  constructor(patterns: readonly ChartPattern[] = CHART_PATTERNS) {
    if (patterns.length > 31) throw new RangeError(`at most 31 chart patterns, not ${patterns.length}`);
    this.patterns = patterns;
    const asked = (when: ChartPattern['when']): number[] =>
      patterns.flatMap((pattern, i) => (pattern.when === when ? [i] : []));
    this.onPivot = asked('pivot');
    this.onClose = asked('close');
    this.stateSize = WATCHES + patterns.length * WATCH.WIDTH;
  }

  /** Makes a block that of a series without bars. */
  reset(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.stateSize);
  }

  /**
   * Takes the bar at `index` of the series, which follows the one taken before, and tells what it makes known: formations
   * (WATCHING), and their breaks (TRIGGERED).
   */
  update(
    state: Float64Array,
    at: number,
    series: ChartBars,
    index: number,
    found: (finding: PatternFinding) => void,
  ): void {
    const slot = series.slot(index);
    const previous = state[at + PREVIOUS_CLOSE] as number;
    const tracked = trackPivots(state, at, series, slot);
    if (tracked === TRACKED.NOTHING) return;
    this.view.look(state, at, series, index, slot, previous);
    const watched = state[at + WATCHED] as number;
    if (watched !== 0) this.follow(state, at, watched, found);
    for (const which of this.onClose) this.ask(state, at, which, found);
    if (tracked === TRACKED.PIVOT) for (const which of this.onPivot) this.ask(state, at, which, found);
  }

  private ask(state: Float64Array, at: number, which: number, found: (finding: PatternFinding) => void): void {
    if (((state[at + WATCHED] as number) & (1 << which)) !== 0) return;
    const { formation, view } = this;
    formation.begin();
    const pattern = this.patterns[which] as ChartPattern;
    if (!pattern.recognise(view, formation)) return;
    const watch = at + WATCHES + which * WATCH.WIDTH;
    this.write(state, watch);
    state[at + WATCHED] = (state[at + WATCHED] as number) | (1 << which);
    if (formation.isConfirmed) {
      found(this.finding(state, watch, pattern, formation.breaks as Direction, 'TRIGGERED'));
      // Watched no more, only kept quiet for a while: a height of 0 says so.
      state[watch + HEIGHT] = 0;
      return;
    }
    found(this.finding(state, watch, pattern, formation.breaks as Direction, 'WATCHING'));
  }

  /** Looks at the lines of the formations that are watched. */
  private follow(state: Float64Array, at: number, watched: number, found: (finding: PatternFinding) => void): void {
    const { close, ordinal } = this.view;
    for (let rest = watched; rest !== 0; rest &= rest - 1) {
      const which = 31 - Math.clz32(rest & -rest);
      const watch = at + WATCHES + which * WATCH.WIDTH;
      const isQuiet = state[watch + HEIGHT] === 0;
      const bars = ordinal - (state[watch + ORIGIN] as number);
      const upper = (state[watch + UPPER_PRICE] as number) + bars * (state[watch + UPPER_SLOPE] as number);
      const lower = (state[watch + LOWER_PRICE] as number) + bars * (state[watch + LOWER_SLOPE] as number);
      const broken = isQuiet ? 0 : close > upper ? 1 : close < lower ? -1 : 0;
      if (broken === 0 && ordinal < (state[watch + UNTIL] as number)) continue;
      state[at + WATCHED] = (state[at + WATCHED] as number) & ~(1 << which);
      const breaks = state[watch + BREAKS] as number;
      if (broken === 0 || breaks === -broken) continue;
      found(this.finding(state, watch, this.patterns[which] as ChartPattern, broken, 'TRIGGERED'));
    }
  }

  private write(state: Float64Array, watch: number): void {
    const { formation: f, view } = this;
    state[watch + BREAKS] = f.breaks;
    state[watch + UPPER_PRICE] = f.upperPrice;
    state[watch + UPPER_SLOPE] = f.upperSlope;
    state[watch + LOWER_PRICE] = f.lowerPrice;
    state[watch + LOWER_SLOPE] = f.lowerSlope;
    state[watch + ORIGIN] = view.ordinal;
    state[watch + HEIGHT] = f.height;
    state[watch + STOP_ABOVE] = f.stopAbove;
    state[watch + STOP_BELOW] = f.stopBelow;
    state[watch + CONFIDENCE] = f.confidence;
    state[watch + FROM] = f.fromUs;
    state[watch + FORMED_AT] = f.formedAtUs;
    state[watch + UNTIL] = view.ordinal + f.patience;
    for (let i = 0; i < f.points; i++) {
      state[watch + POINTS + 2 * i] = f.pointStartUs[i] as number;
      state[watch + POINTS + 2 * i + 1] = f.pointPrice[i] as number;
    }
  }

  private finding(
    state: Float64Array,
    watch: number,
    pattern: ChartPattern,
    direction: Direction,
    status: PatternStatus,
  ): PatternFinding {
    const points = pattern.roles.map((role, i) => ({
      role,
      tsUs: state[watch + POINTS + 2 * i] as number,
      price: state[watch + POINTS + 2 * i + 1] as number,
    }));
    return {
      family: 'chart',
      patternId: pattern.id,
      direction,
      confidence: state[watch + CONFIDENCE] as number,
      status,
      fromUs: state[watch + FROM] as number,
      formedAtUs: state[watch + FORMED_AT] as number,
      points,
      levels: direction === 0 ? undefined : this.levels(state, watch, direction),
    };
  }

  /** Entry at the close, target a height beyond the line that breaks, stop where the formation says. */
  private levels(state: Float64Array, watch: number, direction: 1 | -1): PriceLevels {
    const { close, ordinal, sigma } = this.view;
    const bars = ordinal - (state[watch + ORIGIN] as number);
    const price = state[watch + (direction > 0 ? UPPER_PRICE : LOWER_PRICE)] as number;
    const slope = state[watch + (direction > 0 ? UPPER_SLOPE : LOWER_SLOPE)] as number;
    const height = state[watch + HEIGHT] as number;
    const measured = price + bars * slope + direction * height;
    const isAhead = direction * (measured - close) >= LEAST_TARGET * height;
    const target = Math.max(isAhead ? measured : close + direction * height, LEAST_PRICE * close);
    const stop = state[watch + (direction > 0 ? STOP_BELOW : STOP_ABOVE)] as number;
    const isBehind = direction * (close - stop) >= NEAREST_STOP * sigma * close;
    return { entry: close, target, stop: isBehind ? stop : close * (1 - direction * STOP_DEVIATIONS * sigma) };
  }
}
