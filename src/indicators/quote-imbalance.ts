import type { Indicator } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Which side of the best quote is larger at the bar's close. */
export const quoteImbalance: Indicator = {
  name: 'quote_imbalance',
  title: 'Quote imbalance',
  source: '(bid size − ask size)/(bid size + ask size) of the last quote at the bar’s close',
  inputs: ['bidSize', 'askSize'],
  parameters: [],
  outputs: [
    {
      name: 'quote_imbalance',
      description: 'Balance of the sizes at the best quote',
      unit: '-1..1',
      missingWhen: 'no quote with sizes was seen',
    },
  ],
  build(graph) {
    const bid = graph.input('bidSize');
    const ask = graph.input('askSize');
    const total = graph.add(bid, ask);
    const balance = graph.div(graph.sub(bid, ask), total);
    return [graph.select(graph.less(graph.constant(0), total), balance, graph.constant(Number.NaN))];
  },
  wholeHistory({ bidSize, askSize }) {
    return [
      columnOf(bidSize.length, (i) => {
        const total = (bidSize[i] as number) + (askSize[i] as number);
        return total > 0 ? ((bidSize[i] as number) - (askSize[i] as number)) / total : Number.NaN;
      }),
    ];
  },
};
