import type { BarColumns } from './bar-input.ts';
import type { Graph, GraphNode } from './graph.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** Node of the raw %K: where the close stands in the range of the last bars. */
export function fastStochasticNode(graph: Graph, length: number): GraphNode {
  const lowest = graph.lowest(graph.input('low'), length);
  const range = graph.sub(graph.highest(graph.input('high'), length), lowest);
  const above = graph.mul(graph.constant(100), graph.sub(graph.input('close'), lowest));
  return ratioOr(graph, above, range, graph.constant(0));
}

export function fastStochasticColumn({ high, low, close }: BarColumns, length: number): Float64Array {
  const top = rollingColumn(high, length, 0, (window) => Math.max(...window));
  const bottom = rollingColumn(low, length, 0, (window) => Math.min(...window));
  return columnOf(close.length, (i) => {
    const range = (top[i] as number) - (bottom[i] as number);
    return range === 0 ? 0 : (100 * ((close[i] as number) - (bottom[i] as number))) / range;
  });
}

/** Fast stochastic oscillator. */
export const fastStochastic: Indicator = {
  name: 'fast_stochastic',
  title: 'Stochastic oscillator (fast)',
  source: 'Lane; TA-Lib STOCHF with a simple average; %K is 0 where the range is 0',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14), lengthParameter(3, 'signal')],
  outputs: [
    { name: 'stoch_fast_k', description: 'Position of the close in the range', unit: '0..100' },
    { name: 'stoch_fast_d', description: 'Mean of fast %K', unit: '0..100' },
  ],
  build(graph, parameters) {
    const fastK = fastStochasticNode(graph, parameter(parameters, 0));
    return [fastK, graph.mean(fastK, parameter(parameters, 1))];
  },
  wholeHistory(columns, parameters) {
    const length = parameter(parameters, 0);
    const fastK = fastStochasticColumn(columns, length);
    const fastD = rollingColumn(fastK, parameter(parameters, 1), length - 1, meanOf);
    return [columnOf(fastK.length, (i) => (fastK[i] as number) + 0 * (fastD[i] as number)), fastD];
  },
};
