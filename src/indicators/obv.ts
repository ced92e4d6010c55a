import type { Indicator } from './indicator.ts';
import { columnOf } from './plain-columns.ts';
import { runningTotal } from './smoothing.ts';

/** On-balance volume since the first bar. */
export const obv: Indicator = {
  name: 'obv',
  title: 'On-balance volume',
  source: 'Granville 1963; TA-Lib OBV, which begins with the first volume',
  inputs: ['close', 'volume'],
  parameters: [],
  outputs: [{ name: 'obv', description: 'Volume of rising bars less volume of falling bars', unit: 'volume' }],
  build(graph) {
    const close = graph.input('close');
    const volume = graph.input('volume');
    const before = graph.previous(close);
    const zero = graph.constant(0);
    const fallen = graph.select(graph.less(close, before), graph.sub(zero, volume), zero);
    const signed = graph.select(graph.less(before, close), volume, fallen);
    return [runningTotal(graph, graph.since(1, signed, volume))];
  },
  wholeHistory({ close, volume }) {
    let total = 0;
    return [
      columnOf(close.length, (i) => {
        const direction = i === 0 ? 1 : Math.sign((close[i] as number) - (close[i - 1] as number));
        total += direction * (volume[i] as number);
        return total;
      }),
    ];
  },
};
