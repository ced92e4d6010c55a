/**
 * Why an event is refused. The numbers are verdicts (negative: nothing else about the event matters) and index the
 * counters; the names are what quarantine, metrics and the API show.
 */
export const Reject = {
  UnknownSymbol: -1,
  TimeMissing: -2,
  TimeTooEarly: -3,
  TimeInFuture: -4,
  PriceNotFinite: -5,
  PriceNotPositive: -6,
  BadSize: -7,
  OhlcBroken: -8,
  Duplicate: -9,
} as const;
export type Reject = (typeof Reject)[keyof typeof Reject];

/** Names by `-verdict`; index 0 stands for accepted events. */
export const REJECT_NAMES: readonly string[] = [
  'accepted',
  'unknown-symbol',
  'time-missing',
  'time-too-early',
  'time-in-future',
  'price-not-finite',
  'price-not-positive',
  'bad-size',
  'ohlc-broken',
  'duplicate',
];

/** What lowers the quality of an accepted event: bits of a non-negative verdict. */
export const Reason = {
  OutOfOrder: 1 << 0,
  StaleSource: 1 << 1,
  Outlier: 1 << 2,
  Crossed: 1 << 3,
  Locked: 1 << 4,
  OneSided: 1 << 5,
  ZeroSize: 1 << 6,
  WideSpread: 1 << 7,
  OutsideSession: 1 << 8,
  Suspicious: 1 << 9,
} as const;

export interface ReasonWeight {
  readonly bit: number;
  readonly name: string;
  /** Share of the quality that the reason takes away, in [0, 1]. */
  readonly weight: number;
}

/** The weights of the score, in the order of the bits. They are judgements, not estimates; see docs/data-quality.md. */
export const REASON_WEIGHTS: readonly ReasonWeight[] = [
  { bit: Reason.OutOfOrder, name: 'out-of-order', weight: 0.1 },
  { bit: Reason.StaleSource, name: 'stale-source', weight: 0.2 },
  { bit: Reason.Outlier, name: 'outlier', weight: 0.6 },
  { bit: Reason.Crossed, name: 'crossed', weight: 0.5 },
  { bit: Reason.Locked, name: 'locked', weight: 0.1 },
  { bit: Reason.OneSided, name: 'one-sided', weight: 0.3 },
  { bit: Reason.ZeroSize, name: 'zero-size', weight: 0.3 },
  { bit: Reason.WideSpread, name: 'wide-spread', weight: 0.3 },
  { bit: Reason.OutsideSession, name: 'outside-session', weight: 0.2 },
  { bit: Reason.Suspicious, name: 'suspicious', weight: 0.5 },
];

/**
 * Reasons that depend on which events came before. A number that must not depend on the order of arrival (the quality
 * of a final bar, say) is scored without them: `scoreOf(verdict & ~ARRIVAL_REASONS)`.
 */
export const ARRIVAL_REASONS = Reason.OutOfOrder | Reason.StaleSource | Reason.Outlier;

const SCORES = buildScores();

/** Quality in [0, 1]: the product of (1 - weight) over the verdict's reasons; 0 for a rejected event. */
export function scoreOf(verdict: number): number {
  return verdict < 0 ? 0 : (SCORES[verdict] as number);
}

/** Names of a verdict's reasons: of the rejection, or of everything that lowered the score. */
export function reasonNames(verdict: number): string[] {
  if (verdict < 0) return [rejectName(verdict)];
  return REASON_WEIGHTS.filter(({ bit }) => (verdict & bit) !== 0).map(({ name }) => name);
}

export function rejectName(verdict: number): string {
  return REJECT_NAMES[-verdict] ?? 'unknown';
}

/** One score per set of reasons, so that scoring an event is one load. */
function buildScores(): Float64Array {
  const scores = new Float64Array(1 << REASON_WEIGHTS.length).fill(1);
  for (let bits = 0; bits < scores.length; bits++) {
    for (const { bit, weight } of REASON_WEIGHTS) {
      if ((bits & bit) !== 0) scores[bits] = (scores[bits] as number) * (1 - weight);
    }
  }
  return scores;
}
