import { type PatternOdds, type PriceLevels, SIGNAL_ACTIONS, type SignalAction } from '../model/index.ts';

/** When a score becomes a signal. */
export interface SignalSettings {
  /** Score, 0 to 100, from which BUY and SELL become STRONG. */
  readonly strong: number;
  /** Score from which HOLD becomes BUY or SELL. */
  readonly plain: number;
  /** Bars over which a triggered pattern fades out of the score. */
  readonly activeBars: number;
  /** Whether a pattern counts only once an edge over random entries is measured. */
  readonly requireEdge: boolean;
}

export const DEFAULT_SIGNAL_SETTINGS: SignalSettings = { strong: 80, plain: 60, activeBars: 5, requireEdge: false };

/** A triggered pattern as evidence for one direction. */
export interface Evidence {
  readonly direction: 1 | -1;
  /** The statement that made it. */
  readonly statement: number;
  readonly levels: PriceLevels;
  readonly odds: PatternOdds;
}

/** What the desk says of a series after a bar. */
export interface DeskView {
  readonly action: SignalAction;
  /** -100 to 100. */
  readonly score: number;
  /** 0 to 100. */
  readonly confidence: number;
  /** The strongest evidence for the side of the score; undefined where there is none. */
  readonly leader: Evidence | undefined;
  /** Bars until the leader has faded out. */
  readonly barsLeft: number;
}

/** Places in one side of the block. */
const STRENGTH = 0;
const AGE = 1;
const STATEMENT = 2;
const LEVELS = 3;
const ODDS = 6;
const SIDE = 15;
/** Places in the block: two sides, then the latest action and score. */
const BEAR = SIDE;
const ACTION = 2 * SIDE;
const SCORE = ACTION + 1;

const HOLD = SIGNAL_ACTIONS.indexOf('HOLD');

/**
 * Turns triggered patterns into one signal per series. Each side, up and down, keeps its strongest evidence: the
 * `legacy_score` of the pattern, fading in a straight line over `activeBars` bars. The score is the strength of the up
 * side minus that of the down side, cut by the quality of the bar (0.9 leaves 90 %). STRONG BUY from `strong` on, BUY
 * from `plain` on, mirrored for sales, HOLD between. All memory of a series is a block of doubles.
 */
export class SignalDesk {
  readonly stateSize = SCORE + 1;
  private readonly settings: SignalSettings;

  constructor(settings: SignalSettings) {
    this.settings = settings;
  }

  reset(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.stateSize);
    state[at + ACTION] = HOLD;
  }

  /** A bar closed: what was found at earlier ones is a bar older. */
  age(state: Float64Array, at: number): void {
    this.ageSide(state, at);
    this.ageSide(state, at + BEAR);
  }

  private ageSide(state: Float64Array, at: number): void {
    if (state[at + STRENGTH] === 0) return;
    const age = (state[at + AGE] as number) + 1;
    if (age < this.settings.activeBars) state[at + AGE] = age;
    else state.fill(0, at, at + SIDE);
  }

  /** Takes a pattern that triggered at this bar into account. */
  note(state: Float64Array, at: number, { direction, statement, levels, odds }: Evidence): void {
    const strength = this.settings.requireEdge && !odds.hasEdge ? 0 : odds.legacyScore;
    const side = direction > 0 ? at : at + BEAR;
    if (strength <= this.left(state, side)) return;
    state[side + STRENGTH] = strength;
    state[side + AGE] = 0;
    state[side + STATEMENT] = statement;
    state[side + LEVELS] = levels.entry;
    state[side + LEVELS + 1] = levels.target;
    state[side + LEVELS + 2] = levels.stop;
    state[side + ODDS] = odds.legacyScore;
    state[side + ODDS + 1] = odds.probability;
    state[side + ODDS + 2] = odds.low;
    state[side + ODDS + 3] = odds.high;
    state[side + ODDS + 4] = odds.n;
    state[side + ODDS + 5] = odds.nEffective;
    state[side + ODDS + 6] = odds.successRate;
    state[side + ODDS + 7] = odds.randomRate;
    state[side + ODDS + 8] = odds.hasEdge ? 1 : 0;
  }

  /**
   * Settles the score of the bar.
   * @param quality of the bar, 0 to 1
   * @returns whether the action is another one than at the bar before
   */
  settle(state: Float64Array, at: number, quality: number): boolean {
    const raw = this.left(state, at) - this.left(state, at + BEAR);
    const score = raw * cut(quality);
    const before = state[at + ACTION] as number;
    const action = this.actionOf(score);
    state[at + SCORE] = score;
    state[at + ACTION] = action;
    return action !== before;
  }

  /** What was settled, as an object. */
  view(state: Float64Array, at: number, quality: number): DeskView {
    const score = state[at + SCORE] as number;
    const side = score >= 0 ? at : at + BEAR;
    const hasLeader = (state[side + STRENGTH] as number) > 0;
    return {
      action: SIGNAL_ACTIONS[state[at + ACTION] as number] as SignalAction,
      score,
      confidence: 100 * cut(quality),
      leader: hasLeader ? evidence(state, side, score >= 0 ? 1 : -1) : undefined,
      barsLeft: hasLeader ? this.settings.activeBars - (state[side + AGE] as number) : 0,
    };
  }

  private left(state: Float64Array, side: number): number {
    return (state[side + STRENGTH] as number) * (1 - (state[side + AGE] as number) / this.settings.activeBars);
  }

  private actionOf(score: number): number {
    const { strong, plain } = this.settings;
    if (score >= strong) return HOLD + 2;
    if (score >= plain) return HOLD + 1;
    if (score <= -strong) return HOLD - 2;
    return score <= -plain ? HOLD - 1 : HOLD;
  }
}

/** What a score is multiplied by: the quality, where it is known. */
function cut(quality: number): number {
  return quality >= 0 && quality <= 1 ? quality : 1;
}

function evidence(state: Float64Array, side: number, direction: 1 | -1): Evidence {
  const number = (place: number): number => state[side + place] as number;
  return {
    direction,
    statement: number(STATEMENT),
    levels: { entry: number(LEVELS), target: number(LEVELS + 1), stop: number(LEVELS + 2) },
    odds: {
      legacyScore: number(ODDS),
      probability: number(ODDS + 1),
      low: number(ODDS + 2),
      high: number(ODDS + 3),
      n: number(ODDS + 4),
      nEffective: number(ODDS + 5),
      successRate: number(ODDS + 6),
      randomRate: number(ODDS + 7),
      hasEdge: number(ODDS + 8) === 1,
    },
  };
}
