import type { Graph, GraphNode } from './graph.ts';
import type { Indicator } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Node of the true range; valid from the second bar on, because it needs the close before. */
export function trueRangeNode(graph: Graph): GraphNode {
  const before = graph.previous(graph.input('close'));
  return graph.sub(graph.max(graph.input('high'), before), graph.min(graph.input('low'), before));
}

/** True range of one bar. */
export const trueRange: Indicator = {
  name: 'true_range',
  title: 'True range',
  source: 'Wilder 1978; TA-Lib TRANGE',
  inputs: ['high', 'low', 'close'],
  parameters: [],
  outputs: [
    { name: 'true_range', description: 'Range of the bar including the gap from the close before', unit: 'price' },
  ],
  build(graph) {
    return [trueRangeNode(graph)];
  },
  wholeHistory({ high, low, close }) {
    return [
      columnOf(close.length, (i) => {
        if (i === 0) return Number.NaN;
        const before = close[i - 1] as number;
        const h = high[i] as number;
        const l = low[i] as number;
        return Math.max(h - l, Math.abs(h - before), Math.abs(l - before));
      }),
    ];
  },
};
