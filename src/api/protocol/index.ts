export type { BarColumns, BarColumnsPage, BarTuple, BarTuplePage } from './bar-shapes.ts';
export type { Channel } from './channels.ts';
export { CHANNELS, SOCKET_PATH } from './channels.ts';
export type * from './collection.ts';
export type * from './dashboard.ts';
export type { DataFamily } from './data-families.ts';
export { DATA_FAMILIES } from './data-families.ts';
export type { ComponentHealth, HealthReport, HealthState, ProbeReport, SymbolFreshness } from './health.ts';
export type { MetricJson, MetricsDocument, SourceCounters } from './metrics-document.ts';
