import { adxColumn, adxNode } from './adx.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Average directional index rating. */
export const adxr: Indicator = {
  name: 'adxr',
  title: 'Average directional index rating',
  source: 'Wilder 1978; TA-Lib ADXR: mean of the ADX and the ADX n-1 bars before',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'adxr', description: 'Strength of the trend, smoothed over time', unit: '0..100' }],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const now = adxNode(graph, length);
    return [graph.mul(graph.add(now, graph.lag(now, length - 1)), graph.constant(0.5))];
  },
  wholeHistory(columns, parameters) {
    const length = parameter(parameters, 0);
    const now = adxColumn(columns, length);
    return [
      columnOf(now.length, (i) =>
        i < length ? Number.NaN : ((now[i] as number) + (now[i - length + 1] as number)) / 2,
      ),
    ];
  },
};
