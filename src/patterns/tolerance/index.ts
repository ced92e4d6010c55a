export { type ConditionMatch, type ConditionsMatch, matchConditions } from './condition-score.ts';
export { featureKey } from './feature-aliases.ts';
export { DEFAULT_MATCHING_LIMITS, type MatchingLimits, STATUS_RANKS } from './matching-limits.ts';
export {
  CONDITION_OPERATORS,
  type ConditionOperator,
  type PatternEvidence,
  type Portfolio,
  type ToleranceCondition,
  type TolerancePattern,
} from './portfolio.ts';
export { PORTFOLIO_VERSION, readPortfolio } from './read-portfolio.ts';
export { toleranceFinding } from './tolerance-finding.ts';
export { type FeatureNames, missingFeatures, type ToleranceFound, ToleranceMatcher } from './tolerance-matcher.ts';
