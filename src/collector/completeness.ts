import { type Micros, US_PER_DAY } from '../base/index.ts';
import { BarGrid, type TradingCalendar } from '../calendar/index.ts';
import type { Timeframe } from '../model/index.ts';
import type { FailedPiece, FinishedPiece } from './history-ledger.ts';
import type { TimeRange } from './time-ranges.ts';

/**
 * Why a bar is not there. `no-trades`: its source gave others of that trade date, so nothing was traded in it or it was
 * halted. `provider-has-none`: it gave nothing of that date. `quarantined`: it came and was refused. `quota-spent`, and
 * `failed` with the code of the source: it could not be asked for. `not-fetched`: the work was stopped before it.
 */
export type MissingReason =
  | 'no-trades'
  | 'provider-has-none'
  | 'quarantined'
  | 'quota-spent'
  | 'failed'
  | 'not-fetched';

/** Bars that follow each other in the calendar and are missing for one reason; `toUs` is the end of the last. */
export interface MissingBars extends TimeRange {
  readonly bars: number;
  readonly reason: MissingReason;
  readonly code?: string;
  readonly detail?: string;
}

/** What there is and is not of one symbol's history. */
export interface SymbolCompleteness {
  readonly symbol: string;
  readonly timeframe: string;
  /** Bars that the calendar's regular sessions have room for. */
  readonly expected: number;
  readonly present: number;
  readonly missing: readonly MissingBars[];
}

/** The start of a bar as the calendar stamps it, for the start that a provider gives it. */
export class BarLabels {
  private readonly grid: BarGrid;
  private readonly isIntraday: boolean;

  constructor(calendar: TradingCalendar, timeframe: Timeframe) {
    this.grid = new BarGrid(calendar, timeframe);
    this.isIntraday = timeframe.isIntraday;
  }

  /** Days are stamped with a midnight, here or in Greenwich: at noon after it, it is that day in both. */
  of(startUs: Micros): Micros {
    return this.grid.seek(this.isIntraday ? startUs : startUs + US_PER_DAY / 2);
  }
}

/** Starts of the bars that a calendar expects in a range, ascending: those of its regular sessions that are over. */
export function expectedStarts(calendar: TradingCalendar, timeframe: Timeframe, range: TimeRange): Float64Array {
  const { fromUs, toUs } = range;
  const { lengthUs, isIntraday } = timeframe;
  const labels = new BarGrid(calendar, timeframe);
  const starts: number[] = [];
  const add = (label: number): void => {
    if (starts.at(-1) !== label) starts.push(label);
  };
  for (const session of calendar.sessionsBetween(fromUs, toUs, ['regular'])) {
    if (!isIntraday) {
      const label = labels.seek(session.startUs);
      if (label >= fromUs && labels.endUs <= toUs) add(label);
      continue;
    }
    // Providers cut the hours of the clock, also where sessions begin between them.
    const firstUs = Math.ceil(Math.max(session.startUs, fromUs) / lengthUs) * lengthUs;
    const lastUs = Math.min(session.endUs, toUs);
    for (let startUs = firstUs; startUs < lastUs && startUs + lengthUs <= toUs; startUs += lengthUs) {
      add(labels.seek(startUs));
    }
  }
  return Float64Array.from(starts);
}

export interface CompletenessInput {
  readonly symbol: string;
  readonly calendar: TradingCalendar;
  readonly timeframe: Timeframe;
  readonly range: TimeRange;
  /** Starts (as the calendar stamps them) of the bars that are stored. */
  readonly present: ReadonlySet<number>;
  /** Starts of bars that came and were refused. */
  readonly quarantined: ReadonlySet<number>;
  readonly finished: readonly FinishedPiece[];
  readonly failed: readonly FailedPiece[];
}

/** Compares what is stored with what the calendar expects, and says of each missing stretch why. */
export function completenessOf(input: CompletenessInput): SymbolCompleteness {
  const { symbol, calendar, timeframe, range, present } = input;
  const expected = expectedStarts(calendar, timeframe, range);
  const grid = new BarGrid(calendar, timeframe);
  const daysWithBars = new Set([...present].map((startUs) => calendar.tradeDay(startUs)));
  const missing: (MissingBars & { bars: number; toUs: number })[] = [];
  let isRunOn = false;
  for (const startUs of expected) {
    if (present.has(startUs)) {
      isRunOn = false;
      continue;
    }
    const why = reasonOf(input, startUs, daysWithBars);
    const last = missing.at(-1);
    grid.seek(startUs);
    const endUs = grid.endUs as number;
    if (isRunOn && last !== undefined && last.reason === why.reason && last.code === why.code) {
      missing[missing.length - 1] = { ...last, bars: last.bars + 1, toUs: endUs };
    } else {
      missing.push({ fromUs: startUs, toUs: endUs, bars: 1, ...why });
    }
    isRunOn = true;
  }
  const absent = missing.reduce((sum, { bars }) => sum + bars, 0);
  return { symbol, timeframe: timeframe.text, expected: expected.length, present: expected.length - absent, missing };
}

type Why = Pick<MissingBars, 'reason' | 'code' | 'detail'>;

function reasonOf(input: CompletenessInput, startUs: number, daysWithBars: ReadonlySet<number>): Why {
  const { calendar, finished, failed, quarantined } = input;
  if (quarantined.has(startUs)) return { reason: 'quarantined' };
  const holds = (piece: TimeRange): boolean => startUs >= piece.fromUs && startUs < piece.toUs;
  if (finished.some(holds)) {
    const day = calendar.tradeDay(startUs);
    return { reason: daysWithBars.has(day) ? 'no-trades' : 'provider-has-none' };
  }
  const failure = failed.findLast(holds);
  if (failure === undefined) return { reason: 'not-fetched' };
  const { code, message: detail } = failure;
  return code === 'quota-spent' ? { reason: 'quota-spent', detail } : { reason: 'failed', code, detail };
}
