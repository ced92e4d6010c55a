import { type Indicator, type IndicatorParameter, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn, squaresOf } from './plain-columns.ts';

const WIDTH: IndicatorParameter = { name: 'deviations', standard: 2, min: 0.01, max: 100, isInteger: false };

/** Bollinger bands: the mean close and so many population standard deviations around it. */
export const bollinger: Indicator = {
  name: 'bollinger',
  title: 'Bollinger bands',
  source: 'Bollinger 1983; TA-Lib BBANDS with a simple average and the population standard deviation',
  inputs: ['close'],
  parameters: [lengthParameter(20, 'length', 2), WIDTH],
  outputs: [
    { name: 'bb_upper', description: 'Upper band', unit: 'price' },
    { name: 'bb_middle', description: 'Mean close', unit: 'price' },
    { name: 'bb_lower', description: 'Lower band', unit: 'price' },
  ],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const close = graph.input('close');
    const middle = graph.mean(close, length);
    const deviation = graph.sqrt(graph.mul(graph.squares(close, length), graph.constant(1 / length)));
    const width = graph.mul(deviation, graph.constant(parameter(parameters, 1)));
    return [graph.add(middle, width), middle, graph.sub(middle, width)];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    const times = parameter(parameters, 1);
    const middle = rollingColumn(close, length, 0, meanOf);
    const width = rollingColumn(close, length, 0, (window) => times * Math.sqrt(squaresOf(window) / length));
    return [
      columnOf(close.length, (i) => (middle[i] as number) + (width[i] as number)),
      middle,
      columnOf(close.length, (i) => (middle[i] as number) - (width[i] as number)),
    ];
  },
};
