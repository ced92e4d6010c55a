export type { AnalysisSettings } from './analysis-settings.ts';
export { DEFAULT_ANALYSIS_SETTINGS } from './analysis-settings.ts';
export { AnalysisStage } from './analysis-stage.ts';
export type { Statement } from './statement-log.ts';
