/** Decay of the variance per bar (RiskMetrics, J.P. Morgan 1996). */
const LAMBDA = 0.94;
/** Returns before the estimate counts as one. */
const WARM_RETURNS = 20;

const CLOSE = 0;
const VARIANCE = 1;
const COUNT = 2;

/**
 * Standard deviation of a bar's log return, exponentially weighted, from returns inside sessions: the step over a
 * closed market is left out. The variance begins as the mean square of the first returns.
 */
export class BarSigma {
  readonly stateSize = 3;

  reset(state: Float64Array, at: number): void {
    state[at + CLOSE] = Number.NaN;
    state[at + VARIANCE] = 0;
    state[at + COUNT] = 0;
  }

  update(state: Float64Array, at: number, close: number, beginsSession: boolean): void {
    const before = state[at + CLOSE] as number;
    state[at + CLOSE] = close;
    if (beginsSession || !(before > 0) || !(close > 0)) return;
    const squared = Math.log(close / before) ** 2;
    const count = (state[at + COUNT] as number) + 1;
    const weight = Math.max(1 - LAMBDA, 1 / count);
    state[at + VARIANCE] = (state[at + VARIANCE] as number) * (1 - weight) + squared * weight;
    state[at + COUNT] = count;
  }

  /** NaN while it warms up. */
  sigma(state: Float64Array, at: number): number {
    return (state[at + COUNT] as number) < WARM_RETURNS ? Number.NaN : Math.sqrt(state[at + VARIANCE] as number);
  }
}
