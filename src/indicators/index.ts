export type { BarColumns, BarField, BarInput } from './bar-input.ts';
export { BAR_FIELDS, barColumns, createBarInput } from './bar-input.ts';
export type { GraphNode, GraphOp } from './graph.ts';
export { Graph } from './graph.ts';
export type { Indicator, IndicatorOutput, IndicatorParameter } from './indicator.ts';
export { INDICATORS } from './registry.ts';
