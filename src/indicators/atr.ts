import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { smoothedColumn, trueRangeColumn } from './plain-columns.ts';
import { wilderAverage } from './smoothing.ts';
import { trueRangeNode } from './true-range.ts';

/** Average true range with Wilder's smoothing. */
export const atr: Indicator = {
  name: 'atr',
  title: 'Average true range',
  source: 'Wilder 1978; TA-Lib ATR: the first bar has no true range, the seed is the mean of the next n',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14)],
  outputs: [{ name: 'atr', description: 'Smoothed true range', unit: 'price' }],
  build(graph, parameters) {
    return [wilderAverage(graph, trueRangeNode(graph), parameter(parameters, 0))];
  },
  wholeHistory({ high, low, close }, parameters) {
    const length = parameter(parameters, 0);
    return [smoothedColumn(trueRangeColumn(high, low, close), length, 1 / length, 1)];
  },
};
