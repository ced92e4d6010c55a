import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, smoothedColumn } from './plain-columns.ts';
import { exponentialAverage } from './smoothing.ts';

/** Moving average convergence/divergence, its signal line and their difference. */
export const macd: Indicator = {
  name: 'macd',
  title: 'Moving average convergence/divergence',
  source:
    'Appel 1979; TA-Lib MACD: both averages are seeded on the same bar, the faster one from its last closes before it',
  inputs: ['close'],
  parameters: [lengthParameter(12, 'fast', 2), lengthParameter(26, 'slow', 2), lengthParameter(9, 'signal')],
  outputs: [
    { name: 'macd', description: 'Fast less slow exponential average', unit: 'price' },
    { name: 'macd_signal', description: 'Exponential average of the MACD line', unit: 'price' },
    { name: 'macd_hist', description: 'MACD line less its signal', unit: 'price' },
  ],
  conflict([fast = 0, slow = 0]) {
    return fast < slow ? undefined : `fast (${fast}) must be shorter than slow (${slow})`;
  },
  build(graph, parameters) {
    const [fast, slow, signalLength] = [0, 1, 2].map((i) => parameter(parameters, i)) as [number, number, number];
    const close = graph.input('close');
    const line = graph.sub(exponentialAverage(graph, close, fast, slow - fast), exponentialAverage(graph, close, slow));
    const signal = exponentialAverage(graph, line, signalLength);
    return [line, signal, graph.sub(line, signal)];
  },
  wholeHistory({ close }, parameters) {
    const [fast, slow, signalLength] = [0, 1, 2].map((i) => parameter(parameters, i)) as [number, number, number];
    const quick = smoothedColumn(close, fast, 2 / (fast + 1), slow - fast);
    const steady = smoothedColumn(close, slow, 2 / (slow + 1), 0);
    const line = columnOf(close.length, (i) => (quick[i] as number) - (steady[i] as number));
    const signal = smoothedColumn(line, signalLength, 2 / (signalLength + 1), slow - 1);
    const hist = columnOf(close.length, (i) => (line[i] as number) - (signal[i] as number));
    return [columnOf(close.length, (i) => (line[i] as number) + 0 * (signal[i] as number)), signal, hist];
  },
};
