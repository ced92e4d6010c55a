import type { Indicator } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Quoted spread at the bar's close. */
export const spread: Indicator = {
  name: 'spread',
  title: 'Quoted spread',
  source: '10,000·(ask − bid)/mid of the last quote at the bar’s close',
  inputs: ['bid', 'ask'],
  parameters: [],
  outputs: [
    {
      name: 'spread_bps',
      description: 'Ask less bid in basis points of their middle',
      unit: 'bps',
      missingWhen: 'no two-sided quote was seen',
    },
  ],
  build(graph) {
    const bid = graph.input('bid');
    const ask = graph.input('ask');
    return [graph.div(graph.mul(graph.constant(20_000), graph.sub(ask, bid)), graph.add(ask, bid))];
  },
  wholeHistory({ bid, ask }) {
    return [
      columnOf(bid.length, (i) => {
        const middle = ((ask[i] as number) + (bid[i] as number)) / 2;
        return (10_000 * ((ask[i] as number) - (bid[i] as number))) / middle;
      }),
    ];
  },
};
