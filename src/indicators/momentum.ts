import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Difference of the close over some bars. */
export const momentum: Indicator = {
  name: 'momentum',
  title: 'Momentum',
  source: 'TA-Lib MOM: close − close n bars ago',
  inputs: ['close'],
  parameters: [lengthParameter(10)],
  outputs: [{ name: 'momentum', description: 'Difference of the close over the last bars', unit: 'price' }],
  build(graph, parameters) {
    const close = graph.input('close');
    return [graph.sub(close, graph.lag(close, parameter(parameters, 0)))];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    return [
      columnOf(close.length, (i) => (i < length ? Number.NaN : (close[i] as number) - (close[i - length] as number))),
    ];
  },
};
