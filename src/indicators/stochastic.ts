import { fastStochasticColumn, fastStochasticNode } from './fast-stochastic.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn } from './plain-columns.ts';

/** Slow stochastic oscillator. */
export const stochastic: Indicator = {
  name: 'stochastic',
  title: 'Stochastic oscillator (slow)',
  source: 'Lane; TA-Lib STOCH with simple averages; %K is 0 where the range is 0',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14), lengthParameter(3, 'slowing'), lengthParameter(3, 'signal')],
  outputs: [
    { name: 'stoch_k', description: 'Slowed position of the close in the range', unit: '0..100' },
    { name: 'stoch_d', description: 'Mean of %K', unit: '0..100' },
  ],
  build(graph, parameters) {
    const slowK = graph.mean(fastStochasticNode(graph, parameter(parameters, 0)), parameter(parameters, 1));
    return [slowK, graph.mean(slowK, parameter(parameters, 2))];
  },
  wholeHistory(columns, parameters) {
    const [length, slowing, signal] = [0, 1, 2].map((i) => parameter(parameters, i)) as [number, number, number];
    const slowK = rollingColumn(fastStochasticColumn(columns, length), slowing, length - 1, meanOf);
    const slowD = rollingColumn(slowK, signal, length + slowing - 2, meanOf);
    return [columnOf(slowK.length, (i) => (slowK[i] as number) + 0 * (slowD[i] as number)), slowD];
  },
};
