import type { TradingModeRow } from '../../api/index.ts';

/** What is known of a run when the modes are asked for. */
export interface TradingFacts {
  /** True where a source delivers events as they happen, false where only days come. */
  readonly isRealTime: boolean;
  /** Lengths of the bars that are built, in seconds. */
  readonly timeframesS: readonly number[];
  /** Sources that deliver now. */
  readonly liveSources: readonly string[];
  /** Whether one of them gives trades or quotes, not bars alone. */
  readonly hasTicks: boolean;
  /** Age of the newest event of any symbol in seconds; `undefined` before the first. */
  readonly freshestS: number | undefined;
  /** Time from an event to its receipt in seconds; `undefined` where it is not known. */
  readonly lagS: number | undefined;
}

interface Requirement {
  readonly mode: TradingModeRow['mode'];
  readonly horizon: string;
  /** Longest bars that do. */
  readonly barS: number;
  readonly needsRealTime: boolean;
  readonly needsTicks: boolean;
  /** Oldest that the newest event may be, in seconds. */
  readonly freshS: number;
  /** Longest way of an event. */
  readonly lagS: number;
}

const DAY_S = 86_400;
const NO_LIMIT = Number.POSITIVE_INFINITY;
const REQUIREMENTS: readonly Requirement[] = [
  {
    ...{ mode: 'swing', horizon: 'days to weeks', barS: DAY_S, needsRealTime: false, needsTicks: false },
    ...{ freshS: NO_LIMIT, lagS: NO_LIMIT },
  },
  {
    ...{ mode: 'position', horizon: 'weeks to months', barS: DAY_S, needsRealTime: false, needsTicks: false },
    ...{ freshS: NO_LIMIT, lagS: NO_LIMIT },
  },
  {
    ...{ mode: 'day_trading', horizon: 'minutes to hours', barS: 300, needsRealTime: true, needsTicks: false },
    ...{ freshS: 120, lagS: 60 },
  },
  {
    ...{ mode: 'scalping', horizon: 'seconds to minutes', barS: 60, needsRealTime: true, needsTicks: true },
    ...{ freshS: 10, lagS: 2 },
  },
  {
    ...{ mode: 'intraday', horizon: 'within a session', barS: 1_800, needsRealTime: true, needsTicks: false },
    ...{ freshS: 900, lagS: 900 },
  },
];

/** Which ways of trading what is measured now is good enough for, and what each of the others lacks [ING-2]. */
export function tradingModes(facts: TradingFacts): readonly TradingModeRow[] {
  return REQUIREMENTS.map((requirement) => {
    const lacks = lackOf(requirement, facts);
    return { mode: requirement.mode, available: lacks.length === 0, horizon: requirement.horizon, reasons: lacks };
  });
}

function lackOf(requirement: Requirement, facts: TradingFacts): readonly string[] {
  const { barS, needsRealTime, needsTicks, freshS, lagS } = requirement;
  const lacks: string[] = [];
  if (!facts.timeframesS.some((each) => each <= barS)) lacks.push(`no bars of ${barS} s or shorter are built`);
  if (needsRealTime && !facts.isRealTime) lacks.push('end-of-day mode: only the bars of days come');
  if (facts.liveSources.length === 0) lacks.push('no source delivers now');
  if (needsTicks && !facts.hasTicks) lacks.push('no source gives trades or quotes, only bars');
  if (freshS !== NO_LIMIT && facts.freshestS === undefined) lacks.push('no event has come yet');
  else if (facts.freshestS !== undefined && facts.freshestS > freshS) {
    lacks.push(`the newest event is ${Math.round(facts.freshestS)} s old, at most ${freshS} s are allowed`);
  }
  if (facts.lagS !== undefined && facts.lagS > lagS) {
    lacks.push(`events take ${facts.lagS.toFixed(1)} s, at most ${lagS} s are allowed`);
  }
  return lacks;
}
