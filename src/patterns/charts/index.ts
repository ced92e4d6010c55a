export type { ChartBars } from './chart-bars.ts';
export type { ChartPattern } from './chart-pattern.ts';
export { ChartScanner } from './chart-scanner.ts';
export type { BandwidthChoice, Extremum, ExtremumKind } from './lmw/kernel-regression.ts';
export { chooseBandwidth, kernelExtrema, kernelSmooth } from './lmw/kernel-regression.ts';
export type { LmwFinding, LmwPattern } from './lmw/lmw-patterns.ts';
export { lmwDouble, lmwFindings, lmwFive } from './lmw/lmw-patterns.ts';
export { CHART_PATTERNS } from './registry.ts';
