import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** A bar's volume against the mean volume of the last bars. */
export const volumeRatio: Indicator = {
  name: 'volume_ratio',
  title: 'Volume ratio',
  source: 'volume over the mean volume of the last n bars, this one included; 0 where that mean is 0',
  inputs: ['volume'],
  parameters: [lengthParameter(20)],
  outputs: [{ name: 'volume_ratio', description: 'Volume against its mean', unit: 'ratio' }],
  build(graph, parameters) {
    const volume = graph.input('volume');
    return [ratioOr(graph, volume, graph.mean(volume, parameter(parameters, 0)), graph.constant(0))];
  },
  wholeHistory({ volume }, parameters) {
    const mean = rollingColumn(volume, parameter(parameters, 0), 0, meanOf);
    return [columnOf(volume.length, (i) => (mean[i] === 0 ? 0 : (volume[i] as number) / (mean[i] as number)))];
  },
};
