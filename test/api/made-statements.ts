import fc from 'fast-check';
import type { EngineSink } from '../../src/engine/index.ts';
import type {
  Anomaly,
  Outcome,
  PatternMatch,
  PatternOdds,
  Regime,
  RegimeChange,
  Signal,
} from '../../src/model/index.ts';
import { PATTERN_STATUSES, SIGNAL_ACTIONS, TREND_CLASSES, VOLATILITY_CLASSES } from '../../src/model/index.ts';

/** Statements as an engine might make them. */
export type Statement =
  | { readonly kind: 'pattern'; readonly says: PatternMatch }
  | { readonly kind: 'regime'; readonly says: RegimeChange }
  | { readonly kind: 'signal'; readonly says: Signal }
  | { readonly kind: 'outcome'; readonly says: Outcome }
  | { readonly kind: 'anomaly'; readonly says: Anomaly };

const START_US = Date.UTC(2026, 0, 30, 8, 15) * 1_000;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const price = fc.double({ min: 0.01, max: 10_000, noNaN: true });
const timeUs = fc.integer({ min: 0, max: 86_400_000 }).map((ms) => START_US + ms * 1_000);
const orNaN = (arbitrary: fc.Arbitrary<number>) => fc.oneof(arbitrary, fc.constant(Number.NaN));
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const patternId = fc.oneof(fc.nat(100), fc.constantFrom('double-top', 'three-white-soldiers'));

const odds: fc.Arbitrary<PatternOdds> = fc.record({
  legacyScore: fc.double({ min: 0, max: 100, noNaN: true }),
  probability: share,
  low: share,
  high: share,
  n: fc.nat(1_000),
  nEffective: fc.double({ min: 0, max: 1_000, noNaN: true }),
  successRate: orNaN(share),
  randomRate: share,
  hasEdge: fc.boolean(),
});
const regime: fc.Arbitrary<Regime> = fc.record({
  volatility: maybe(fc.constantFrom(...VOLATILITY_CLASSES)),
  trend: maybe(fc.constantFrom(...TREND_CLASSES)),
  volatilityPct: orNaN(fc.double({ min: 0, max: 20, noNaN: true })),
  trendZ: orNaN(fc.double({ min: -9, max: 9, noNaN: true })),
  turbulentProbability: orNaN(share),
  changePointProbability: orNaN(share),
});
const plan = maybe(fc.record({ entry: price, target: price, stop: price }));

/** @param symbols how many symbols, @param timeframes how many timeframes there are */
export function statement(symbols: number, timeframes: number): fc.Arbitrary<Statement> {
  const base = {
    id: fc.constant(0),
    change: fc.constant('new' as const),
    replaces: fc.constant(undefined),
    symbol: fc.nat(symbols - 1),
    timeframe: fc.nat(timeframes - 1),
    barStartUs: timeUs,
    barRevision: fc.nat(3),
    knowableAtUs: timeUs,
    atUs: timeUs,
  };
  const pattern: fc.Arbitrary<PatternMatch> = fc.record({
    ...base,
    family: fc.constantFrom('tolerance', 'candlestick', 'chart'),
    patternId,
    direction: fc.constantFrom(1, 0, -1),
    confidence: fc.double({ min: 50, max: 100, noNaN: true }),
    status: fc.constantFrom(...PATTERN_STATUSES),
    fromUs: timeUs,
    formedAtUs: timeUs,
    points: fc.array(fc.record({ role: fc.constantFrom('head', 'neckline_left'), tsUs: timeUs, price }), {
      maxLength: 4,
    }),
    levels: fc.constant(undefined),
    regime,
    plan,
    isExact: fc.boolean(),
    riskReward: maybe(fc.double({ min: 0, max: 50, noNaN: true })),
    odds,
    quality: share,
  });
  const signal: fc.Arbitrary<Signal> = fc.record({
    ...base,
    action: fc.constantFrom(...SIGNAL_ACTIONS),
    score: fc.double({ min: -100, max: 100, noNaN: true }),
    confidence: fc.double({ min: 0, max: 100, noNaN: true }),
    plan,
    riskReward: maybe(fc.double({ min: 0, max: 50, noNaN: true })),
    odds: maybe(odds),
    patterns: fc.array(fc.nat(50), { maxLength: 3 }),
    expiresAtUs: timeUs,
  });
  const outcome: fc.Arbitrary<Outcome> = fc.record({
    id: fc.constant(0),
    of: fc.nat(50),
    patternId,
    symbol: base.symbol,
    timeframe: base.timeframe,
    direction: fc.constantFrom(1, -1),
    entryUs: timeUs,
    exitUs: timeUs,
    entry: price,
    exit: price,
    returned: fc.double({ min: -1, max: 1, noNaN: true }),
    barrier: fc.constantFrom('target', 'stop', 'expiry'),
    bothInBar: fc.boolean(),
    atUs: timeUs,
  });
  const anomaly: fc.Arbitrary<Anomaly> = fc.record({
    id: fc.constant(0),
    symbol: base.symbol,
    kind: fc.constantFrom('price_spike', 'volume_spike', 'spread_blowout', 'feed_divergence', 'stale'),
    isOver: fc.boolean(),
    value: price,
    limit: price,
    atUs: timeUs,
    detail: fc.string({ minLength: 1, maxLength: 30 }),
  });
  return fc.oneof(
    { weight: 4, arbitrary: pattern.map((says) => ({ kind: 'pattern' as const, says })) },
    fc.record({ ...base, from: regime, to: regime }).map((says) => ({ kind: 'regime' as const, says })),
    { weight: 2, arbitrary: signal.map((says) => ({ kind: 'signal' as const, says })) },
    outcome.map((says) => ({ kind: 'outcome' as const, says })),
    anomaly.map((says) => ({ kind: 'anomaly' as const, says })),
  );
}

/** Numbers statements from `firstId` on, and lets some of them amend or withdraw the one of their kind before. */
export function numbered(statements: readonly Statement[], firstId = 1): Statement[] {
  const last = new Map<string, number>();
  return statements.map((made, i) => {
    const { atUs } = made.says;
    const one = { ...made, says: Object.assign({ ...made.says }, { knowableAtUs: atUs, exitUs: atUs }) } as Statement;
    const id = firstId + i;
    const replaces = id % 3 === 0 ? last.get(one.kind) : undefined;
    last.set(one.kind, id);
    if (one.kind === 'outcome' || one.kind === 'anomaly' || replaces === undefined) {
      return { ...one, says: { ...one.says, id } } as Statement;
    }
    const change = id % 2 === 0 ? 'amended' : 'withdrawn';
    return { ...one, says: { ...one.says, id, replaces, change } } as Statement;
  });
}

export function tell(sink: EngineSink, one: Statement): void {
  if (one.kind === 'pattern') sink.onPattern?.(one.says);
  else if (one.kind === 'regime') sink.onRegime?.(one.says);
  else if (one.kind === 'signal') sink.onSignal?.(one.says);
  else if (one.kind === 'outcome') sink.onOutcome?.(one.says);
  else sink.onAnomaly?.(one.says);
}
