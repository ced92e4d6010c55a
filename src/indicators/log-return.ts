import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Logarithmic return of the close. */
export const logReturn: Indicator = {
  name: 'log_return',
  title: 'Logarithmic return',
  source: 'ln(close/close n bars ago)',
  inputs: ['close'],
  parameters: [lengthParameter(1)],
  outputs: [{ name: 'log_return', description: 'Logarithmic return over the last bars', unit: 'ratio' }],
  build(graph, parameters) {
    const close = graph.input('close');
    return [graph.log(graph.div(close, graph.lag(close, parameter(parameters, 0))))];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    return [
      columnOf(close.length, (i) =>
        i < length ? Number.NaN : Math.log((close[i] as number) / (close[i - length] as number)),
      ),
    ];
  },
};
