import { type Micros, TickloomError } from '../base/index.ts';
import type { CorporateAction } from '../model/index.ts';

/** What prices are adjusted for on their way out: nothing, splits, or splits and dividends. */
export type Adjustment = 'raw' | 'split' | 'all';

/**
 * The actions that a reader at a time may adjust by, ascending: in effect by then, and known by then, each as its
 * newest announcement had it. Withdrawn ones are left out.
 */
export function actionsAsOf(
  actions: readonly CorporateAction[],
  adjustment: Adjustment,
  asOfUs: Micros,
): readonly CorporateAction[] {
  const newest = new Map<string, CorporateAction>();
  for (const action of actions) {
    if (action.exUs > asOfUs || action.knownUs > asOfUs || !isWanted(action, adjustment)) continue;
    const key = `${action.kind}|${action.exUs}|${action.id}`;
    const other = newest.get(key);
    if (other === undefined || other.knownUs <= action.knownUs) newest.set(key, action);
  }
  return [...newest.values()]
    .filter(({ value }) => value !== 0)
    .sort((a, b) => (a.exUs as number) - (b.exUs as number));
}

function isWanted({ kind }: CorporateAction, adjustment: Adjustment): boolean {
  return adjustment === 'all' || (adjustment === 'split' && kind === 'split');
}

/** What a raw bar that starts at a time is multiplied with. */
export interface AdjustmentFactors {
  /** For open, high, low, close and the volume-weighted mean. */
  readonly price: number;
  /** For the volume, in shares of the newest count; dividends leave it alone. */
  readonly volume: number;
}

const NONE: AdjustmentFactors = { price: 1, volume: 1 };

/**
 * Factors that make raw prices comparable with the newest ones. A split of n new for one old divides the prices before
 * it by n; a dividend D multiplies them by 1 - D / C, where C is the raw close before the ex-day (CRSP's method, as
 * Yahoo's adjusted close has it).
 */
export class PriceAdjustment {
  private readonly exUs: readonly Micros[];
  /** By action: the factors of bars before it and after the action before it. */
  private readonly factors: readonly AdjustmentFactors[];

  /**
   * @param actions ascending, see {@link actionsAsOf}.
   * @param closeBefore raw close of the last bar that starts before a time; `undefined` where there is none, and then
   *   there is nothing that the dividend could change.
   * @throws TickloomError `bad-action` when a dividend is not below the close before it: one of the two is wrong.
   */
  constructor(actions: readonly CorporateAction[], closeBefore: (exUs: Micros) => number | undefined) {
    const factors: AdjustmentFactors[] = [];
    let after = NONE;
    for (let i = actions.length - 1; i >= 0; i--) {
      after = chained(actions[i] as CorporateAction, after, closeBefore);
      factors.push(after);
    }
    this.factors = factors.reverse();
    this.exUs = actions.map((action) => action.exUs);
  }

  /** Factors of a bar by its start. */
  at(startUs: Micros): AdjustmentFactors {
    let low = 0;
    let high = this.exUs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.exUs[middle] as Micros) > startUs) high = middle;
      else low = middle + 1;
    }
    return this.factors[low] ?? NONE;
  }
}

function chained(
  { kind, symbol, exUs, value }: CorporateAction,
  after: AdjustmentFactors,
  closeBefore: (exUs: Micros) => number | undefined,
): AdjustmentFactors {
  if (kind === 'split') return { price: after.price / value, volume: after.volume * value };
  const close = closeBefore(exUs);
  if (close === undefined) return after;
  if (!(value < close))
    throw new TickloomError(
      'bad-action',
      `A dividend of ${value} on ${symbol} is not below the close before it, ${close}.`,
    );
  return { price: after.price * (1 - value / close), volume: after.volume };
}
