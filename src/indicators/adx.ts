import type { BarColumns } from './bar-input.ts';
import { directionalColumns, directionalNodes } from './directional-movement.ts';
import type { Graph, GraphNode } from './graph.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';
import { missingColumn } from './plain-columns.ts';

/**
 * Node of the ADX: mean of the first n directional indices, then Wilder's average. A bar on which neither direction
 * moved adds 0 to the seed and leaves the average as it is afterwards.
 */
export function adxNode(graph: Graph, length: number): GraphNode {
  const { index, isDefined } = directionalNodes(graph, length);
  const start = index.warm;
  return graph.register(`adx:${index.id}:${length}`, { initial: 0, warm: start + length - 1 }, (old) => {
    const k = graph.sub(graph.count(), graph.constant(start));
    const alpha = graph.since(start + length, graph.constant(1 / length), graph.div(graph.constant(1), k));
    const taken = graph.select(isDefined, index, graph.since(start + length, old, graph.constant(0)));
    const moved = graph.add(old, graph.mul(graph.sub(taken, old), alpha));
    return graph.since(start, moved, old);
  });
}

export function adxColumn(columns: BarColumns, length: number): Float64Array {
  const { index } = directionalColumns(columns, length);
  const out = missingColumn(index.length);
  const seedAt = 2 * length - 1;
  if (seedAt >= index.length) return out;
  let sum = 0;
  for (let i = length; i <= seedAt; i++) if (!Number.isNaN(index[i] as number)) sum += index[i] as number;
  let average = sum / length;
  out[seedAt] = average;
  for (let i = seedAt + 1; i < index.length; i++) {
    const value = index[i] as number;
    if (!Number.isNaN(value)) average = (average * (length - 1) + value) / length;
    out[i] = average;
  }
  return out;
}

/** Average directional index. */
export const adx: Indicator = {
  name: 'adx',
  title: 'Average directional index',
  source: 'Wilder 1978; TA-Lib ADX',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'adx', description: 'Strength of the trend, whatever its direction', unit: '0..100' }],
  build(graph, parameters) {
    return [adxNode(graph, parameter(parameters, 0))];
  },
  wholeHistory(columns, parameters) {
    return [adxColumn(columns, parameter(parameters, 0))];
  },
};
