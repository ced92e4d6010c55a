import type { Micros } from '../base/index.ts';
import type { Regime } from './regime.ts';

export type PatternFamily = 'tolerance' | 'candlestick' | 'chart';

/** How close a pattern is to its definition: confidence >= 90, >= 70, >= 50. */
export const PATTERN_STATUSES = ['WATCHING', 'NEAR_TRIGGER', 'TRIGGERED'] as const;
export type PatternStatus = (typeof PATTERN_STATUSES)[number];

/** +1 says up, -1 down, 0 neither. */
export type Direction = 1 | 0 | -1;

/** What became of an earlier statement: `amended` and `withdrawn` name the one that they replace. */
export type StatementChange = 'new' | 'amended' | 'withdrawn';

/** A named point of a formation. */
export interface KeyPoint {
  /** `left_shoulder`, `head`, `neckline_left`, `pole_start`, … */
  readonly role: string;
  /** Start of the bar that it lies on. */
  readonly tsUs: Micros;
  readonly price: number;
}

/** Where a trade on a pattern would begin and end, in prices. */
export interface PriceLevels {
  readonly entry: number;
  readonly target: number;
  readonly stop: number;
}

/** What a detector found at the close of one bar. */
export interface PatternFinding {
  readonly family: PatternFamily;
  /** Id in the registry of the family (`double-top`), or the id in the portfolio file. */
  readonly patternId: string | number;
  readonly direction: Direction;
  /** 0 to 100. */
  readonly confidence: number;
  readonly status: PatternStatus;
  /** Start of the first bar of the formation. */
  readonly fromUs: Micros;
  /** End of the last bar that the formation consists of. It may lie before the bar that made it knowable. */
  readonly formedAtUs: Micros;
  readonly points: readonly KeyPoint[];
  /** Levels that the formation itself gives (a measured move); undefined: by volatility. */
  readonly levels: PriceLevels | undefined;
}

/** What tracked outcomes say about a pattern. All rates are shares in [0, 1]. */
export interface PatternOdds {
  /** The source system's number: base rate, regime and confidence weighted 40/30/30, 0 to 100. Not a probability. */
  readonly legacyScore: number;
  /** Calibrated probability that the target is reached before the stop and the expiry. */
  readonly probability: number;
  /** 95 % interval of the success rate. */
  readonly low: number;
  readonly high: number;
  /** Resolved occurrences, and how many independent ones they amount to. */
  readonly n: number;
  readonly nEffective: number;
  readonly successRate: number;
  /** Success of the same barriers at random entries in the same regime. */
  readonly randomRate: number;
  /** False: "no edge measured"; the probability is then the base rate. */
  readonly hasEdge: boolean;
}

/** A pattern that the engine announces, amends or withdraws. */
export interface PatternMatch extends PatternFinding {
  /** Number of the statement, ascending over all kinds of statements of the engine. */
  readonly id: number;
  readonly change: StatementChange;
  /** The statement that this one takes the place of. */
  readonly replaces: number | undefined;
  readonly symbol: number;
  readonly timeframe: number;
  /** The bar at whose close it was found, and that bar's revision. */
  readonly barStartUs: Micros;
  readonly barRevision: number;
  /** When it could be known at the earliest: the end of its bar plus the closing delay. */
  readonly knowableAtUs: Micros;
  /** Engine time of the statement. */
  readonly atUs: Micros;
  readonly regime: Regime;
  /** Every condition holds as written; false for a match within its tolerance only. */
  readonly isExact: boolean;
  /** Undefined for a pattern without a direction. */
  readonly plan: PriceLevels | undefined;
  /** Reward over risk, from the three levels; undefined where the stop is the entry. */
  readonly riskReward: number | undefined;
  readonly odds: PatternOdds;
  /** Quality of the bar, 0 to 1. */
  readonly quality: number;
}

/** A regime that became another one. */
export interface RegimeChange {
  readonly id: number;
  readonly change: StatementChange;
  readonly replaces: number | undefined;
  readonly symbol: number;
  readonly timeframe: number;
  readonly barStartUs: Micros;
  readonly barRevision: number;
  readonly knowableAtUs: Micros;
  readonly atUs: Micros;
  /** The regime before; its classes are undefined on the first one. */
  readonly from: Regime;
  readonly to: Regime;
}
