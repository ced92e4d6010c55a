import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { meanOf, rollingColumn } from './plain-columns.ts';

/** Simple moving average of the close. */
export const sma: Indicator = {
  name: 'sma',
  title: 'Simple moving average',
  source: 'TA-Lib SMA',
  inputs: ['close'],
  parameters: [lengthParameter(20)],
  outputs: [{ name: 'sma', description: 'Mean close of the last bars', unit: 'price' }],
  build(graph, parameters) {
    return [graph.mean(graph.input('close'), parameter(parameters, 0))];
  },
  wholeHistory({ close }, parameters) {
    return [rollingColumn(close, parameter(parameters, 0), 0, meanOf)];
  },
};
