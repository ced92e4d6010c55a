import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** Rate of change of the close. */
export const roc: Indicator = {
  name: 'roc',
  title: 'Rate of change',
  source: 'TA-Lib ROC: 100·(close/close n bars ago − 1)',
  inputs: ['close'],
  parameters: [lengthParameter(10)],
  outputs: [{ name: 'roc', description: 'Change of the close over the last bars', unit: 'percent' }],
  build(graph, parameters) {
    const close = graph.input('close');
    const before = graph.lag(close, parameter(parameters, 0));
    const change = graph.mul(graph.constant(100), graph.sub(close, before));
    return [ratioOr(graph, change, before, graph.constant(0))];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    return [
      columnOf(close.length, (i) => {
        if (i < length) return Number.NaN;
        const before = close[i - length] as number;
        return before === 0 ? 0 : 100 * ((close[i] as number) / before - 1);
      }),
    ];
  },
};
