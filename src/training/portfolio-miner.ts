import { formatMicros, Prng, UsageError } from '../base/index.ts';
import { PORTFOLIO_VERSION, type TolerancePattern } from '../patterns/index.ts';
import { benjaminiHochberg, wilson } from '../signals/index.ts';
import { candidatePatterns } from './candidate-patterns.ts';
import { chooseCandidates, effectiveCount, type RatedCandidate } from './choose-candidates.ts';
import type { MiningSeries } from './mining-series.ts';
import { type MiningBarriers, occurrencesOf, outcomesOf } from './pattern-outcomes.ts';
import { drawShifts, type ShiftResult, shiftTest } from './shift-test.ts';

/** Settings of {@link minePortfolio}. */
export interface MiningOptions {
  /** Text of the timeframe of the bars. */
  readonly timeframe: string;
  /** Patterns that the portfolio gets. */
  readonly patterns: number;
  readonly horizonBars: number;
  readonly seed: number;
}

/** Share of the bars, by time, that candidates are made and chosen from; the rest judges them. */
const EARLIER_SHARE = 0.6;
/** Candidates that are judged: the more, the harder each one's test. */
const TESTED_PER_PATTERN = 3;
/** Expected share of chance findings among the kept ones. */
const FALSE_DISCOVERY_RATE = 0.1;
const SHIFTS = 4_999;
/** Distance of target and stop in typical moves over the horizon: nearer ones are reached more often and tell more. */
const BARRIER_MOVES = 0.5;
/** Fewer bars than this in either part are no history. */
const LEAST_BARS = 500;

/** A candidate with what the later part says about it. */
interface Judged extends RatedCandidate {
  readonly later: ShiftResult;
  readonly laterEffective: number;
  readonly q: number;
}

/**
 * Mines patterns walk-forward. Candidates are made from quantiles of the features in the earlier part of the bars and
 * chosen by how they did there; entries whose outcome reaches into the later part are left out. The chosen ones are judged
 * on the later part alone, against random entries, and those that pass Benjamini and Hochberg's control are `kept`. Where
 * fewer are kept than wanted, the next best of the earlier part follow with `evidence: none`: which ones, no later outcome
 * decides, so their measured rates are unbiased.
 * @returns the document of a portfolio file. The same bars and settings give the same document.
 * @throws UsageError where there is too little history.
 */
export function minePortfolio(
  series: readonly MiningSeries[],
  names: readonly string[],
  options: MiningOptions,
): Readonly<Record<string, unknown>> {
  const splitUs = splitTime(series);
  const random = new Prng(options.seed);
  const candidates = candidatePatterns(series, names, ({ startUs }, i) => (startUs[i] as number) < splitUs, random);
  const barriers = barriersFor(series, splitUs, options.horizonBars);
  const occurrences = occurrencesOf(candidates, series, { names });
  const sides = ([1, -1] as const).map((direction) => ({
    direction,
    outcomes: series.map((each) => outcomesOf(each, direction, barriers)),
  }));
  const splits = series.map(({ startUs }) => placeOf(startUs, splitUs));
  const chosen = chooseCandidates(
    candidates,
    occurrences,
    sides,
    splits,
    options.horizonBars,
    TESTED_PER_PATTERN * options.patterns,
  );
  if (chosen.length === 0) {
    throw new UsageError(
      'no pattern occurs often enough in so little history; more bars or a shorter horizon are needed.',
      {
        subject: 'path',
      },
    );
  }
  const judged = judge(chosen, sides, splits, options.horizonBars, random);
  const kept = judged.filter(({ q }) => q <= FALSE_DISCOVERY_RATE).sort((a, b) => a.later.p - b.later.p);
  const rest = judged.filter(({ q }) => q > FALSE_DISCOVERY_RATE);
  const shipped = [...kept, ...rest].slice(0, options.patterns);
  return {
    version: PORTFOLIO_VERSION,
    description:
      'Mined by tickloom mine: chosen on the earlier part of the bars, measured on the later part only. success_rate and sample_size are those of the later part; "evidence": "kept" passed the false-discovery control, "none" did not.',
    mined: {
      symbols: series.map(({ symbol }) => symbol),
      timeframe: options.timeframe,
      bars: series.reduce((sum, { startUs }) => sum + startUs.length, 0),
      from: formatMicros(Math.min(...series.map(({ startUs }) => startUs[0] as number))),
      split: formatMicros(splitUs),
      to: formatMicros(Math.max(...series.map(({ endUs }) => endUs.at(-1) as number))),
      seed: options.seed,
      candidates: 2 * candidates.length,
      tested: judged.length,
      kept: kept.length,
      false_discovery_rate: FALSE_DISCOVERY_RATE,
      random_shifts: SHIFTS,
    },
    patterns: shipped.map((each, id) => documentOf(each, id, barriers, options.timeframe)),
  };
}

