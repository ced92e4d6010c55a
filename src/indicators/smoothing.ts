import type { Graph, GraphNode } from './graph.ts';

/**
 * Exponential average, seeded with the simple average of its first `length` values as TA-Lib does: the k-th value gets
 * the weight 1/k until `length`, then `weight`. `delayBars` lets the seed begin later.
 */
function seededAverage(graph: Graph, x: GraphNode, length: number, weight: number, delayBars: number): GraphNode {
  const start = x.warm + delayBars;
  const key = `average:${x.id}:${length}:${weight}:${delayBars}`;
  return graph.register(key, { initial: 0, warm: start + length - 1 }, (old) => {
    const k = graph.sub(graph.count(), graph.constant(start));
    const alpha = graph.since(start + length, graph.constant(weight), graph.div(graph.constant(1), k));
    const moved = graph.add(old, graph.mul(graph.sub(x, old), alpha));
    return graph.since(start, moved, old);
  });
}

/** Exponential moving average with weight 2/(length+1). */
export function exponentialAverage(graph: Graph, x: GraphNode, length: number, delayBars = 0): GraphNode {
  return seededAverage(graph, x, length, 2 / (length + 1), delayBars);
}

/** Wilder's average: weight 1/length. */
export function wilderAverage(graph: Graph, x: GraphNode, length: number): GraphNode {
  return seededAverage(graph, x, length, 1 / length, 0);
}

/**
 * Wilder's running total as his directional movement uses it: the plain sum of the first `length`-1 values, then
 * S - S/length + x. Valid from the `length`-th value on.
 */
export function wilderTotal(graph: Graph, x: GraphNode, length: number): GraphNode {
  const start = x.warm;
  return graph.register(`total:${x.id}:${length}`, { initial: 0, warm: start + length - 1 }, (old) => {
    const kept = graph.since(start + length - 1, graph.sub(old, graph.mul(old, graph.constant(1 / length))), old);
    return graph.since(start, graph.add(kept, x), old);
  });
}

/** Running sum of `x`, started anew on bars where `restart` holds. */
export function runningTotal(graph: Graph, x: GraphNode, restart?: GraphNode): GraphNode {
  const key = `running:${x.id}:${restart?.id ?? ''}`;
  return graph.register(key, { initial: 0, warm: x.warm }, (old) => {
    const total = graph.add(old, x);
    return graph.since(x.warm, restart === undefined ? total : graph.select(restart, x, total), old);
  });
}

/** Numerator over denominator, and `otherwise` where the denominator is 0. */
export function ratioOr(graph: Graph, over: GraphNode, under: GraphNode, otherwise: GraphNode): GraphNode {
  return graph.select(graph.equal(under, graph.constant(0)), otherwise, graph.div(over, under));
}

/** Below this a sum of moves counts as no move at all, as in TA-Lib (its TA_EPSILON). */
export const NEARLY_ZERO = 1e-14;
