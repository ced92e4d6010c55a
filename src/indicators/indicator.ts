import type { BarColumns, BarField } from './bar-input.ts';
import type { Graph, GraphNode } from './graph.ts';

/** One number that shapes an indicator: a length in bars, a multiple. */
export interface IndicatorParameter {
  readonly name: string;
  readonly standard: number;
  readonly min: number;
  readonly max: number;
  readonly isInteger: boolean;
}

/** One value that an indicator puts out; feature names begin with its name. */
export interface IndicatorOutput {
  /** Lower snake case without parameters, unique over all indicators: `rsi`, `bb_upper`. */
  readonly name: string;
  readonly description: string;
  /** `price`, `percent`, `ratio`, `volume`, `bps`, `0..100`, … */
  readonly unit: string;
  /** When the value stays missing on a warm series; absent where that cannot be. */
  readonly missingWhen?: string;
}

/** An indicator: once as an incremental graph, once more, independently, over a whole history. */
export interface Indicator {
  /** Lower snake case, the file's name with underscores. */
  readonly name: string;
  readonly title: string;
  /** Where the formula and its conventions come from. */
  readonly source: string;
  /** Bar fields that it reads. */
  readonly inputs: readonly BarField[];
  readonly parameters: readonly IndicatorParameter[];
  readonly outputs: readonly IndicatorOutput[];
  /** Says why these parameters do not go together; undefined when they do. */
  conflict?(parameters: readonly number[]): string | undefined;
  /** Adds the indicator to the graph; one node per output. O(1) per bar unless its page says otherwise. */
  build(graph: Graph, parameters: readonly number[]): readonly GraphNode[];
  /** The same values computed the plain way from whole columns; NaN before the warm-up ends. One column per output. */
  wholeHistory(columns: BarColumns, parameters: readonly number[]): readonly Float64Array[];
}

/** A length in bars. */
export function lengthParameter(standard: number, name = 'length', min = 1): IndicatorParameter {
  return { name, standard, min, max: 5000, isInteger: true };
}

/** The i-th parameter; the plan has checked that all are there. */
export function parameter(parameters: readonly number[], index: number): number {
  const value = parameters[index];
  if (value === undefined) throw new RangeError(`Parameter ${index} is missing.`);
  return value;
}
