import { brierSkill } from '../learners/index.ts';

/** Evidence against "no better than random" from which an edge counts as measured. */
export const EDGE_EVIDENCE = 20;
/** Resolved events over which the Brier skill has to be above 0. */
export const SKILL_EVENTS = 2_000;

/** Sizes of the bets that are averaged, beside the bet of the model itself. */
const BETS = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8] as const;
const COMPONENTS = BETS.length + 1;
/** A bet keeps at least this share of its stake, so that a run of losses can be made good. */
const LARGEST_BET = 0.9;

/** Wealth is cut here, far beyond any doubt. */
const MOST_WEALTH = 1e30;
/** Losses are whole numbers of this part, so that their running sums are exact. */
const LOSS_UNIT = 2 ** 20;

/** Places in the record of a pattern. */
const ROUND = 0;
const BEGAN_US = 1;
const OPEN = 2;
const MEMBERS = 3;
const WEALTH = 4;
const SUMS = WEALTH + COMPONENTS;
const RECORD = SUMS + COMPONENTS;

/** No round is under way. */
const NONE = -1;

/**
 * Says whether a pattern does better than random entries, so that looking after every event is free (Ville's
 * inequality: without an edge the evidence ever reaches 20 with a probability of at most 1 in 20).
 *
 * Evidence is the wealth of bets against the statement "success is at most `bound`", the mean of seven: each factor
 * is q(y)/p(y) with p = `bound`, and q = p + size (1 - p) or the model's own probability. Where the model is not above the
 * bound nothing is bet. Outcomes that overlap are not independent, so betting goes in rounds: events of the same bar
 * time, over all series, form one round and their factors are averaged (valid under any dependence); the next round begins
 * at a bar after all of them are final. Events between take no part. A member that is missing for `patienceUs` counts
 * as a failure.
 */
export class EdgeTest {
  private readonly state: Float64Array;
  /** Losses of the latest events, in turn of the model and of the random rate; made when a pattern has its first. */
  private readonly losses: Int32Array[] = [];
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;

  constructor(patterns: number) {
    this.state = new Float64Array(patterns * RECORD);
    this.counts = new Float64Array(patterns);
    this.sums = new Float64Array(2 * patterns);
    for (let pattern = 0; pattern < patterns; pattern++) {
      this.state.fill(1, pattern * RECORD + WEALTH, pattern * RECORD + SUMS);
    }
  }

  /**
   * Offers an event that has just been decided to the round of its bar time.
   * @returns the number of the round that it takes part in, or -1
   */
  join(pattern: number, atUs: number, patienceUs: number): number {
    const at = pattern * RECORD;
    const { state } = this;
    const open = state[at + OPEN] as number;
    const beganUs = state[at + BEGAN_US] as number;
    if (open > 0 && beganUs !== atUs) {
      if (atUs - beganUs <= patienceUs) return NONE;
      this.abandon(at);
    }
    if (state[at + OPEN] === 0) {
      state[at + ROUND] = (state[at + ROUND] as number) + 1;
      state[at + BEGAN_US] = atUs;
      state[at + MEMBERS] = 0;
      state.fill(0, at + SUMS, at + RECORD);
    }
    state[at + OPEN] = (state[at + OPEN] as number) + 1;
    state[at + MEMBERS] = (state[at + MEMBERS] as number) + 1;
    return state[at + ROUND] as number;
  }

  /** A member is taken back because its bar changed. */
  leave(pattern: number, round: number): void {
    const at = pattern * RECORD;
    if (round === NONE || this.state[at + ROUND] !== round || this.state[at + OPEN] === 0) return;
    this.state[at + MEMBERS] = (this.state[at + MEMBERS] as number) - 1;
    this.settle(at, 1);
  }

  /**
   * The outcome of a member is final.
   * @param isSuccess whether the target was reached first
   * @param model probability that was stated for it
   * @param bound upper bound of the success of random entries when it was decided
   */
  resolve(pattern: number, round: number, isSuccess: boolean, model: number, bound: number): void {
    const at = pattern * RECORD;
    if (round === NONE || this.state[at + ROUND] !== round || this.state[at + OPEN] === 0) return;
    for (let i = 0; i < COMPONENTS; i++) {
      this.state[at + SUMS + i] = (this.state[at + SUMS + i] as number) + factor(i, isSuccess, model, bound);
    }
    this.settle(at, 1);
  }

