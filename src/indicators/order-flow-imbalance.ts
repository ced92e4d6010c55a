import type { Graph, GraphNode } from './graph.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { columnOf } from './plain-columns.ts';

/** Signed trade flow: buyers' less sellers' volume as a share of what could be signed. */
export const orderFlowImbalance: Indicator = {
  name: 'order_flow_imbalance',
  title: 'Order-flow imbalance',
  source: 'Σ(buy − sell)/Σ(buy + sell) over the last n bars; trades signed by aggressor flag, quote rule or tick rule',
  inputs: ['buyVolume', 'sellVolume'],
  parameters: [lengthParameter(1)],
  outputs: [
    {
      name: 'order_flow_imbalance',
      description: 'Balance of buyer- and seller-initiated volume',
      unit: '-1..1',
      missingWhen: 'no trade of the window could be signed',
    },
  ],
  build(graph, parameters) {
    const length = parameter(parameters, 0);
    const buy = graph.mean(signedPart(graph, graph.input('buyVolume')), length);
    const sell = graph.mean(signedPart(graph, graph.input('sellVolume')), length);
    const total = graph.add(buy, sell);
    const balance = graph.div(graph.sub(buy, sell), total);
    return [graph.select(graph.less(graph.constant(0), total), balance, graph.constant(Number.NaN))];
  },
  wholeHistory({ buyVolume, sellVolume }, parameters) {
    const length = parameter(parameters, 0);
    return [
      columnOf(buyVolume.length, (i) => {
        if (i < length - 1) return Number.NaN;
        let buy = 0;
        let sell = 0;
        for (let k = i - length + 1; k <= i; k++) {
          buy += Number.isNaN(buyVolume[k] as number) ? 0 : (buyVolume[k] as number);
          sell += Number.isNaN(sellVolume[k] as number) ? 0 : (sellVolume[k] as number);
        }
        return buy + sell > 0 ? (buy - sell) / (buy + sell) : Number.NaN;
      }),
    ];
  },
};

/** A bar of which nothing is known adds nothing, instead of spoiling the window. */
function signedPart(graph: Graph, volume: GraphNode): GraphNode {
  const zero = graph.constant(0);
  return graph.select(graph.less(zero, volume), volume, zero);
}
