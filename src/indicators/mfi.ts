import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Money flow index. */
export const mfi: Indicator = {
  name: 'mfi',
  title: 'Money flow index',
  source: 'Quong and Soudack; TA-Lib MFI, whose value is 0 while less than 1 unit of money flowed',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'mfi', description: 'Share of money that flowed on rising bars', unit: '0..100' }],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const zero = graph.constant(0);
    const sum = graph.add(graph.add(graph.input('high'), graph.input('low')), graph.input('close'));
    const typical = graph.mul(sum, graph.constant(1 / 3));
    const before = graph.previous(typical);
    const money = graph.mul(typical, graph.input('volume'));
    const inflow = graph.mean(graph.select(graph.less(before, typical), money, zero), length);
    const outflow = graph.mean(graph.select(graph.less(typical, before), money, zero), length);
    const total = graph.add(inflow, outflow);
    const share = graph.div(graph.mul(graph.constant(100), inflow), total);
    return [graph.select(graph.less(total, graph.constant(1 / length)), zero, share)];
  },
  wholeHistory({ high, low, close, volume }, parameters) {
    const length = parameter(parameters, 0);
    const third = 1 / 3;
    const typical = columnOf(
      close.length,
      (i) => ((high[i] as number) + (low[i] as number) + (close[i] as number)) * third,
    );
    return [
      columnOf(close.length, (i) => {
        if (i < length) return Number.NaN;
        let inflow = 0;
        let outflow = 0;
        for (let k = i - length + 1; k <= i; k++) {
          const change = (typical[k] as number) - (typical[k - 1] as number);
          const money = (typical[k] as number) * (volume[k] as number);
          if (change > 0) inflow += money;
          if (change < 0) outflow += money;
        }
        const total = inflow + outflow;
        return total < 1 ? 0 : (100 * inflow) / total;
      }),
    ];
  },
};