/** The time before which the given share of all bars begins. @throws UsageError */
function splitTime(series: readonly MiningSeries[]): number {
  const starts = Float64Array.from(series.flatMap(({ startUs }) => [...startUs])).sort();
  const place = Math.floor(EARLIER_SHARE * starts.length);
  if (starts.length - place < LEAST_BARS) {
    throw new UsageError(
      `${starts.length} bars are too little history to mine; at least ${Math.ceil(LEAST_BARS / (1 - EARLIER_SHARE))} are needed: give more files, or a shorter --timeframe.`,
      { subject: 'path' },
    );
  }
  return starts[place] as number;
}

/** Index of the first bar that begins at `us` or later. */
function placeOf(startUs: Float64Array, us: number): number {
  const place = startUs.findIndex((start) => start >= us);
  return place < 0 ? startUs.length : place;
}

/**
 * Target and stop at half a typical move over the horizon, in percent: the median over the series of the root mean square
 * return of a bar inside a session of the earlier part, times the root of the horizon.
 */
function barriersFor(series: readonly MiningSeries[], splitUs: number, horizonBars: number): MiningBarriers {
  const sizes = series
    .map(({ startUs, endUs, close }) => {
      let sum = 0;
      let count = 0;
      for (let i = 1; i < startUs.length && (startUs[i] as number) < splitUs; i++) {
        if (startUs[i] !== endUs[i - 1]) continue;
        sum += Math.log((close[i] as number) / (close[i - 1] as number)) ** 2;
        count++;
      }
      return count === 0 ? Number.NaN : Math.sqrt(sum / count);
    })
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  const typical = sizes[sizes.length >> 1];
  if (typical === undefined) throw new UsageError('the prices of the earlier part stand still.', { subject: 'path' });
  const movePct = Number((BARRIER_MOVES * 100 * typical * Math.sqrt(horizonBars)).toPrecision(2));
  return { targetPct: movePct, stopPct: movePct, horizonBars };
}

function judge(
  chosen: readonly RatedCandidate[],
  sides: readonly { readonly direction: 1 | -1; readonly outcomes: readonly Uint8Array[] }[],
  splits: readonly number[],
  horizonBars: number,
  random: Prng,
): readonly Judged[] {
  const shifts = drawShifts(SHIFTS, random);
  const tested = chosen.map((candidate) => {
    const outcomes = sides.find(({ direction }) => direction === candidate.direction)?.outcomes ?? [];
    // The later part begins a horizon after the split: nothing of it has been seen by an entry of the earlier part.
    const parts = candidate.bars.map((bars, s) => ({
      bars,
      outcomes: outcomes[s] as Uint8Array,
      from: (splits[s] as number) + horizonBars,
      to: (outcomes[s] as Uint8Array).length - horizonBars,
    }));
    const inLater = parts.map(({ bars, from, to }) => bars.filter((bar) => bar >= from && bar < to));
    return {
      ...candidate,
      later: shiftTest(parts, shifts),
      laterEffective: effectiveCount(inLater, horizonBars),
    };
  });
  const adjusted = benjaminiHochberg(tested.map(({ later }) => later.p));
  return tested.map((each, i) => ({ ...each, q: adjusted[i] as number }));
}

function documentOf(
  { pattern, direction, earlier, later, laterEffective, q }: Judged,
  id: number,
  { targetPct, stopPct, horizonBars }: MiningBarriers,
  timeframe: string,
): Readonly<Record<string, unknown>> {
  const rate = later.n === 0 ? 0 : later.reached / later.n;
  const interval = wilson(rate, laterEffective);
  return {
    id,
    name: `${direction > 0 ? 'Long' : 'Short'}: ${pattern.name}`,
    timeframe,
    direction: direction > 0 ? 'long' : 'short',
    conditions: pattern.conditions.map(conditionDocument),
    success_rate: share(rate),
    sample_size: later.n,
    target_pct: targetPct,
    stop_pct: stopPct,
    horizon_bars: horizonBars,
    evidence: q <= FALSE_DISCOVERY_RATE ? 'kept' : 'none',
    measured: {
      effective_n: laterEffective,
      low: share(interval.low),
      high: share(interval.high),
      random_rate: share(later.n === 0 ? 0 : later.randomRate),
      p: share(later.p),
      q: share(q),
      earlier_rate: share(earlier.rate),
      earlier_base_rate: share(earlier.baseRate),
      earlier_n: earlier.n,
    },
  };
}

function conditionDocument({ feature, op, low, scale }: TolerancePattern['conditions'][number]) {
  return { feature, op, value: low, ...(scale === undefined ? {} : { scale }) };
}

function share(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
