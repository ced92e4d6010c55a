import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf, rollingColumn } from './plain-columns.ts';

/** Realised volatility per bar. */
export const realizedVolatility: Indicator = {
  name: 'realized_volatility',
  title: 'Realised volatility',
  source: '100·√(mean of squared log returns of the last n bars), about a mean of zero, per bar and not annualised',
  inputs: ['close'],
  parameters: [lengthParameter(20, 'length', 2)],
  outputs: [{ name: 'realized_vol', description: 'Root mean square log return of the last bars', unit: 'percent' }],
  build(graph, parameters) {
    const close = graph.input('close');
    const change = graph.log(graph.div(close, graph.lag(close, 1)));
    const meanSquare = graph.mean(graph.mul(change, change), parameter(parameters, 0));
    return [graph.mul(graph.constant(100), graph.sqrt(graph.max(meanSquare, graph.constant(0))))];
  },
  wholeHistory({ close }, parameters) {
    const square = columnOf(close.length, (i) => Math.log((close[i] as number) / (close[i - 1] as number)) ** 2);
    const variance = rollingColumn(square, parameter(parameters, 0), 1, meanOf);
    return [columnOf(close.length, (i) => 100 * Math.sqrt(Math.max(variance[i] as number, 0)))];
  },
};