  /** Learns the losses of an event, member or not. */
  score(pattern: number, isSuccess: boolean, model: number, random: number): void {
    let ring = this.losses[pattern];
    if (ring === undefined) {
      ring = new Int32Array(2 * SKILL_EVENTS);
      this.losses[pattern] = ring;
    }
    const count = this.counts[pattern] as number;
    const place = 2 * (count % SKILL_EVENTS);
    const y = isSuccess ? 1 : 0;
    this.counts[pattern] = count + 1;
    this.replaceLoss(ring, pattern, place, 0, model - y);
    this.replaceLoss(ring, pattern, place, 1, random - y);
  }

  private replaceLoss(ring: Int32Array, pattern: number, place: number, which: 0 | 1, error: number): void {
    const loss = Math.round(error * error * LOSS_UNIT);
    const at = 2 * pattern + which;
    this.sums[at] = (this.sums[at] as number) + loss - (ring[place + which] as number);
    ring[place + which] = loss;
  }

  /** Evidence against "no better than random": at most 20 with probability 1/20 where that is true. */
  evidence(pattern: number): number {
    const at = pattern * RECORD + WEALTH;
    let sum = 0;
    for (let i = 0; i < COMPONENTS; i++) sum += this.state[at + i] as number;
    return sum / COMPONENTS;
  }

  /** Brier skill of the model against the random rate over the latest events; NaN without any. */
  skill(pattern: number): number {
    return brierSkill(this.sums[2 * pattern] as number, this.sums[2 * pattern + 1] as number);
  }

  hasEdge(pattern: number): boolean {
    return this.evidence(pattern) >= EDGE_EVIDENCE && this.skill(pattern) > 0;
  }

  private settle(at: number, count: number): void {
    const { state } = this;
    const open = (state[at + OPEN] as number) - count;
    const members = state[at + MEMBERS] as number;
    state[at + OPEN] = open;
    if (open > 0 || members === 0) return;
    for (let i = 0; i < COMPONENTS; i++) {
      const wealth = ((state[at + WEALTH + i] as number) * (state[at + SUMS + i] as number)) / members;
      state[at + WEALTH + i] = Math.min(wealth, MOST_WEALTH);
    }
  }

  /** Gives up members that stay away: as if they had failed. */
  private abandon(at: number): void {
    const { state } = this;
    const open = state[at + OPEN] as number;
    for (let i = 0; i < COMPONENTS; i++) {
      const lost = 1 - (i < BETS.length ? (BETS[i] as number) : LARGEST_BET);
      state[at + SUMS + i] = (state[at + SUMS + i] as number) + open * lost;
    }
    this.settle(at, open);
  }

  /** Everything as numbers. */
  save(put: (value: number) => void): void {
    for (const column of [this.state, this.counts, this.sums]) for (const value of column) put(value);
    for (let pattern = 0; pattern < this.counts.length; pattern++) {
      const ring = this.losses[pattern];
      put(ring === undefined ? 0 : 1);
      if (ring !== undefined) for (const value of ring) put(value);
    }
  }

  /** Reads what {@link save} wrote, in place of what is there. */
  load(take: () => number): void {
    for (const column of [this.state, this.counts, this.sums])
      for (let i = 0; i < column.length; i++) column[i] = take();
    this.losses.length = 0;
    for (let pattern = 0; pattern < this.counts.length; pattern++) {
      if (take() === 1) this.losses[pattern] = Int32Array.from({ length: 2 * SKILL_EVENTS }, take);
    }
  }
}

function factor(component: number, isSuccess: boolean, model: number, bound: number): number {
  if (!(model > bound) || !(bound > 0)) return 1;
  const full = (model - bound) / (1 - bound);
  const bet = component < BETS.length ? (BETS[component] as number) : Math.min(LARGEST_BET, full);
  return isSuccess ? 1 + (bet * (1 - bound)) / bound : 1 - bet;
}
