import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** Williams %R. */
export const williamsR: Indicator = {
  name: 'williams_r',
  title: 'Williams %R',
  source: 'TA-Lib WILLR; 0 where the range is 0',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [
    { name: 'williams_r', description: 'Distance of the close from the highest high in the range', unit: '-100..0' },
  ],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const highest = graph.highest(graph.input('high'), length);
    const range = graph.sub(highest, graph.lowest(graph.input('low'), length));
    const below = graph.mul(graph.constant(-100), graph.sub(highest, graph.input('close')));
    return [ratioOr(graph, below, range, graph.constant(0))];
  },
  wholeHistory({ high, low, close }, parameters) {
    const length = parameter(parameters, 0);
    return [
      columnOf(close.length, (i) => {
        if (i < length - 1) return Number.NaN;
        const top = Math.max(...high.subarray(i - length + 1, i + 1));
        const bottom = Math.min(...low.subarray(i - length + 1, i + 1));
        return top === bottom ? 0 : (-100 * (top - (close[i] as number))) / (top - bottom);
      }),
    ];
  },
};
