export { DEFAULT_FEATURES } from './default-set.ts';
export type { FeatureEngineOptions } from './feature-engine.ts';
export { FeatureEngine } from './feature-engine.ts';
export type { FeatureInfo, FeaturePlan } from './feature-plan.ts';
export { compileFeatures } from './feature-plan.ts';
export type { FeatureSpec } from './feature-spec.ts';
export { parseFeature } from './feature-spec.ts';
export type { RuntimeKind } from './graph-runtime.ts';
export { wholeHistory } from './whole-history.ts';
