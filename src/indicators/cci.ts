import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf, meanOf } from './plain-columns.ts';

/** A mean absolute deviation below this share of the price is rounding: the price has not moved. */
const ROUNDING = 1e-13;

/** Commodity channel index. The mean absolute deviation has no O(1) form: an update takes `length` steps. */
export const cci: Indicator = {
  name: 'cci',
  title: 'Commodity channel index',
  source: 'Lambert 1980; TA-Lib CCI; 0 where the typical price has not moved',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(20, 'length', 2)],
  outputs: [
    { name: 'cci', description: 'Typical price against its mean in mean absolute deviations', unit: 'deviations' },
  ],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const sum = graph.add(graph.add(graph.input('high'), graph.input('low')), graph.input('close'));
    const typical = graph.mul(sum, graph.constant(1 / 3));
    const mean = graph.mean(typical, length);
    const spread = graph.absoluteDeviation(typical, mean, length);
    const zero = graph.constant(0);
    const value = graph.div(graph.sub(typical, mean), graph.mul(spread, graph.constant(0.015 / length)));
    const rounding = graph.mul(graph.abs(typical), graph.constant(ROUNDING * length));
    return [graph.select(graph.less(rounding, spread), value, zero)];
  },
  wholeHistory({ high, low, close }, parameters) {
    const length = parameter(parameters, 0);
    const third = 1 / 3;
    const typical = columnOf(
      close.length,
      (i) => ((high[i] as number) + (low[i] as number) + (close[i] as number)) * third,
    );
    return [
      columnOf(close.length, (i) => {
        if (i < length - 1) return Number.NaN;
        const window = typical.subarray(i - length + 1, i + 1);
        const mean = meanOf(window);
        let spread = 0;
        for (const value of window) spread += Math.abs(value - mean);
        const hasMoved = spread > ROUNDING * length * Math.abs(typical[i] as number);
        return !hasMoved ? 0 : ((typical[i] as number) - mean) / (0.015 * (spread / length));
      }),
    ];
  },
};
