import type { Micros } from '../base/index.ts';
import type { PatternOdds, PriceLevels, StatementChange } from './pattern.ts';

/** What a signal says, from the strongest sale to the strongest purchase. */
export const SIGNAL_ACTIONS = ['STRONG SELL', 'SELL', 'HOLD', 'BUY', 'STRONG BUY'] as const;
export type SignalAction = (typeof SIGNAL_ACTIONS)[number];

/** The scanner's view of one symbol and timeframe, said when it changes. */
export interface Signal {
  readonly id: number;
  readonly change: StatementChange;
  readonly replaces: number | undefined;
  readonly symbol: number;
  readonly timeframe: number;
  readonly barStartUs: Micros;
  readonly barRevision: number;
  readonly knowableAtUs: Micros;
  readonly atUs: Micros;
  readonly action: SignalAction;
  /** -100 (sell) to 100 (buy), after the cut for stale or poor data. */
  readonly score: number;
  /** 0 to 100: how much of the score is left after that cut. */
  readonly confidence: number;
  readonly plan: PriceLevels | undefined;
  readonly riskReward: number | undefined;
  /** Odds of the pattern that leads; undefined for HOLD without one. */
  readonly odds: PatternOdds | undefined;
  /** Statements of the patterns that it rests on, the leading one first. */
  readonly patterns: readonly number[];
  readonly expiresAtUs: Micros;
}

/** How the barriers of an entry were left. */
export type OutcomeBarrier = 'target' | 'stop' | 'expiry';

/** What became of a pattern or signal: followed from the next bar's open to target, stop or expiry. */
export interface Outcome {
  readonly id: number;
  /** The statement that it is the outcome of. */
  readonly of: number;
  readonly patternId: string | number;
  readonly symbol: number;
  readonly timeframe: number;
  readonly direction: 1 | -1;
  readonly entryUs: Micros;
  readonly exitUs: Micros;
  readonly entry: number;
  readonly exit: number;
  /** Signed by the direction: 0.01 is one percent gained. */
  readonly returned: number;
  readonly barrier: OutcomeBarrier;
  /** Target and stop lay in one bar; counted as the stop. */
  readonly bothInBar: boolean;
  readonly atUs: Micros;
}
