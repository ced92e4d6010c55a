import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, smoothedColumn } from './plain-columns.ts';
import { NEARLY_ZERO, wilderAverage } from './smoothing.ts';

/** Relative strength index with Wilder's smoothing. */
export const rsi: Indicator = {
  name: 'rsi',
  title: 'Relative strength index',
  source: 'Wilder 1978; TA-Lib RSI, whose value is 0 while the price has not moved at all',
  inputs: ['close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'rsi', description: 'Share of gains in the average move', unit: '0..100' }],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const close = graph.input('close');
    const zero = graph.constant(0);
    const change = graph.sub(close, graph.previous(close));
    const gain = wilderAverage(graph, graph.max(change, zero), length);
    const loss = wilderAverage(graph, graph.max(graph.sub(zero, change), zero), length);
    const total = graph.add(gain, loss);
    const share = graph.div(graph.mul(graph.constant(100), gain), total);
    return [graph.select(graph.less(total, graph.constant(NEARLY_ZERO)), zero, share)];
  },
  wholeHistory({ close }, parameters) {
    const length = parameter(parameters, 0);
    const change = (i: number): number => (close[i] as number) - (close[i - 1] as number);
    const gain = smoothedColumn(
      columnOf(close.length, (i) => Math.max(change(i), 0)),
      length,
      1 / length,
      1,
    );
    const loss = smoothedColumn(
      columnOf(close.length, (i) => Math.max(-change(i), 0)),
      length,
      1 / length,
      1,
    );
    return [
      columnOf(close.length, (i) => {
        const up = gain[i] as number;
        const total = up + (loss[i] as number);
        return total < NEARLY_ZERO ? 0 : (100 * up) / total;
      }),
    ];
  },
};
