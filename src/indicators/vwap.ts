import type { Indicator } from './indicator.ts';
import { columnOf } from './plain-columns.ts';
import { ratioOr, runningTotal } from './smoothing.ts';

/** Volume-weighted average price since the session began. */
export const vwap: Indicator = {
  name: 'vwap',
  title: 'Session VWAP',
  source: 'Cumulated typical price times volume over cumulated volume, anew with each session',
  inputs: ['high', 'low', 'close', 'volume', 'sessionStart'],
  parameters: [],
  outputs: [
    {
      name: 'vwap_session',
      description: 'Volume-weighted typical price since the session began',
      unit: 'price',
      missingWhen: 'nothing was traded yet in the session',
    },
  ],
  build(graph) {
    const volume = graph.input('volume');
    const sum = graph.add(graph.add(graph.input('high'), graph.input('low')), graph.input('close'));
    const typical = graph.mul(sum, graph.constant(1 / 3));
    const begins = graph.less(graph.constant(0), graph.input('sessionStart'));
    const paid = runningTotal(graph, graph.mul(typical, volume), begins);
    const traded = runningTotal(graph, volume, begins);
    return [ratioOr(graph, paid, traded, graph.constant(Number.NaN))];
  },
  wholeHistory({ high, low, close, volume, sessionStart }) {
    let paid = 0;
    let traded = 0;
    return [
      columnOf(close.length, (i) => {
        if ((sessionStart[i] as number) > 0) {
          paid = 0;
          traded = 0;
        }
        const size = volume[i] as number;
        paid += (((high[i] as number) + (low[i] as number) + (close[i] as number)) / 3) * size;
        traded += size;
        return traded > 0 ? paid / traded : Number.NaN;
      }),
    ];
  },
};
