/** How a bar leaves an open position. */
export const TOUCH = { NONE: 0, TARGET: 1, STOP: 2, BOTH: 3 } as const;
export type Touch = (typeof TOUCH)[keyof typeof TOUCH];

/**
 * Which barrier a bar reaches. With both in one bar the stop counts, since the bar does not tell which came first.
 * @param lower price of the lower barrier: the stop of a purchase, the target of a sale
 * @param upper price of the upper barrier
 */
export function touchOf(direction: number, lower: number, upper: number, high: number, low: number): Touch {
  const isLow = low <= lower;
  const isHigh = high >= upper;
  if (isLow && isHigh) return TOUCH.BOTH;
  if (!isLow && !isHigh) return TOUCH.NONE;
  return isHigh === direction > 0 ? TOUCH.TARGET : TOUCH.STOP;
}

/** The price at which a touched barrier is left: a gap through the stop fills at the open, the target at the target. */
export function exitPrice(direction: number, touch: Touch, lower: number, upper: number, open: number): number {
  if (touch === TOUCH.TARGET) return direction > 0 ? upper : lower;
  return direction > 0 ? Math.min(open, lower) : Math.max(open, upper);
}

/** Columns of consecutive bars. */
export interface BarPrices {
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
}

/** Barriers as shares of the entry, and the bars until the position ends by itself. */
export interface BarrierSpec {
  readonly direction: 1 | -1;
  /** Distance of the target; 0.02 is two percent. */
  readonly up: number;
  /** Distance of the stop. */
  readonly down: number;
  readonly horizon: number;
}

export interface BarrierLabel {
  /** 1 target, -1 stop, 0 expiry. */
  readonly label: 1 | 0 | -1;
  /** Index of the bar that ended it. */
  readonly touch: number;
  readonly exit: number;
  /** Signed by the direction: 0.01 is one percent gained. */
  readonly returned: number;
  readonly barrier: 'target' | 'stop' | 'expiry';
  readonly bothInBar: boolean;
}

/**
 * What becomes of an entry that was decided at the close of bar `event`: in at the open of the next bar, out at the stop
 * (first, if one bar reaches both), the target, or the close of bar `event + horizon` (learning.md 2.9, after López de
 * Prado 2018, 3.2). Undefined while fewer than `horizon` bars have followed, even if a barrier has been reached: labels
 * of the latest events would otherwise be biased to the quick ones.
 */
export function tripleBarrier(bars: BarPrices, event: number, spec: BarrierSpec): BarrierLabel | undefined {
  const { direction, up, down, horizon } = spec;
  const last = event + horizon;
  if (last >= bars.close.length) return undefined;
  const entry = bars.open[event + 1] as number;
  const lower = entry * (1 - (direction > 0 ? down : up));
  const upper = entry * (1 + (direction > 0 ? up : down));
  for (let i = event + 1; i <= last; i++) {
    const touch = touchOf(direction, lower, upper, bars.high[i] as number, bars.low[i] as number);
    if (touch === TOUCH.NONE) continue;
    const exit = exitPrice(direction, touch, lower, upper, bars.open[i] as number);
    const isTarget = touch === TOUCH.TARGET;
    return {
      label: isTarget ? 1 : -1,
      touch: i,
      exit,
      returned: direction * (exit / entry - 1),
      barrier: isTarget ? 'target' : 'stop',
      bothInBar: touch === TOUCH.BOTH,
    };
  }
  const exit = bars.close[last] as number;
  const returned = direction * (exit / entry - 1);
  return { label: 0, touch: last, exit, returned, barrier: 'expiry', bothInBar: false };
}

/**
 * The same on closes alone (López de Prado 2018, snippet 3.2): in at the close of the event, out at the first close at or
 * beyond a barrier.
 */
export function closeOnlyBarrier(
  close: ArrayLike<number>,
  event: number,
  spec: BarrierSpec,
): Omit<BarrierLabel, 'bothInBar' | 'exit'> | undefined {
  const last = event + spec.horizon;
  if (last >= close.length) return undefined;
  const entry = close[event] as number;
  for (let i = event + 1; i <= last; i++) {
    const returned = spec.direction * ((close[i] as number) / entry - 1);
    if (returned >= spec.up) return { label: 1, touch: i, returned, barrier: 'target' };
    if (returned <= -spec.down) return { label: -1, touch: i, returned, barrier: 'stop' };
  }
  const returned = spec.direction * ((close[last] as number) / entry - 1);
  return { label: 0, touch: last, returned, barrier: 'expiry' };
}
