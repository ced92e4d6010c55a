import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, smoothedColumn, trueRangeColumn } from './plain-columns.ts';
import { ratioOr, wilderAverage } from './smoothing.ts';
import { trueRangeNode } from './true-range.ts';

/** Average true range in percent of the close. */
export const natr: Indicator = {
  name: 'natr',
  title: 'Normalised average true range',
  source: 'TA-Lib NATR',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14)],
  outputs: [{ name: 'natr', description: 'Smoothed true range in percent of the close', unit: 'percent' }],
  build(graph, parameters) {
    const average = wilderAverage(graph, trueRangeNode(graph), parameter(parameters, 0));
    const percent = graph.mul(average, graph.constant(100));
    return [ratioOr(graph, percent, graph.input('close'), graph.constant(0))];
  },
  wholeHistory({ high, low, close }, parameters) {
    const length = parameter(parameters, 0);
    const average = smoothedColumn(trueRangeColumn(high, low, close), length, 1 / length, 1);
    return [
      columnOf(close.length, (i) => {
        const percent = 100 * (average[i] as number);
        return close[i] === 0 ? 0 * percent : percent / (close[i] as number);
      }),
    ];
  },
};
