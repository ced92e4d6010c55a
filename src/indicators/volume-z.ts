import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn, squaresOf } from './plain-columns.ts';

/** How unusual a bar's volume is against the bars before it. */
export const volumeZ: Indicator = {
  name: 'volume_z',
  title: 'Volume z-score',
  source: '(volume − mean)/population deviation of the n bars before, 0 where that deviation is 0',
  inputs: ['volume'],
  parameters: [lengthParameter(20, 'length', 2)],
  outputs: [{ name: 'volume_z', description: 'Volume against the bars before it', unit: 'deviations' }],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const volume = graph.input('volume');
    const mean = graph.previous(graph.mean(volume, length));
    const squares = graph.previous(graph.squares(volume, length));
    const deviation = graph.sqrt(graph.mul(squares, graph.constant(1 / length)));
    const zero = graph.constant(0);
    const z = graph.div(graph.sub(volume, mean), deviation);
    return [graph.select(graph.less(zero, deviation), z, zero)];
  },
  wholeHistory({ volume }, parameters) {
    const length = parameter(parameters, 0);
    const mean = rollingColumn(volume, length, 0, meanOf);
    const deviation = rollingColumn(volume, length, 0, (window) => Math.sqrt(squaresOf(window) / length));
    return [
      columnOf(volume.length, (i) => {
        if (i < length) return Number.NaN;
        const width = deviation[i - 1] as number;
        return width > 0 ? ((volume[i] as number) - (mean[i - 1] as number)) / width : 0;
      }),
    ];
  },
};
