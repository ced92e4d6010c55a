/** Numbers everything that the engine says of the market: patterns, regimes, signals, outcomes, anomalies. Ascending. */
export class StatementIds {
  /** The latest number; 0 before the first. */
  last = 0;

  readonly next = (): number => ++this.last;
}
