import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn } from './plain-columns.ts';
import { ratioOr } from './smoothing.ts';

/** The close against its simple average. */
export const smaDistance: Indicator = {
  name: 'sma_distance',
  title: 'Close against its average',
  source:
    '100·close/average and 100·(close/average − 1) with the simple average of the last n closes; 0 where that is 0',
  inputs: ['close'],
  parameters: [lengthParameter(20)],
  outputs: [
    { name: 'close_vs_sma', description: 'Close in percent of its average', unit: 'percent' },
    { name: 'sma_distance', description: 'Distance of the close from its average', unit: 'percent' },
  ],
  build(graph, parameters) {
    const close = graph.input('close');
    const average = graph.mean(close, parameter(parameters, 0));
    const hundred = graph.constant(100);
    const zero = graph.constant(0);
    return [
      ratioOr(graph, graph.mul(hundred, close), average, zero),
      ratioOr(graph, graph.mul(hundred, graph.sub(close, average)), average, zero),
    ];
  },
  wholeHistory({ close }, parameters) {
    const average = rollingColumn(close, parameter(parameters, 0), 0, meanOf);
    const ratio = (i: number): number => (close[i] as number) / (average[i] as number);
    return [
      columnOf(close.length, (i) => (average[i] === 0 ? 0 : 100 * ratio(i))),
      columnOf(close.length, (i) => (average[i] === 0 ? 0 : 100 * (ratio(i) - 1))),
    ];
  },
};
