import { bollinger } from './bollinger.ts';
import { type Indicator, lengthParameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** Where the close lies between the Bollinger bands, and how wide they are. */
export const bollingerPosition: Indicator = {
  name: 'bollinger_position',
  title: 'Position within the Bollinger bands',
  source:
    'Bollinger: %b = (close − lower)/(upper − lower), 0.5 where the bands meet; width = (upper − lower)/middle, 0 where the middle is 0',
  inputs: ['close'],
  parameters: [
    lengthParameter(20, 'length', 2),
    { name: 'deviations', standard: 2, min: 0.01, max: 100, isInteger: false },
  ],
  outputs: [
    { name: 'bb_position', description: 'Close between the bands: 0 lower, 1 upper', unit: 'ratio' },
    { name: 'bb_width', description: 'Width of the bands against their middle', unit: 'ratio' },
  ],
  build(graph, parameters) {
    const [upper, middle, lower] = bollinger.build(graph, parameters);
    if (upper === undefined || middle === undefined || lower === undefined)
      throw new RangeError('bands have 3 outputs');
    const width = graph.sub(upper, lower);
    return [
      ratioOr(graph, graph.sub(graph.input('close'), lower), width, graph.constant(0.5)),
      ratioOr(graph, width, middle, graph.constant(0)),
    ];
  },
  wholeHistory(columns, parameters) {
    const [upper, middle, lower] = bollinger.wholeHistory(columns, parameters) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const { close } = columns;
    const width = (i: number): number => (upper[i] as number) - (lower[i] as number);
    return [
      columnOf(close.length, (i) => (width(i) === 0 ? 0.5 : ((close[i] as number) - (lower[i] as number)) / width(i))),
      columnOf(close.length, (i) => (middle[i] === 0 ? 0 : width(i) / (middle[i] as number))),
    ];
  },
};
