import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { smoothedColumn } from './plain-columns.ts';
import { exponentialAverage } from './smoothing.ts';

/** Exponential moving average of the close. */
export const ema: Indicator = {
  name: 'ema',
  title: 'Exponential moving average',
  source: 'TA-Lib EMA: weight 2/(n+1), seeded with the simple average of the first n closes',
  inputs: ['close'],
  parameters: [lengthParameter(12)],
  outputs: [{ name: 'ema', description: 'Exponentially weighted mean close', unit: 'price' }],
  build(graph, parameters) {
    return [exponentialAverage(graph, graph.input('close'), parameter(parameters, 0))];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    return [smoothedColumn(close, length, 2 / (length + 1), 0)];
  },
};
