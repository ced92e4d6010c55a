import type { PatternFinding, PatternMatch } from '../../model/index.ts';
import { riskReward } from './pattern-barriers.ts';
import type { StatementHead } from './statement-log.ts';

/** What every statement says of its bar. */
export type Occasion = Pick<
  PatternMatch,
  'symbol' | 'timeframe' | 'barStartUs' | 'barRevision' | 'knowableAtUs' | 'atUs'
>;

/** What the engine adds to a finding. */
export type PatternReading = Pick<PatternMatch, 'isExact' | 'regime' | 'plan' | 'odds' | 'quality'>;

/** A finding as a statement. Written field by field, because most of what is said at a bar's close is made here. */
export function patternMatch(
  { id, change, replaces }: StatementHead,
  at: Occasion,
  finding: PatternFinding,
  { isExact, regime, plan, odds, quality }: PatternReading,
): PatternMatch {
  return {
    id,
    change,
    replaces,
    symbol: at.symbol,
    timeframe: at.timeframe,
    barStartUs: at.barStartUs,
    barRevision: at.barRevision,
    knowableAtUs: at.knowableAtUs,
    atUs: at.atUs,
    family: finding.family,
    patternId: finding.patternId,
    direction: finding.direction,
    confidence: finding.confidence,
    status: finding.status,
    fromUs: finding.fromUs,
    formedAtUs: finding.formedAtUs,
    points: finding.points,
    levels: finding.levels,
    isExact,
    regime,
    plan,
    riskReward: plan === undefined ? undefined : riskReward(plan),
    odds,
    quality,
  };
}
