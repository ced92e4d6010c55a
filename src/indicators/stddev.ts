import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { rollingColumn, squaresOf } from './plain-columns.ts';

/** Population standard deviation of the close. */
export const stddev: Indicator = {
  name: 'stddev',
  title: 'Standard deviation',
  source: 'TA-Lib STDDEV (population), computed by sliding squared deviations instead of E[x²]-E[x]²',
  inputs: ['close'],
  parameters: [lengthParameter(20, 'length', 2)],
  outputs: [{ name: 'stddev', description: 'Population standard deviation of the close', unit: 'price' }],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    return [graph.sqrt(graph.mul(graph.squares(graph.input('close'), length), graph.constant(1 / length)))];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    return [rollingColumn(close, length, 0, (window) => Math.sqrt(squaresOf(window) / length))];
  },
};
